"""What commits the brand: refunds, gestures, replacements, delays, guarantees; in three languages.

A reply may state such a thing only where its source states it. What a customer wrote is no source here:
"you promised me 300 €" in the thread makes no promise of it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pipelines.text import fold

_KINDS = {
    "refund": r"rembours\w*|\brefund\w*|money back|\breimburs\w*|reembols\w*"
    r"|devol(?:ver|vemos|veremos|uci\w+) (?:el |su |tu |del )?(?:dinero|importe)",
    "gesture": r"geste commercia\w*|\bgestes? (?:de|en)\b|bons? d'achat|\bavoirs?\b(?= de)"
    r"|\bremises?\b(?! en)|reduction\w*|rabais|code promo\w*|\boffr(?:e|ons|ez|ir|irons)\b|gratui\w*"
    r"|dedommag\w*|indemni\w*|compens\w*|cadeau\w*|voucher\w*|discount\w*|coupon\w*"
    r"|free of charge|\bfor free\b|\bfree\b|goodwill"
    r"|store credit|\bgift\w*|\bvales?\b(?= de)|descuento\w*|cupon\w*|gratis|gratuit\w*|regal\w*"
    r"|bonific\w*"
    r"|\boffert\w*|\boffer(?:ed|ing|s)?\b|\bofre[cz]\w*|sans frais|no charge|sin (?:coste|cargo|gastos)",
    "replacement": r"remplac\w*|\bechang(?:e|er|erons|eons|ez)\b|\breplac\w*|\bexchang\w*|"
    r"reemplaz\w*|sustitu\w*|\bcambi(?:ar|amos|aremos|o)\b",
    "guarantee": r"garanti\w*|guarante\w*|warrant\w*|garantiz\w*|\bassur(?:ons|e que|ance)\b|"
    r"promet\w*|promis\w*|\bengag(?:eons|e a|ement)\b|\bwe ensure\b|asegur(?:amos|o que)|comprometemos",
    "today": r"aujourd'?hui|\btoday\b|\bhoy\b|ce soir|tonight|esta (?:tarde|noche)|ce matin|this morning"
    r"|cet apres-midi|this afternoon",
    "tomorrow": r"\bdemain\b|\btomorrow\b|\bmanana\b",
    "at_once": r"immediate\w*|tout de suite|instant\w*|de inmediato|inmediat\w*|right away|straight away"
    r"|enseguida|en seguida|sur-le-champ|sans delai|without delay|sin demora|right now|at once|ya mismo",
    "soon": r"semaine prochaine|next week|proxima semana|cette semaine|this week|esta semana|mois prochain"
    r"|next month|proximo mes|quelques (?:jours|heures|minutes)|a few (?:days|hours|minutes)"
    r"|(?:unos|pocos) (?:dias|minutos)|(?:unas|pocas) horas|rapidement|au plus vite|des que possible"
    r"|as soon as possible|cuanto antes|lo antes posible",
    "monday": r"\blundis?\b|\bmondays?\b|\blunes\b", "tuesday": r"\bmardis?\b|\btuesdays?\b|\bmartes\b",
    "wednesday": r"\bmercredis?\b|\bwednesdays?\b|\bmiercoles\b",
    "thursday": r"\bjeudis?\b|\bthursdays?\b|\bjueves\b",
    "friday": r"\bvendredis?\b|\bfridays?\b|\bviernes\b",
    "saturday": r"\bsamedis?\b|\bsaturdays?\b|\bsabados?\b",
    "sunday": r"\bdimanches?\b|\bsundays?\b|\bdomingos?\b",
    "whole": r"integral\w*|en totalite|\btotalite\b|\bin full\b|\bfull (?:refund|amount)\b|totalidad"
    r"|\bdouble\b|\bdoble\b|triple|\bmoitie\b|\bhalf\b|\bmitad\b|deux fois|\btwice\b|a vie\b"
    r"|lifetime|de por vida"
    r"|illimite\w*|unlimited|ilimitad\w*",
    "exception": r"exception\w*|exceptionnel\w*|excepcion\w*|a titre commercial|as a courtesy|one-off",
}  # fmt: skip
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _KINDS.items()}
_FR = "rembourse|annule|valide|accepte|envoye|effectue|applique|credite|modifie|lance"
_EN = "refunded|cancelled|canceled|approved|accepted|sent|applied|credited|processed|issued"
_ES = "reembolsado|cancelado|aprobado|aceptado|enviado|aplicado|abonado|tramitado"
_DONE = re.compile(
    rf"\bj'ai (?:bien )?(?:{_FR})|\bnous (?:vous )?avons (?:bien )?(?:{_FR})"
    rf"|\b(?:i|we)(?:'ve| have)?(?: just| already)? (?:{_EN})|\bhe(?:mos)? (?:{_ES})"
)
"""Claims to have done something: a drafted reply has done nothing."""


@lru_cache(maxsize=4_096)
def commitments(text: str) -> frozenset[str]:
    """The kinds of commitment that ``text`` speaks of; the same names in all three languages.

    Example:
        >>> sorted(commitments("Nous vous remboursons intégralement dès demain."))
        ['refund', 'tomorrow', 'whole']
    """
    folded = fold(text).replace("’", "'")
    found = {kind for kind, pattern in _PATTERNS.items() if pattern.search(folded)}
    return frozenset(found | ({"done"} if _DONE.search(folded) else set()))


def unkept(sentence: str, source: str) -> frozenset[str]:
    """What ``sentence`` commits to and ``source`` does not speak of.

    Example:
        >>> sorted(unkept("You get a voucher tomorrow.", "A voucher is sent by e-mail."))
        ['tomorrow']
    """
    return commitments(sentence) - commitments(source)
