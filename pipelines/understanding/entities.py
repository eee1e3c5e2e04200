"""Order numbers, parcels, amounts, dates and contact details, with their exact positions.

Kinds are sought from the most to the least specific; a span that is taken is not given twice, so that the
digits of an order are never a phone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from pipelines.contracts import Entity, EntityKind
from pipelines.text import fold
from pipelines.understanding.dates import date_spans

MAX_CHARS = 20_000
REGIONS = {"fr": "FR", "en": "GB", "es": "ES"}

DEMO_PRODUCTS: Mapping[str, str] = {
    "ruisseau 8": "CRF-LL80", "ruisseau": "CRF-LL80", "brume 7": "CRF-SL70", "brume": "CRF-SL70",
    "clairon 14": "CRF-LV14", "clairon": "CRF-LV14", "banquise 310": "CRF-RF310", "banquise": "CRF-RF310",
    "braise 70": "CRF-FO70", "braise": "CRF-FO70", "minute 25": "CRF-MO25", "brindille x2": "CRF-AS22",
    "brindille": "CRF-AS22", "furet 3": "CRF-RA30", "furet": "CRF-RA30", "aurore": "CRF-CG15",
    "marmiton": "CRF-RC45", "sifflet": "CRF-BO17", "croustille": "CRF-GP02", "zephyr 5": "CRF-FA50",
    "zephyr": "CRF-FA50", "alize": "CRF-PA40", "nuage pro": "CRF-CV90",
}  # fmt: skip
"""Folded product names of the demo brand and their references."""

_DIGIT = re.compile(r"\d")
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"']+", re.IGNORECASE)
_EMAIL = re.compile(r"[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24}")
_ORDER = re.compile(r"\bCF\s?[-–]?\s?(\d{8})\b", re.IGNORECASE)
_ORDER_WORD = re.compile(
    r"\b(?:commande|cde|cmd|order|pedido|n[°ºo]|num[eé]ro|number|n[uú]mero)\s*(?:n[°ºo]\.?|num[eé]ro|number|#|:)?\s*(\d{8})\b",
    re.IGNORECASE,
)
_ORDER_BARE = re.compile(r"(?<![\w+.,/-])(?<!\d[ .])(\d{8})(?![\w/-])(?![ .,]?\d)")
"""Eight digits alone: what a customer answers when asked for the order number."""
_TRACKING = re.compile(r"\b(6A\s?\d{11}|TRZ\s?-?\d{9})\b", re.IGNORECASE)
_RETURN = re.compile(r"\bRMA\s?[-–]?\s?(\d{6})\b", re.IGNORECASE)
_REPAIR = re.compile(r"\bREP\s?[-–]?\s?(\d{6})\b", re.IGNORECASE)
_REFERENCE = re.compile(r"\bCRF\s?[-–]?\s?([A-Z]{2}\d{2,3})\b", re.IGNORECASE)
_NUMBER = r"[0-9]{1,3}(?:[ .\u00a0\u202f][0-9]{3})+(?:[.,][0-9]{1,2})?|[0-9]{1,6}(?:[.,][0-9]{1,2})?"
_AMOUNT = re.compile(
    rf"(?<![\w.,-])(?:(?P<before>[€$£])\s?(?P<a>{_NUMBER})|(?P<b>{_NUMBER})\s?(?P<after>€\s?\d{{2}}\b|[€$£]|e?uros?\b|eur\b|balles\b|"
    r"pounds?\b|dollars?\b|d[oó]lares\b|libras\b))",
    re.IGNORECASE,
)
_CURRENCY = {"€": "EUR", "e": "EUR", "b": "EUR", "$": "USD", "d": "USD", "£": "GBP", "p": "GBP", "l": "GBP"}

Found = tuple[int, int, str]
Finder = tuple[EntityKind, Callable[[], Iterator[Found]]]


def entities(text: str, lang: str, products: Mapping[str, str] = DEMO_PRODUCTS) -> tuple[Entity, ...]:
    """Typed spans of ``text`` in order of position, none overlapping.

    Args:
        lang: decides the phone region and the reading of numeric dates (day first everywhere).
        products: folded product name -> reference.

    Example:
        >>> [(e.kind, e.value) for e in entities("cf 24871093 payée 4,90 €", "fr")]
        [('order', 'CF-24871093'), ('amount', '4.90 EUR')]
    """
    text = text[:MAX_CHARS]
    numbered = _numbered(text, lang) if _DIGIT.search(text) else []
    finders: list[Finder] = [
        ("url", lambda: _links(text)),
        ("email", lambda: _matches(_EMAIL, text, lambda m: m.group().lower())),
        *numbered,
        ("date", lambda: iter(date_spans(text, lang))),
        ("product", lambda: _products(text, products)),
    ]
    taken = [False] * len(text)
    out: list[Entity] = []
    for kind, find in finders:
        for start, end, value in find():
            if start < end and not any(taken[start:end]):
                taken[start:end] = [True] * (end - start)
                out.append(Entity(kind, text[start:end], value, start, end))
    return tuple(sorted(out, key=lambda entity: entity.start))


def _numbered(text: str, lang: str) -> list[Finder]:
    """Finders of what has a digit in it."""
    return [
        ("order", lambda: _matches(_ORDER, text, lambda m: f"CF-{m.group(1)}")),
        ("tracking", lambda: _matches(_TRACKING, text, lambda m: re.sub(r"[\s-]", "", m.group()).upper())),
        ("return", lambda: _matches(_RETURN, text, lambda m: f"RMA-{m.group(1)}")),
        ("repair", lambda: _matches(_REPAIR, text, lambda m: f"REP-{m.group(1)}")),
        ("product", lambda: _matches(_REFERENCE, text, lambda m: f"CRF-{m.group(1).upper()}")),
        ("order", lambda: _matches(_ORDER_WORD, text, lambda m: f"CF-{m.group(1)}")),
        ("order", lambda: _matches(_ORDER_BARE, text, lambda m: f"CF-{m.group(1)}")),
        ("phone", lambda: _phones(text, lang)),
        ("amount", lambda: _matches(_AMOUNT, text, _amount)),
    ]


def _matches(pattern: re.Pattern[str], text: str, value: Callable[[re.Match[str]], str]) -> Iterator[Found]:
    for match in pattern.finditer(text):
        yield match.start(), match.end(), value(match)


def _links(text: str) -> Iterator[Found]:
    for match in _URL.finditer(text):
        link = match.group().rstrip(".,;:!?)]}»”")
        yield match.start(), match.start() + len(link), link


def _phones(text: str, lang: str) -> Iterator[Found]:
    if sum(char.isdigit() for char in text) < 8:
        return
    import phonenumbers

    for match in phonenumbers.PhoneNumberMatcher(text, REGIONS.get(lang, "FR")):
        value = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        yield match.start, match.end, value


def _amount(match: re.Match[str]) -> str:
    number = re.sub(r"[ \u00a0\u202f]", "", match.group("a") or match.group("b"))
    after = match.group("after") or ""
    if cents := re.fullmatch(r"€\s?(\d{2})", after):
        number += f".{cents.group(1)}"  # "4€90"
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+", number) or re.search(r"\.\d{3},", number):
        number = number.replace(".", "")
    symbol = (match.group("before") or after)[:1].lower()
    return f"{number.replace(',', '.')} {_CURRENCY.get(symbol, 'EUR')}"


def _products(text: str, products: Mapping[str, str]) -> Iterator[Found]:
    # Folding may change lengths ("œ"): names are sought word by word, each word keeping its own place.
    tokens = [(fold(m.group()), m.start(), m.end()) for m in re.finditer(r"\w+", text)]
    longest = max((name.count(" ") + 1 for name in products), default=0)
    firsts = {name.partition(" ")[0] for name in products}
    i = 0
    while i < len(tokens):
        if tokens[i][0] not in firsts:
            i += 1
            continue
        for size in range(min(longest, len(tokens) - i), 0, -1):
            name = " ".join(token for token, _, _ in tokens[i : i + size])
            if name in products:
                yield tokens[i][1], tokens[i + size - 1][2], products[name]
                i += size - 1
                break
        i += 1
