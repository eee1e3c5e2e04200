"""Postal addresses of France, Spain, the United Kingdom and the United States, by street and postcode."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.privacy.spans import Place

_END = r"(?=[\n,.;!?)]|$)"
_FRENCH = (
    r"(?:rue|r\.|avenue|av\.?|ave|boulevard|bd|blvd|chemin|ch\.|impasse|imp\.?|place|pl\.|all[ée]e|route|"
    r"rte|quai|cours|square|"
    r"r[ée]sidence|lotissement|passage|sentier|faubourg|hameau|villa|rond[- ]point|mont[ée]e|esplanade|"
    r"promenade|venelle|clos)"
)
_ENGLISH = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|close|court|ct|way|place|pl|square|crescent|terrace|"
    r"gardens|grove|hill|"
    r"park|boulevard|blvd|parkway|pkwy|highway|hwy|circle|trail|loop|mews|row|walk|quay|rise|view)"
)
_SPANISH = (
    r"(?:calle|c/|avenida|avda\.?|av\.|plaza|pza\.?|paseo|pº|camino|carretera|ctra\.?|ronda|traves[íi]a|"
    r"urbanizaci[óo]n|glorieta)"
)
_CITY = (
    r"[A-ZÀ-Þ][^\W\d]*['’]?[^\W\d]*"
    r"(?:[ -](?:(?:de|du|la|le|les|sur|sous|en|lès|del|los|las)[ -])*[A-ZÀ-Þ][^\W\d]*){0,4}(?!\w)"
)
_FLOOR = (
    r"(?:,?[ ]*(?:apt\.?|appt\.?|appartement|b[âa]t\.?|b[âa]timent|esc\.?|escalier|[ée]tage|suite|unit|flat|"
    r"piso|puerta)[ ]?[\w°ºª-]{1,8})"
)

FRENCH = re.compile(
    rf"(?<!\w)(?:\d{{1,4}}(?:[ ]?(?:bis|ter|quater|"
    rf"[a-d]))?[ ,]+)(?:{_FRENCH})[ ]+(?:[\w'’.-]+[ ]?){{1,6}}?{_FLOOR}*{_END}"
    rf"(?:[ ,\n]+\d{{5}}[ ]+{_CITY})?",
    re.IGNORECASE,
)
FRENCH_INLINE = re.compile(
    rf"(?<!\w)\d{{1,4}}(?:[ ]?(?:bis|"
    rf"ter))?[ ,]+{_FRENCH}[ ]+(?:[\w'’.-]+[ ]){{1,6}}?,?[ ]?\d{{5}}[ ]+[^\W\d_][\w'’-]*",
    re.IGNORECASE,
)
ENGLISH = re.compile(
    rf"(?<!\w)\d{{1,5}}[A-Za-z]?[ ]+(?:[A-Z][\w'’.-]*[ ]+){{1,4}}(?i:{_ENGLISH})\b\.?(?i:{_FLOOR})*"
    rf"(?:[ ,\n]+{_CITY})?(?:[ ,\n]+(?:[A-Z]{{1,2}}\d[A-Z\d]?[ ]?\d[A-Z]{{2}}|"
    rf"[A-Z]{{2}}[ ,]+\d{{5}}(?:-\d{{4}})?))?"
)
SPANISH = re.compile(
    rf"(?<!\w)(?i:{_SPANISH})[ ]*(?:[\w'’.ºª-]+[ ]?){{1,6}}?,?[ ]*(?:(?i:n[ºo°.]*)[ ]?)?\d{{1,4}}(?!\d)"
    rf"(?:[ ,]+\d{{1,2}}(?!\d)[ºª°]?[ ]?[A-Za-z]?(?!\w))?(?i:{_FLOOR})*(?:[ ,\n]+\d{{5}}[ ]+{_CITY})?"
)
POSTCODE_CITY = re.compile(rf"(?<![\w-])(?:F-|B-|CH-)?\d{{5}}[ ]+{_CITY}")
POSTCODE_SAID = re.compile(
    r"\b(?:code postal|cp|postcode|post code|zip(?: code)?|c[óo]digo postal)\s*:?\s*(?P<id>\d{4,5}|"
    r"[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2})\b",
    re.IGNORECASE,
)
POSTCODE_UK = re.compile(r"\b(?:[A-Z]{1,2}\d[A-Z\d]?)[ ]\d[A-Z]{2}\b")
FLAT = re.compile(r"\b(?:apt\.?|apartment|suite|unit|flat)[ ]#?\d{1,5}\b", re.IGNORECASE)
DOOR_CODE = re.compile(
    r"\b(?:digicode|code (?:porte|d'entr[ée]e|immeuble|portail)|interphone|door code)\s*:?\s*(?:est\s|"
    r"is\s)?(?P<id>[A-Z0-9]{3,8})\b",
    re.IGNORECASE,
)


def addresses(text: str, lang: str) -> Iterator[Place]:
    """Places of postal addresses, their postcodes and door codes."""
    for pattern in (FRENCH_INLINE, FRENCH, ENGLISH, SPANISH, POSTCODE_CITY, POSTCODE_UK, FLAT):
        for match in pattern.finditer(text):
            yield match.start(), match.start() + len(match.group().rstrip(" ,.\n"))
    for pattern in (POSTCODE_SAID, DOOR_CODE):
        for match in pattern.finditer(text):
            if any(char.isdigit() for char in match.group("id")):
                yield match.span("id")
