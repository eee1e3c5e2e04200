"""The few words that are ours and not the knowledge's: greetings and questions. None states a fact."""

from __future__ import annotations

from typing import Literal

from pipelines.contracts import Lang

Address = Literal["vous", "tu"]
Fact = Literal[
    "order_id", "photos", "serial_number", "product", "fault_details", "address", "rma_id", "repair_id"
]

FACTS: tuple[Fact, ...] = (
    "order_id", "photos", "serial_number", "product", "fault_details", "address", "rma_id", "repair_id",
)  # fmt: skip

GREETING: dict[Lang, tuple[str, str]] = {
    "fr": ("Bonjour {name} !", "Bonjour !"),
    "en": ("Hello {name}!", "Hello!"),
    "es": ("¡Hola, {name}!", "¡Hola!"),
}
"""With and without a first name."""

ASK: dict[Lang, dict[Fact, tuple[str, str]]] = {
    "fr": {
        "order_id": (
            "Pouvez-vous me donner votre numéro de commande, s'il vous plaît ?",
            "Peux-tu me donner ton numéro de commande, s'il te plaît ?",
        ),
        "photos": (
            "Pouvez-vous m'envoyer des photos de l'appareil, de l'emballage et de l'étiquette, "
            "s'il vous plaît ?",
            "Peux-tu m'envoyer des photos de l'appareil, de l'emballage et de l'étiquette, s'il te plaît ?",
        ),
        "serial_number": (
            "Pouvez-vous me donner le numéro de série inscrit sur la plaque de l'appareil, s'il vous plaît ?",
            "Peux-tu me donner le numéro de série inscrit sur la plaque de l'appareil, s'il te plaît ?",
        ),
        "product": (
            "De quel appareil s'agit-il, s'il vous plaît ?",
            "De quel appareil s'agit-il, s'il te plaît ?",
        ),
        "fault_details": (
            "Pouvez-vous me décrire ce qui se passe exactement : bruit, voyant, code affiché, fuite ?",
            "Peux-tu me décrire ce qui se passe exactement : bruit, voyant, code affiché, fuite ?",
        ),
        "address": (
            "Quelle est l'adresse complète, avec le code postal, s'il vous plaît ?",
            "Quelle est l'adresse complète, avec le code postal, s'il te plaît ?",
        ),
        "rma_id": (
            "Pouvez-vous me donner votre numéro de retour, s'il vous plaît ?",
            "Peux-tu me donner ton numéro de retour, s'il te plaît ?",
        ),
        "repair_id": (
            "Pouvez-vous me donner votre numéro de dossier de réparation, s'il vous plaît ?",
            "Peux-tu me donner ton numéro de dossier de réparation, s'il te plaît ?",
        ),
    },
    "en": {
        "order_id": ("Could you give me your order number, please?",) * 2,
        "photos": ("Could you send me photos of the appliance, the packaging and the label, please?",) * 2,
        "serial_number": ("Could you give me the serial number on the rating plate, please?",) * 2,
        "product": ("Which appliance is this about, please?",) * 2,
        "fault_details": ("Could you tell me exactly what happens: noise, light, error code, leak?",) * 2,
        "address": ("What is the full address with its postcode, please?",) * 2,
        "rma_id": ("Could you give me your return number, please?",) * 2,
        "repair_id": ("Could you give me your repair file number, please?",) * 2,
    },
    "es": {
        "order_id": (
            "¿Puede darme su número de pedido, por favor?",
            "¿Puedes darme tu número de pedido, por favor?",
        ),
        "photos": (
            "¿Puede enviarme fotos del aparato, del embalaje y de la etiqueta, por favor?",
            "¿Puedes enviarme fotos del aparato, del embalaje y de la etiqueta, por favor?",
        ),
        "serial_number": (
            "¿Puede darme el número de serie de la placa del aparato, por favor?",
            "¿Puedes darme el número de serie de la placa del aparato, por favor?",
        ),
        "product": ("¿De qué aparato se trata, por favor?",) * 2,
        "fault_details": (
            "¿Puede describir qué ocurre exactamente: ruido, luz, código, fuga?",
            "¿Puedes describir qué ocurre exactamente: ruido, luz, código, fuga?",
        ),
        "address": ("¿Cuál es la dirección completa, con el código postal, por favor?",) * 2,
        "rma_id": (
            "¿Puede darme su número de devolución, por favor?",
            "¿Puedes darme tu número de devolución, por favor?",
        ),
        "repair_id": (
            "¿Puede darme su número de reparación, por favor?",
            "¿Puedes darme tu número de reparación, por favor?",
        ),
    },
}  # fmt: skip
"""Formal and familiar question for each missing fact."""


def greeting(lang: Lang, first_name: str) -> str:
    """Example:
    >>> greeting("fr", "Marie")
    'Bonjour Marie !'
    """
    named, bare = GREETING[lang]
    return named.format(name=first_name) if first_name else bare


def question_for(fact: Fact, lang: Lang, address: Address) -> str:
    """Example:
    >>> question_for("product", "en", "vous")
    'Which appliance is this about, please?'
    """
    formal, familiar = ASK[lang][fact]
    return formal if address == "vous" else familiar
