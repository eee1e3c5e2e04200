"""What kind of thing a question asks for, and whether a sentence gives it."""

from __future__ import annotations

import re
from collections.abc import Set

from pipelines.text import fold

_ASKS = {
    "amount": (
        r"combien (?:ca |cela |c'?est )?(?:cout|vaut|je (?:paye|vais))|combien|prix|tarif|cout|cher|frais|"
        r"gratuit|offert|pay(?:er|ant)|how much|price|cost|fee|charge|free|expensive|cuanto (?:cuesta|"
        r"vale|es)|cuanto|precio|cuesta|coste|gratis|cobra"
    ),
    "duration": (
        r"combien de (?:temps|jours?)|delai|quand|longtemps|duree|jusqu|date|how long|when|how many days|"
        r"how soon|until|deadline|cuanto tiempo|cuando|cuantos dias|plazo|tarda|hasta|fecha"
    ),
    "place": (
        r"\bou\b|adresse|quel(?:le)? (?:ville|magasin)|where|address|which (?:city|store)|donde|direccion"
    ),
    "hours": (
        r"horaire|heure|ouvert|ferm|dimanche|samedi|hours|open|close|sunday|saturday|horario|abre|abiert|"
        r"cierra|domingo|sabado"
    ),
    "how": (r"comment|faire pour|how (?:do|to|can)|what (?:do|should) i|como|que hago|que tengo que"),
    "contact": (r"telephone|numero|mail|joindre|appeler|phone|call|e-?mail|contact|llamar|correo|contactar"),
}
_GIVES = {
    "amount": (
        r"\d+(?:[.,]\d+)?\s?(?:€|euros?|%)|€\s?\d|gratuit|offert|sans frais|free|no charge|gratis|"
        r"gratuit[oa]|sin coste|sin gastos"
    ),
    "duration": (
        r"\d+\s?(?:h\b|heures?|jours?|mois|ans?|semaines?|minutes?|min\b|hours?|days?|months?|years?|"
        r"weeks?|horas?|dias?|meses|mes\b|anos?|semanas?|minutos?)|lendemain|next (?:working )?day|"
        r"dia siguiente|\d{1,2} (?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|"
        r"novembre|decembre)"
    ),
    "place": (
        r"\b\d{5}\b|\brue\b|quai|cours|street|lyon|nantes|lille|bordeaux|compte|account|cuenta|rubrique|"
        r"section"
    ),
    "hours": (r"\d{1,2}\s?(?:h|:)\s?\d{0,2}|\d{1,2} ?(?:am|pm)|dimanche|lundi|sunday|monday|domingo|lunes"),
    "how": (
        r"\b(?:appuyez|cliquez|ouvrez|choisissez|demandez|retirez|verifiez|contactez|indiquez|rendez-vous|"
        r"allez|lancez|tournez|maintenez|press|click|open|choose|ask|remove|check|contact|go to|hold|run|"
        r"pulse|haga clic|abra|elija|pida|retire|compruebe|contacte|vaya|mantenga|inicie)\b|\w+ez\b"
    ),
    "contact": r"@|\d{2} \d{2} \d{2} \d{2}|whatsapp|telephone|phone|telefono",
}

ASKS = {name: re.compile(pattern) for name, pattern in _ASKS.items()}
GIVES = {name: re.compile(pattern) for name, pattern in _GIVES.items()}


def asked(text: str) -> frozenset[str]:
    """The types a question asks for.

    Example:
        >>> sorted(asked("c'est combien la livraison ?"))
        ['amount']
    """
    folded = fold(text)
    return frozenset(name for name, pattern in ASKS.items() if pattern.search(folded))


def given(text: str, of: Set[str] = GIVES.keys()) -> frozenset[str]:
    """The types, among some, that a sentence gives.

    Example:
        >>> sorted(given("La livraison coûte 4,90 €."))
        ['amount']
    """
    folded = fold(text)
    return frozenset(name for name in of if GIVES[name].search(folded))
