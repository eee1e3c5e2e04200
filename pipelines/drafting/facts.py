"""The checkable facts of a text, made comparable: quantities, dates, codes, links, e-mails and phones."""

from __future__ import annotations

import re

from pipelines.text import fold

_DOMAINS = (
    "com|net|org|info|biz|io|ly|co|me|eu|fr|be|ch|es|uk|de|it|nl|pt|us|ru|cn|app|dev|shop|store|site|online"
    "|link|page|top|xyz|click|example"
)
_TOP = f"{_DOMAINS}|{_DOMAINS.upper()}"
# Bounded, and begun only where a token begins: a customer's longest message must not make any of these slow.
_HOST = r"(?<![\w@.-])(?:[\w-]{1,63}\.){1,20}"
_URL = re.compile(
    rf"(?i:(?:https?://|www\.)[^\s<>()\"']+|{_HOST}[\w-]{{1,63}}/[^\s<>()\"']*)"
    # A bare host is a link too: messengers make it one.
    rf"|{_HOST}(?:{_TOP})(?![\w@-]|\.\w)"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,20}")
_GAP = r"[ .\-\u202f\u00a0]"
_PHONE = re.compile(
    rf"(?<![\w+])(?:\+\d{{1,3}}(?:{_GAP}?\(?\d{{1,4}}\)?){{2,6}}|\(?\d{{2,4}}\)?(?:{_GAP}\d{{2,4}}){{3,5}})\b"
)
_CODE = re.compile(r"(?<![\w-])(?=[\w-]{0,63}\d)(?=[\w-]{0,63}[A-Za-z])[\w-]{2,64}")
_NUMBER = re.compile(r"\d+(?:[ \u202f\u00a0.,]\d{3})*(?:[.,]\d+)?|\d+")

_MONTHS = (
    "janvier january enero", "fevrier february febrero", "mars march marzo", "avril april abril",
    "mai may mayo", "juin june junio", "juillet july julio", "aout august agosto",
    "septembre september septiembre", "octobre october octubre", "novembre november noviembre",
    "decembre december diciembre",
)  # fmt: skip
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_NAMES = "|".join(_MONTH)
_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:er|st|nd|rd|th)?(?: de| of)? ({_NAMES})\b|\b({_NAMES}) (\d{{1,2}})(?:st|nd|rd|th)?\b"
)

_UNITS = {
    "minute": "min|minutes?|minutos?", "hour": "h|heures?|hours?|horas?", "day": "j|jours?|days?|dias?",
    "week": "semaines?|weeks?|semanas?", "month": "mois|months?|mes(?:es)?",
    "year": "ans?|annees?|years?|anos?",
    "euro": "€|eur|euros?", "percent": "%|pour ?cent|per ?cent|por ciento", "times": "fois|times|veces|x",
    "kilo": "kg|kilos?", "metre": "m|metres?|metros?", "centimetre": "cm",
    "litre": "l|litres?|liters?|litros?",
}  # fmt: skip
_UNIT = {name: re.compile(rf"(?:{pattern})") for name, pattern in _UNITS.items()}
_AMOUNT = r"\d{1,9}(?:[ \u202f\u00a0.,]\d{3}){0,3}(?:[.,]\d{1,4})?"
_QUANTITY = re.compile(
    rf"(?<![\d.,])({_AMOUNT})\s?(?:(?:working|business|full|calendar)\s)?({'|'.join(_UNITS.values())})(?!\w)"
    rf"|€\s?({_AMOUNT})"
)

_COUNTS = {
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze",
    "en": "two three four five six seven eight nine ten eleven twelve",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce",
}
"""From two on: "un", "one" and "una" are articles and pronouns far more often than numbers."""
_WORDS = {lang: {word: str(n) for n, word in enumerate(text.split(), 2)} for lang, text in _COUNTS.items()}


def facts(text: str) -> set[str]:
    """Every checkable fact of ``text`` in normal form; a number with its unit, a day with its month are more.

    Example:
        >>> sorted(facts("4,90 € avant le 12/03, voir https://a.example/x"))
        ['12', '3', '4.9', '4.9 euro', 'https://a.example/x']
        >>> sorted(facts("le 2 mars, sous 3 jours"))
        ['2', '2 month 3', '3', '3 day']
    """
    found = {match.group(0).rstrip(".,;:!?").lower() for match in _URL.finditer(text)}
    rest = _URL.sub(" ", text)
    found |= {match.group(0).lower() for match in _EMAIL.finditer(rest)}
    rest = _EMAIL.sub(" ", rest)
    found |= {re.sub(r"\D", "", match.group(0)) for match in _PHONE.finditer(rest)}
    # The parts of a phone number are no numbers: "01" must not make "1 jour" known.
    rest = _PHONE.sub(" ", rest)
    codes = {match.group(0).lower() for match in _CODE.finditer(rest)}
    found |= {code for code in codes if not _QUANTITY.fullmatch(code)}  # "24h" is 24 hours
    return found | _dates(rest) | _quantities(rest) | {number(m.group(0)) for m in _NUMBER.finditer(rest)}


def worded_facts(text: str, lang: str) -> set[str]:
    """The facts of ``text`` with its number words as digits: "dix jours" may be said as "10 jours".

    Example:
        >>> sorted(worded_facts("Un retour sous dix jours.", "fr"))
        ['10', '10 day']
    """
    words = _WORDS.get(lang, {})
    return facts(re.sub(r"\w+", lambda match: words.get(match.group(0), match.group(0)), fold(text)))


def links(text: str) -> list[str]:
    """Links of a text."""
    return [match.group(0).rstrip(".,;:!?") for match in _URL.finditer(text)]


def number(text: str) -> str:
    """A number in normal form: no thousands separators, a point, no trailing zeros.

    Example:
        >>> number("2 000"), number("4,90"), number("07")
        ('2000', '4.9', '7')
    """
    text = re.sub(r"[ \u202f\u00a0](?=\d{3})|[.,](?=\d{3}(?:\D|$))", "", text).replace(",", ".")
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def _dates(text: str) -> set[str]:
    found = set()
    for match in _DATE.finditer(fold(text)):
        day, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        found.add(f"{int(day)} month {_MONTH[month]}")
    return found


def _quantities(text: str) -> set[str]:
    found = set()
    for match in _QUANTITY.finditer(fold(text)):
        unit = next((name for name, p in _UNIT.items() if match[2] and p.fullmatch(match[2])), "euro")
        found.add(f"{number(match[1] or match[3])} {unit}")
    return found
