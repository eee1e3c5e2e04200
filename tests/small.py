"""A small help centre of a bicycle shop, and an assistant over it: nothing that was learnt helps here."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

from pipelines.assistant import Assistant
from pipelines.contracts import BundleRef, Message, SuggestAnswer, SuggestRequest
from pipelines.deciding.answering import Answering
from pipelines.definitions import write_definitions
from pipelines.embedding import Encoder
from pipelines.index import index_folder
from pipelines.knowledge.store import PassageStore
from pipelines.settings import Settings
from pipelines.understanding.intent_training import train_intents

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
BAR = 0.3
"""Nothing is fitted here, so the bar is set by hand: tests ask what these articles plainly answer."""

INTERNAL = "Un geste commercial de 20 € au plus peut être offert sans accord du responsable."

ARTICLES = {
    "livraison": ("fr", "Livraison de votre vélo", "delivery", "public", """
Votre vélo arrive réglé et prêt à rouler.

## Combien de temps prend la livraison ?
La livraison standard prend 3 jours ouvrés. La livraison express prend 24 heures.

## Combien coûte la livraison ?
La livraison standard coûte 4,90 €. Elle est gratuite à partir de 60 € d'achat.
"""),
    "retours": ("fr", "Retourner un article", "returns", "public", """
## Combien de temps pour retourner un article ?
Vous avez 30 jours après réception pour retourner un article neuf. Un vélo qui a roulé n'est pas repris.

## Comment préparer le colis de retour ?
Imprimez l'étiquette de retour depuis votre compte. Collez-la sur le carton d'origine.
"""),
    "remboursement": ("fr", "Être remboursé", "refund", "public", """
## Quand serez-vous remboursé ?
Le remboursement est fait sous 14 jours après réception du retour. Il revient sur la carte qui a payé.
"""),
    "garantie": ("fr", "La garantie du cadre", "warranty", "public", """
## Combien de temps le cadre est-il garanti ?
Le cadre est garanti 5 ans. Les pièces d'usure ne sont pas couvertes par la garantie.
"""),
    "atelier": ("fr", "L'atelier de Nancy", "opening_hours", "public", """
## Quels sont les horaires de l'atelier ?
L'atelier est ouvert du mardi au samedi, de 9 h à 18 h. Il est fermé le dimanche.
"""),
    "batterie": ("fr", "Charger la batterie", "battery", "public", """
## Combien de temps dure une charge ?
Une charge complète de la batterie dure 4 heures. Débranchez le chargeur quand le voyant est vert.
"""),
    "gestes": ("fr", "Gestes commerciaux", "refund", "agent", f"""
## Quel geste commercial peut être offert ?
{INTERNAL}
"""),
    "shipping": ("en", "Delivery of your bike", "delivery", "public", """
## How long does delivery take?
Standard delivery takes 3 working days. Express delivery takes 24 hours.
"""),
}  # fmt: skip

MACRO = (
    """Bonjour {{first_name}}, votre commande {{order_id}} est partie. Elle arrive le {{delivery_date}}."""
)

INTENTS = {
    "delivery": ["combien de temps prend la livraison", "quand arrive mon vélo", "combien coûte la livraison",
                 "frais de port", "how long does delivery take", "cuánto tarda el envío"],
    "track_order": ["où est ma commande", "suivi de mon colis", "ma commande est partie ?",
                    "where is my order", "dónde está mi pedido", "je n'ai pas de nouvelles de ma commande"],
    "returns": ["comment retourner un article", "je veux renvoyer mon casque", "délai de retour",
                "how do i return this", "quiero devolver un artículo", "où trouver l'étiquette de retour"],
    "refund": ["quand serai-je remboursé", "mon remboursement", "je veux mon argent", "when is my refund",
               "cuándo me devuelven el dinero", "remboursement pas reçu"],
    "warranty": ["le cadre est-il garanti", "durée de la garantie", "is the frame under warranty",
                 "la garantie couvre quoi", "está en garantía", "garantie du vélo"],
    "opening_hours": ["horaires de l'atelier", "vous êtes ouverts le samedi", "opening hours",
                      "à quelle heure ouvrez-vous", "a qué hora abren", "ouvert le dimanche ?"],
    "battery": ["combien de temps pour charger la batterie", "la batterie ne charge pas",
                "battery charge time", "durée d'une charge", "cuánto tarda la batería", "voyant du chargeur"],
    "thanks": ["merci beaucoup", "merci bonne journée", "thank you so much", "muchas gracias",
               "merci à vous"],
    "greeting": ["bonjour", "bonsoir", "hello there", "hola buenas", "salut"],
    "oos": ["raconte une blague", "quelle heure est-il à Tokyo", "who won the match", "receta de tortilla",
            "capitale du Pérou", "écris un poème sur la mer", "qui est le président"],
}  # fmt: skip

CATALOGUE = [{"reference": "VL-BAT", "name": "Lueur 400", "words": {"fr": ["batterie"], "en": ["battery"]}}]


def write_knowledge(folder: Path) -> Path:
    """The help centre as Markdown files."""
    folder.mkdir(parents=True)
    for name, (lang, title, intent, audience, body) in ARTICLES.items():
        head = f"---\nid: {name}\nlang: {lang}\ntitle: {title}\nurl: https://velo.example/{name}\n"
        text = f"{head}intents: [{intent}]\naudience: {audience}\n---\n{body}"
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    head = (
        "---\nid: macro-parti\nlang: fr\ntitle: Commande partie\nkind: macro\nintents: [track_order]\n---\n"
    )
    (folder / "macro.md").write_text(head + MACRO + "\n", encoding="utf-8")
    return folder


def make_bundle(root: Path) -> Path:
    """Index, intent model, bar and definitions, laid out as a bundle is; a few seconds."""
    knowledge = write_knowledge(root.parent / f"{root.name}-knowledge")
    report = index_folder(knowledge, PassageStore(str(root / "index")), str(CACHE))
    assert not report.problems
    rows = [{"text": text, "intent": label} for label, texts in INTENTS.items() for text in texts]
    train_intents(rows, Encoder(CACHE)).save(root / "models" / "intents")
    untrained = Answering.untrained()
    confidence = replace(untrained.confidence, thresholds=((0.1, BAR),))
    replace(untrained, confidence=confidence).save(root / "models" / "answering.json")
    write_definitions(root / "pipelines")
    (root / "catalogue.json").write_text(json.dumps(CATALOGUE), encoding="utf-8")
    shutil.copytree(ROOT / "datasets" / "templates", root / "templates")
    return root


def assistant_over(root: Path, **settings: object) -> Assistant:
    """A warm assistant over a folder of :func:`make_bundle`."""
    defaults: dict[str, object] = {"cache": CACHE, "links": "velo.example"}
    made = Assistant(root, BundleRef(id="small"), Settings(_env_file=None, **(defaults | settings)))  # type: ignore[arg-type]
    made.warm_up()
    return made


def ask(assistant: Assistant, *texts: str, **fields: object) -> SuggestAnswer:
    """What is suggested after these messages of a customer."""
    thread = [Message(id=f"m{i}", role="customer", text=text) for i, text in enumerate(texts)]
    return assistant.suggest(SuggestRequest(thread=thread, **fields))  # type: ignore[arg-type]
