"""Personal numbers and addresses of machines: e-mail, phone, IBAN, card, identity, references, IP, links."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.privacy.checksums import IBAN_LENGTHS, iban, luhn, social_security
from pipelines.privacy.spans import Place

EMAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}\s?(?:@|\(at\)|\[at\]|\(arobase\)|\barobase\b)\s?"
    r"(?:[\w-]{1,63}\s?(?:\.|\(dot\)|\[dot\]|\(point\))\s?){1,4}[^\W\d_]{2,24}\b",
    re.IGNORECASE,
)
SPOKEN_EMAIL = re.compile(
    r"\b[\w.+-]{1,64}\s(?:at|arobase|arroba)\s(?:[\w-]{2,40}\s(?:dot|point|punto)\s){1,3}(?:fr|com|net|org|"
    r"es|be|ch|ca|eu|ie|"
    r"uk|info)\b",
    re.IGNORECASE,
)
LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"']+", re.IGNORECASE)
IBAN = re.compile(r"\b[A-Z]{2}\s?\d{2}(?:[\s.-]?[A-Z0-9]{2,5}){2,9}\b", re.IGNORECASE)
CARD = re.compile(r"(?<![\d+])\d(?:[ .\u00a0\u202f-]?\d){11,18}(?!\d)")
CARD_CUE = re.compile(r"\b(?:carte|card|cb|visa|mastercard|amex|tarjeta)\b", re.IGNORECASE)
NIR = re.compile(
    r"(?<!\d)[12]\s?\d{2}\s?(?:0[1-9]|1[0-2]|[2-9]\d)\s?(?:\d{2}|2[AB])\s?\d{3}\s?\d{3}(?:\s?\d{2})?(?!\d)"
)
SSN = re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")
DNI = re.compile(r"(?<!\w)(?:[XYZ]-?\d{7}|\d{8})[ -]?[A-HJ-NP-TV-Z](?!\w)")
NINO = re.compile(r"\b[A-CEGHJ-PR-TW-Z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b")
IPV4 = re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\.?\d)")
IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}:?(?:[0-9a-f]{1,4}:?){1,6}(?![\w:])", re.IGNORECASE)
PHONE = re.compile(
    r"(?<![\w.,/-])(?:(?:\+|00)\d{1,6}|\(?\d{1,4}\)?)(?:[ .\u00a0\u202f/-]{1,2}\(?\d{1,7}\)?){1,6}"
    r"(?:\s?(?:x|ext\.?)\s?\d{1,5})?(?!\w)(?![ .,]?\d)",
    re.IGNORECASE,
)
LOOSE_PHONE = re.compile(
    r"(?<![\w.,/-])\+?\(?\d[\d() .\u00a0\u202f-]{4,22}\d(?:\s?(?:x|ext\.?)\s?\d{1,5})?(?!\w)(?![.,]\d)",
    re.IGNORECASE,
)
"""What follows no usual grouping, "(898)666-3621x0135" or "+41 (0)96 471 07 95"."""
PHONE_CUE = re.compile(
    r"\b(?:t[ée]l(?:[ée]phone|[ée]fono)?|portable|mobile|m[oó]vil|num[ée]ro|phone|call|appel\w*|"
    r"joindre|joignable|answering at|registered|line|fax|desk|office|contact\w*|sms|whatsapp|gsm|natel|fixe|"
    r"llam\w+|rappel\w*)\b",
    re.IGNORECASE,
)
RUN = re.compile(r"(?<![\w.,€$£-])\+?\d{8,14}(?![\w-])(?![.,]\d)")
DATE = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])[ ./-](?:0?[1-9]|1[0-2])[ ./-](?:19|20)?\d{2}"
    r"|(?:19|20)\d{2}[ ./-](?:0?[1-9]|1[0-2])[ ./-](?:0?[1-9]|[12]\d|3[01])"
)
REFERENCE = re.compile(
    r"\b(?:CF|RMA|REP|TRZ|CMD|ORD|SAV|FAC|FA|INV|BL|REF)[ ]?[-–_#]?[ ]?\d[\d-]{3,13}\b", re.IGNORECASE
)
NUMBERED = re.compile(
    r"\b(?:commande|cde|cmd|order|pedido|colis|parcel|env[ií]o|suivi|tracking|facture|invoice|factura|"
    r"dossier|case|ticket|"
    r"client|customer|cliente|compte|account|cuenta|contrat|contract|s[ée]rie|serial|serie|r[ée]f[ée]rence|"
    r"reference|"
    r"referencia|n[°ºor]\.?|num[ée]ro|number|n[uú]mero|id)\s*(?:est|is|es|de|of|n[°ºor]\.?|#|:|=|-)?\s*#?"
    r"(?P<id>(?=[\w-]*\d)(?=[A-Z-]*\d{3}|[A-Z0-9-]{8})[A-Z0-9][A-Z0-9-]{3,24})\b",
    re.IGNORECASE,
)
MIXED = re.compile(
    r"(?<![A-Z0-9/.@-])(?=[A-Z0-9-]{7,30}(?![\w-]))(?=(?:[A-Z-]*\d){2})(?=(?:[\d-]*[A-Z]){2})[A-Z0-9-]+"
)
BARE = re.compile(r"(?<![\w+,€$£-])(?<!\d[ .])\d{7,19}(?![\w/-])(?![ .,]?\d)")
PRODUCT = re.compile(r"CRF\s?[-–]?\s?[A-Z]{2}\d{2,3}", re.IGNORECASE)
SECRET = re.compile(
    r"\b(?:mot de passe|mdp|password|passwd|pwd|contrase[ñn]a|clave|code pin|pin(?: code)?|cvv|cvc|"
    r"cryptogramme|code secret)"
    r"(?:[ ]\w+){0,2}?\s*(?:\best\b|\bis\b|\bes\b|:|=|c'est)\s*(?P<id>\S{3,40})",
    re.IGNORECASE,
)
BIRTH = re.compile(
    r"\b(?:n[ée]e?\s+le|date de naissance\s*:?|born\s+(?:on\s+)?|date of birth\s*:?|dob\s*:?|nac[ií]\s+el|"
    r"fecha de nacimiento\s*:?)\s*(?P<id>\d{1,2}[ ./-](?:\d{1,2}|[^\W\d_]{3,10}\.?)[ ./-](?:19|20)?\d{2})",
    re.IGNORECASE,
)
REGIONS = ("FR", "GB", "ES", "US", "BE", "CH")
DIGITS = re.compile(r"\d")


def emails(text: str, lang: str) -> Iterator[Place]:
    """E-mail addresses, also with a spelt-out at or dot."""
    yield from _all(EMAIL, text)
    yield from _all(SPOKEN_EMAIL, text)


def links(text: str, lang: str) -> Iterator[Place]:
    """Web addresses: their paths and queries often name an order or an account."""
    for match in LINK.finditer(text):
        yield match.start(), match.start() + len(match.group().rstrip(".,;:!?)]}»”"))


def ibans(text: str, lang: str) -> Iterator[Place]:
    """Bank accounts; one with a wrong check digit is still somebody's when its shape says so."""
    for match in IBAN.finditer(text):
        start, end = match.span()
        # What follows the account may have been taken for a part of it: shorten until it passes.
        for stop in range(end, start + 14, -1):
            if iban(text[start:stop]) and not text[stop - 1].isspace():
                yield start, stop
                break
        else:
            compact = re.sub(r"\W", "", match.group())
            if compact[:2].upper() in IBAN_LENGTHS and sum(c.isdigit() for c in compact) >= 12:
                yield start, end


