"""Numbers that are written as words, put into digits: "trente jours" and "30 jours" are one fact."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from pipelines.text import fold

_UNITS = {
    "fr": "zero=0 deux=2 trois=3 quatre=4 cinq=5 six=6 sept=7 huit=8 neuf=9 dix=10 onze=11 douze=12 "
    "treize=13 quatorze=14 quinze=15 seize=16 vingt=20 vingts=20 trente=30 quarante=40 cinquante=50 "
    "soixante=60 septante=70 huitante=80 nonante=90 dizaine=10 douzaine=12 quinzaine=15 vingtaine=20 "
    "trentaine=30 quarantaine=40 cinquantaine=50 soixantaine=60 centaine=100",
    "en": "zero=0 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 eleven=11 twelve=12 "
    "thirteen=13 fourteen=14 fifteen=15 sixteen=16 seventeen=17 eighteen=18 nineteen=19 twenty=20 "
    "thirty=30 forty=40 fifty=50 sixty=60 seventy=70 eighty=80 ninety=90 dozen=12 fortnight=14",
    "es": "cero=0 dos=2 tres=3 cuatro=4 cinco=5 seis=6 siete=7 ocho=8 nueve=9 diez=10 once=11 doce=12 "
    "trece=13 catorce=14 quince=15 dieciseis=16 diecisiete=17 dieciocho=18 diecinueve=19 veinte=20 "
    "veintiuno=21 veintiun=21 veintidos=22 veintitres=23 veinticuatro=24 veinticinco=25 veintiseis=26 "
    "veintisiete=27 veintiocho=28 veintinueve=29 treinta=30 cuarenta=40 cincuenta=50 sesenta=60 "
    "setenta=70 ochenta=80 noventa=90 doscientos=200 trescientos=300 cuatrocientos=400 quinientos=500 "
    "seiscientos=600 setecientos=700 ochocientos=800 novecientos=900 docena=12 quincena=15",
}
_TIMES = {
    "fr": {"cent": 100, "cents": 100, "mille": 1000},
    "en": {"hundred": 100, "thousand": 1000},
    "es": {"cien": 100, "ciento": 100, "mil": 1000},
}
"""Words that multiply what stands before them."""

_JOINS = {"fr": {"et"}, "en": {"and"}, "es": {"y"}}
_ONE = {"fr": ("un", "une"), "en": ("a", "an", "one"), "es": ("un", "una", "uno")}
_ONES = ("un", "une", "uno", "one")
_SPAN = {
    "fr": "minute|heure|jour|journee|semaine|mois|an|annee|euro",
    "en": "minute|hour|day|week|month|year|euro",
    "es": "minuto|hora|dia|semana|mes|ano|euro",
}
_PART = re.compile(r"[^\W\d_]+")


def in_digits(text: str, lang: str) -> str:
    """``text``, folded, with number words as digits; an article is 1 before a unit of time or money.

    Example:
        >>> in_digits("Sous trente jours, soit quatre-vingt-dix-neuf euros ou une semaine", "fr")
        'sous 30 jours, soit 99 euros ou 1 semaine'
        >>> in_digits("two hundred and fifty euros within a day", "en")
        '250 euros within 1 day'
    """
    folded = fold(text)
    if lang not in _UNITS:
        return folded
    out, last = [], 0
    for start, end, value in _runs(folded, lang):
        out += [folded[last:start], str(value)]
        last = end
    return _articles(lang).sub("1 ", "".join([*out, folded[last:]]))


def _runs(folded: str, lang: str) -> list[tuple[int, int, int]]:
    """``(start, end, value)`` of each run of number words; hyphens, spaces and "and" hold one together."""
    values, times, joins = _values(lang), _TIMES[lang], _JOINS[lang]
    known = values.keys() | times.keys()
    found: list[tuple[int, int, int]] = []
    run: list[re.Match[str]] = []

    def close() -> None:
        while run and run[-1].group(0) in joins:
            run.pop()
        if run:
            found.append((run[0].start(), run[-1].end(), _value([m.group(0) for m in run], values, times)))
        run.clear()

    for match in _PART.finditer(folded):
        word = match.group(0)
        near = bool(run) and folded[run[-1].end() : match.start()] in (" ", "-", " - ")
        one = near and word in _ONES and (run[-1].group(0) in joins or values.get(run[-1].group(0), 0) >= 20)
        if not near:
            close()
        if word in known or (near and (word in joins or one)):
            run.append(match)
        else:
            close()
    close()
    return found


def _value(words: Sequence[str], values: dict[str, int], times: dict[str, int]) -> int:
    total = current = 0
    for word in words:
        value = 1 if word in _ONES else values.get(word, 0)
        if word in times:
            current = max(current, 1) * times[word]
            if times[word] == 1000:
                total, current = total + current, 0
        elif word in ("vingt", "vingts") and current == 4:
            current = 80
        else:
            current += value
    return total + current


@cache
def _values(lang: str) -> dict[str, int]:
    return {word: int(value) for word, value in (pair.split("=") for pair in _UNITS[lang].split())}


@cache
def _articles(lang: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(_ONE[lang])}) (?=(?:{_SPAN[lang]})s?\b)")
