"""What a text names so exactly that its neighbour would be wrong: codes of a display, lots, articles."""

from __future__ import annotations

import re
from collections.abc import Set

from pipelines.text import fold

_JOINED = re.compile(r"(?<![\w./-])([a-z]{1,2})-?(\d{1,3})(?![\w%€°]|[.,]\d)")
_WORDED = re.compile(
    r"\b(?:codes?|erreurs?|errors?|errores|codigos?|err)\s*(?:n[°o.]{1,2}|num\w*|:|#)?\s*([a-z]{0,2})[\s-]?(\d{1,3})(?!\w)"
)
_NO_CODES = frozenset({"m2", "m3", "o2", "co2", "g4", "g5", "a4", "a3"})
"""Areas, networks and paper."""

_LONG = re.compile(r"(?<![\w.,/-])(\d{4,7})(?![\w€%]|[.,]\d|\s?(?:€|euros?))")
_RANGE = re.compile(r"(?<![\w.,/-])(\d{4,7})\s?(?:-|–|a|to|al|through|jusqu'a|hasta)\s?(\d{4,7})(?!\w)")
_REFERS = re.compile(
    r"\b(?:article|articulo)s? (?:[«\"“]|sur\b|consacre|about\b|on\b|sobre\b|correspondiente)"
    r"|separate article|\b(?:our|notre|nuestro) [\w ]{0,20}article\b|\ben «"
)


def codes(text: str, names: Set[str] = frozenset()) -> frozenset[str]:
    """Codes as a display shows them, without leading zeros; a bare number only after "error" or "code".

    Args:
        names: words that are no codes though they look it, such as the "x2" of a product's name.

    Example:
        >>> sorted(codes("E04, puis l'erreur 5 sur la X2", {"x2"}))
        ['#5', 'e4']
    """
    folded = fold(text)
    joined = {f"{m[1]}{int(m[2])}" for m in _JOINED.finditer(folded) if f"{m[1]}{m[2]}" not in _NO_CODES}
    worded = {f"{m[1] or '#'}{int(m[2])}" for m in _WORDED.finditer(folded)}
    return frozenset((joined | worded) - names)


def long_numbers(text: str) -> frozenset[int]:
    """Bare numbers of 4 to 7 digits, such as a lot's; amounts and references are none.

    Example:
        >>> sorted(long_numbers("lot 2421, commande CF-20417733, 2 000 €, 1500 €"))
        [2421]
    """
    return frozenset(int(match[1]) for match in _LONG.finditer(fold(text)))


def ranges(text: str) -> frozenset[tuple[int, int]]:
    """First and last of each run of long numbers that a text gives.

    Example:
        >>> ranges("from lots 2419 to 2426 inclusive")
        frozenset({(2419, 2426)})
    """
    found = ((int(match[1]), int(match[2])) for match in _RANGE.finditer(fold(text)))
    return frozenset(pair for pair in found if pair[0] < pair[1])


def refers(text: str) -> bool:
    """Whether a sentence sends its reader to another article.

    Example:
        >>> refers("Le tarif est donné dans l'article « Frais de livraison ».")
        True
    """
    return bool(_REFERS.search(fold(text)))
