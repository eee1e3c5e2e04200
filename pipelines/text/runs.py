"""Long bare numbers, such as a lot's, and the runs of them that a text gives."""

from __future__ import annotations

import re

from pipelines.text.normal import fold

_LONG = re.compile(r"(?<![\w.,/-])(\d{4,7})(?![\w€%]|[.,]\d|\s?(?:€|euros?))")
_RANGE = re.compile(r"(?<![\w.,/-])(\d{4,7})\s?(?:-|–|a|to|al|through|jusqu'a|hasta)\s?(\d{4,7})(?!\w)")


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
