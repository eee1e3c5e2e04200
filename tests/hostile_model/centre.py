"""A help centre in three languages, and the service over it with a model at some address."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from small import CACHE, make_bundle, write_knowledge

from pipelines.embedding import VARIANT
from pipelines.generating.prompts import FOLDER, PromptBook
from pipelines.index import index_folder
from pipelines.knowledge.store import PassageStore
from pipelines.settings import Settings
from service.freezing import freeze

MORE = {
    "returns-en": (
        "en",
        "Returning an item",
        "returns",
        """
## How long do I have to return an item?
You have 30 days after receiving it to return a new item. A bike that has been ridden is not taken back.
""",
    ),
    "refund-en": (
        "en",
        "Being refunded",
        "refund",
        """
## When is the refund made?
The refund is made within 14 days of receiving the return. It goes back to the card that paid.
""",
    ),
    "warranty-en": (
        "en",
        "The frame warranty",
        "warranty",
        """
## How long is the frame guaranteed?
The frame is guaranteed for 5 years. Wearing parts are not covered by the warranty.
""",
    ),
    "hours-en": (
        "en",
        "The Nancy workshop",
        "opening_hours",
        """
## What are the opening hours?
The workshop is open from Tuesday to Saturday, from 9 am to 6 pm. It is closed on Sunday.
""",
    ),
    "envio": (
        "es",
        "El envío de su bicicleta",
        "delivery",
        """
## ¿Cuánto tarda el envío?
El envío estándar tarda 3 días laborables. El envío exprés tarda 24 horas.

## ¿Cuánto cuesta el envío?
El envío estándar cuesta 4,90 €. Es gratis a partir de 60 € de compra.
""",
    ),
    "devoluciones": (
        "es",
        "Devolver un artículo",
        "returns",
        """
## ¿Cuánto tiempo tengo para devolver un artículo?
Tiene 30 días tras la recepción para devolver un artículo nuevo. No se acepta una bicicleta que ha rodado.
""",
    ),
    "reembolso": (
        "es",
        "Recibir el reembolso",
        "refund",
        """
## ¿Cuándo recibo el reembolso?
El reembolso se hace en 14 días tras recibir la devolución. Vuelve a la tarjeta que pagó.
""",
    ),
    "garantia": (
        "es",
        "La garantía del cuadro",
        "warranty",
        """
## ¿Cuánto tiempo está garantizado el cuadro?
El cuadro está garantizado 5 años. Las piezas de desgaste no están cubiertas por la garantía.
""",
    ),
    "taller": (
        "es",
        "El taller de Nancy",
        "opening_hours",
        """
## ¿Qué horario tiene el taller?
El taller está abierto de martes a sábado, de 9 h a 18 h. Está cerrado el domingo.
""",
    ),
}

QUESTIONS = {
    "fr": [
        "combien de temps prend la livraison ?",
        "combien coûte la livraison ?",
        "quand serai-je remboursé ?",
        "le cadre est garanti combien de temps ?",
        "quels sont les horaires de l'atelier ?",
        "combien de temps pour retourner un article ?",
    ],
    "en": [
        "how long does delivery take?",
        "when is my refund made?",
        "how long is the frame guaranteed?",
        "what are the opening hours of the workshop?",
        "how long do I have to return an item?",
    ],
    "es": [
        "¿cuánto tarda el envío?",
        "¿cuánto cuesta el envío?",
        "¿cuándo recibo el reembolso?",
        "¿cuánto tiempo está garantizado el cuadro?",
        "¿qué horario tiene el taller?",
        "¿cuánto tiempo tengo para devolver un artículo?",
    ],
}


def make_home(home: Path) -> Path:
    """A home with the frozen bundle of the three-language centre; a few seconds."""
    root = make_bundle(home / "small" / "bundle")
    knowledge = write_knowledge(home / "knowledge")
    for name, (lang, title, intent, body) in MORE.items():
        head = f"---\nid: {name}\nlang: {lang}\ntitle: {title}\nurl: https://velo.example/{name}\n"
        (knowledge / f"{name}.md").write_text(f"{head}intents: [{intent}]\n---\n{body}", encoding="utf-8")
    shutil.rmtree(root / "index")
    assert not index_folder(knowledge, PassageStore(str(root / "index")), str(CACHE)).problems
    parts = {path.name: path for path in root.iterdir()} | {"prompts": FOLDER}
    freeze(parts, home, model=VARIANT, prompts=PromptBook.load().hashes)
    return home


def settings_over(home: Path, url: str, **changes: Any) -> Settings:
    """Settings of the service over a home, with a model at ``url``."""
    given = {
        "llm_base_url": url,
        "llm_model": "hostile",
        "llm_api_key": "right",
        "links": "velo.example",
        "llm_breaker": 0,
        "llm_retries": 1,
        "llm_deadline_s": 0.6,
        "max_chars": 500,
    }
    return Settings(_env_file=None, home=home, cache=CACHE, **(given | changes))