def cards(text: str, lang: str) -> Iterator[Place]:
    """Payment cards: 12 to 19 digits that pass Luhn's check, or that a card is spoken of before."""
    for match in CARD.finditer(text):
        before = text[max(0, match.start() - 40) : match.start()]
        if luhn(match.group()) or CARD_CUE.search(before):
            yield match.span()


def national_ids(text: str, lang: str) -> Iterator[Place]:
    """Social-security and identity numbers of France, the United States, Spain and the United Kingdom."""
    for match in NIR.finditer(text):
        digits = re.sub(r"\s", "", match.group())
        if len(digits) == 13 or social_security(digits):
            yield match.span()
    for pattern in (SSN, DNI, NINO):
        yield from _all(pattern, text)


def addresses_of_machines(text: str, lang: str) -> Iterator[Place]:
    """IP addresses of both versions."""
    yield from _all(IPV4, text)
    yield from _all(IPV6, text)


def phones(text: str, lang: str) -> Iterator[Place]:
    """Phone numbers as the numbering plans know them, and grouped digits that can be nothing else."""
    if len(DIGITS.findall(text)) < 6:
        return
    import phonenumbers

    own = {"en": "GB", "es": "ES"}.get(lang, "FR")
    found = [
        (match.start, match.end)
        for region in dict.fromkeys((own, *REGIONS))
        for match in phonenumbers.PhoneNumberMatcher(text, region)
    ]
    for pattern in (PHONE, LOOSE_PHONE):
        found += [match.span() for match in pattern.finditer(text) if _dials(match, text)]
    for match in RUN.finditer(text):
        if _announced(text, *match.span()):
            found.append(match.span())
    # A plan may know the end of a number as a number of its own: the longest reading stands.
    yield from sorted(found, key=lambda place: place[0] - place[1])


def _dials(found: re.Match[str], text: str) -> bool:
    """Whether grouped digits are a phone: enough of them, no date; two groups are announced or after a 0."""
    number = found.group()
    groups = re.findall(r"\d+", number)
    size = sum(map(len, groups))
    if not 7 <= size <= 15 or DATE.fullmatch(number):
        return False
    announced = number[0] == "+" or _announced(text, *found.span())
    return (
        announced
        or number.startswith("(")
        or (number.startswith("0") and size in (10, 11))
        or len(groups) >= 4
        or (len(groups) == 3 and min(map(len, groups)) >= 2)
    )


def _announced(text: str, start: int, end: int) -> bool:
    return bool(
        PHONE_CUE.search(text[max(0, start - 40) : start])
        or PHONE_CUE.match(text[end : end + 12].lstrip(" -,"))
    )


def references(text: str, lang: str) -> Iterator[Place]:
    """Numbers of orders, parcels, invoices, cases, accounts and devices; not those of products."""
    products = [match.span() for match in PRODUCT.finditer(text)]
    found = [*_all(REFERENCE, text), *(match.span("id") for match in NUMBERED.finditer(text))]
    for start, end in [*found, *_all(MIXED, text)]:
        if not any(start < b and a < end for a, b in products) and not DATE.fullmatch(text[start:end]):
            yield start, end


def bare_numbers(text: str, lang: str) -> Iterator[Place]:
    """Seven digits or more in a row, whatever they number."""
    return _all(BARE, text)


def secrets(text: str, lang: str) -> Iterator[Place]:
    """What is said to be a password or a card's code."""
    return (match.span("id") for match in SECRET.finditer(text))


def birth_dates(text: str, lang: str) -> Iterator[Place]:
    """Dates said to be of a birth; other dates tell of orders and are kept."""
    return (match.span("id") for match in BIRTH.finditer(text))


def _all(pattern: re.Pattern[str], text: str) -> Iterator[Place]:
    return (match.span() for match in pattern.finditer(text))
