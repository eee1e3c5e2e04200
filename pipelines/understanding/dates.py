"""Dates as customers write them: numeric, month names, week days and relative days, in three languages."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "january february march april may june july august september october november december",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
_SHORT = {
    "janv": 1,
    "jan": 1,
    "févr": 2,
    "fév": 2,
    "fevr": 2,
    "fev": 2,
    "feb": 2,
    "mar": 3,
    "avr": 4,
    "apr": 4,
    "abr": 4,
    "jun": 6,
    "juil": 7,
    "jul": 7,
    "aug": 8,
    "ago": 8,
    "sept": 9,
    "sep": 9,
    "oct": 10,
    "nov": 11,
    "déc": 12,
    "dec": 12,
    "dic": 12,
    "fevrier": 2,
    "aout": 8,
    "decembre": 12,
    "ene": 1,
    "setiembre": 9,
}
MONTH_NUMBER = {name: i for names in _MONTHS.values() for i, name in enumerate(names.split(), 1)} | _SHORT

_MONTH = "|".join(sorted(map(re.escape, MONTH_NUMBER), key=len, reverse=True))
_WEEKDAYS = {
    "fr": "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
    "en": "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tues?|weds?|thurs?|fri",
    "es": "lunes|martes|mi[ée]rcoles|jueves|viernes|s[áa]bado|domingo",
}
_DIGIT = re.compile(r"\d")
_ISO = re.compile(r"(?<![\w-])(?P<y>20\d{2})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?![\w-])")
_NUMERIC = re.compile(
    r"(?<![\w./-])(?P<d>\d{1,2})(?P<s>[/.-])(?P<m>\d{1,2})(?:(?P=s)(?P<y>20\d{2}|\d{2}))?(?![\w/]|[.-]\d)"
)
_DAY_MONTH = re.compile(
    rf"\b(?:(?:{'|'.join(_WEEKDAYS.values())}),?\s+)?(?:le\s+|el\s+|the\s+)?"
    rf"(?P<d>\d{{1,2}})(?:er|st|nd|rd|th|º)?\s+(?:de\s+|of\s+)?(?P<mon>{_MONTH})\b\.?"
    rf"(?:,?\s+(?:de\s+|del\s+)?(?P<y>20\d{{2}})\b)?",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"\b(?P<mon>{_MONTH})\.?\s+(?:the\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?:[€$£%:]|euros?|h\b))"
    rf"(?:,?\s+(?P<y>20\d{{2}})\b)?",
    re.IGNORECASE,
)
_DAY_NUMBER = {
    "fr": r"le \d{1,2}(?:er)?(?![\d€%:/]|[.,]\d|\s*(?:[€%\d]|(?:euros?|jours?|h|heures?|mois|ans|kg)\b))",
    "en": r"the \d{1,2}(?:st|nd|rd|th)",
    "es": r"el (?:d[íi]a )?\d{1,2}(?![\d€%:/]|[.,]\d|\s*(?:[€%\d]|(?:euros?|d[íi]as?|h|horas?|meses|kg)\b))",
}
"""A day of the month alone ("le 5"), unless a unit makes it a quantity."""
_NEAR = {
    "fr": rf"avant-hier|hier|aujourd'?hui|auj|ajd|apr[èe]s-demain|demain|(?:{_WEEKDAYS['fr']})"
    r"(?:\s+(?:prochaine?|derni[èe]re?|pass[ée]e?|matin|soir|apr[èe]s-midi))?"
    r"|(?:la )?semaine (?:prochaine|derni[èe]re)|(?:le )?mois (?:prochain|dernier)",
    "en": r"day before yesterday|yesterday|today|tonight|day after tomorrow|tomorrow|tmrw"
    rf"|(?:(?:next|last|this)\s+)?(?:{_WEEKDAYS['en']})(?:\s+(?:morning|afternoon|evening))?"
    r"|(?:next|last) (?:week|month)",
    "es": rf"anteayer|antier|ayer|hoy|pasado ma[ñn]ana|ma[ñn]ana|(?:pr[óo]ximo|pasado) (?:{_WEEKDAYS['es']})"
    rf"|(?:{_WEEKDAYS['es']})(?:\s+(?:pr[óo]ximo|pasado|que viene))?"
    r"|(?:la )?semana (?:que viene|pr[óo]xima|pasada)|(?:el )?(?:mes que viene|pr[óo]ximo mes|mes pasado)",
}
_RELATIVE = {
    lang: re.compile(rf"\b(?:{near}|{_DAY_NUMBER[lang]})(?!\w)", re.IGNORECASE)
    for lang, near in _NEAR.items()
}


def date_spans(text: str, lang: str) -> list[tuple[int, int, str]]:
    """``(start, end, value)``; the value is an ISO date when day, month and year are written, else empty.

    Example:
        >>> date_spans("livré le 3 mars 2026 ou demain", "fr")
        [(6, 20, '2026-03-03'), (24, 30, '')]
    """
    found: list[tuple[int, int, str]] = []
    # Each of these holds a digit, and most messages hold none.
    for pattern in (_ISO, _DAY_MONTH, _MONTH_DAY, _NUMERIC) if _DIGIT.search(text) else ():
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = MONTH_NUMBER[parts["mon"].lower()] if parts.get("mon") else int(parts["m"])
            if parts.get("s") in (".", "-") and not parts["y"]:
                continue  # "2.5" and "10-12" are quantities far more often than days
            if _possible(int(parts["d"]), month) and _free(found, match.span()):
                found.append((*match.span(), _iso(parts.get("y"), month, int(parts["d"]))))
    for match in _RELATIVE.get(lang, _RELATIVE["fr"]).finditer(text):
        if _free(found, match.span()):
            found.append((*match.span(), ""))
    return sorted(found)


def _possible(day: int, month: int) -> bool:
    return 1 <= day <= 31 and 1 <= month <= 12


def _free(found: list[tuple[int, int, str]], span: tuple[int, int]) -> bool:
    return all(span[1] <= start or end <= span[0] for start, end, _ in found)


def _iso(year: str | None, month: int, day: int) -> str:
    if not year:
        return ""
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day).isoformat()
    except ValueError:
        return ""  # 31 February: written, but no day
