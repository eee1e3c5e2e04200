"""What a text names so exactly that its neighbour would be wrong: codes of a display, lots, articles."""

from __future__ import annotations

import re
from functools import lru_cache

from pipelines.drafting.places import places, speaks_of_abroad
from pipelines.text import fold
from pipelines.text.runs import ranges

_DIGIT = re.compile(r"\d")
_JOINED = re.compile(r"(?<![\w./-])([a-z]{1,2})-?(\d{1,3})(?![\w%€°]|[.,]\d)")
_WORDED = re.compile(
    r"\b(?:codes?|erreurs?|errors?|errores|codigos?|err)\s*(?:n[°o.]{1,2}|num\w*|:|#)?\s*([a-z]{0,2})[\s-]?(\d{1,3})(?!\w)"
)
_NO_CODES = frozenset({"m2", "m3", "o2", "co2", "g4", "g5", "a4", "a3"})
"""Areas, networks and paper."""

_REFERS = re.compile(
    r"\b(?:article|articulo)s? (?:[«\"“]|sur\b|consacre|about\b|on\b|sobre\b|correspondiente)"
    r"|separate article|\b(?:our|notre|nuestro) [\w ]{0,20}article\b|\ben «"
)


@lru_cache(maxsize=4_096)
def codes(text: str, names: frozenset[str] = frozenset()) -> frozenset[str]:
    """Codes as a display shows them, without leading zeros; a bare number only after "error" or "code".

    Args:
        names: words that are no codes though they look it, such as the "x2" of a product's name.

    Example:
        >>> sorted(codes("E04, puis l'erreur 5 sur la X2", frozenset({"x2"})))
        ['#5', 'e4']
    """
    if _DIGIT.search(text) is None:
        return frozenset()
    folded = fold(text)
    joined = {f"{m[1]}{int(m[2])}" for m in _JOINED.finditer(folded) if f"{m[1]}{m[2]}" not in _NO_CODES}
    worded = {f"{m[1] or '#'}{int(m[2])}" for m in _WORDED.finditer(folded)}
    return frozenset((joined | worded) - names)


def refers(text: str) -> bool:
    """Whether a sentence sends its reader to another article.

    Example:
        >>> refers("Le tarif est donné dans l'article « Frais de livraison ».")
        True
    """
    return _refers(fold(text))


def _refers(folded: str) -> bool:
    # Each form holds one of these, and few sentences do: looking for them costs a tenth of the pattern.
    return ("artic" in folded or "en «" in folded) and bool(_REFERS.search(folded))


def _permits(folded: str) -> bool:
    held = " us" in folded or "utilis" in folded or "continuez" in folded or "seguir" in folded
    return held and bool(_GO_ON.search(folded))


_OUTSIDE = re.compile(
    r"\b(?:autres?|others?|any other|otr[oa]s?)\b|n'est pas (?:compris|concerne|dans)|pas dans la liste"
    r"|not (?:on|in) the list|not (?:included|affected|concerned)|no (?:esta|figura|aparece)\b|no incluid"
)
"""Of those that a list does not hold."""
_STOP = re.compile(
    r"n'utilisez (?:plus|pas)|ne l'utilisez plus|cessez|arretez de l'utiliser|stop using|do not use|don't use"
    r"|no (?:l[aeo] )?use\b|deje de usar|no utilice"
)
_GO_ON = re.compile(
    r"continuer? a (?:etre )?utilis|continuez|peut (?:etre )?utilis"
    r"|(?:go on|keep|continue) (?:on )?(?:being )?us|(?:can|may) (?:still )?be used"
    r"|se puede (?:seguir )?us|seguir us|puede seguir"
)
"""That it may be used, which whoever holds one that must not be used may never read."""


class SentenceNames:
    """What one sentence under a heading names, and whom it is for.

    Few questions name a code, a lot or a place: what only they ask of a sentence is not kept.

    Args:
        parts: words that are no codes; see :func:`codes`.

    Attributes:
        refers: it sends its reader to another article.  permits: it says that a thing's use may go on.

    Example:
        >>> found = SentenceNames("Code E04: do not use it.", "")
        >>> sorted(found.codes), found.forbids, found.permits
        (['e4'], True, False)
    """

    __slots__ = ("_heading", "_parts", "_text", "permits", "refers")

    def __init__(self, text: str, heading: str, parts: frozenset[str] = frozenset()) -> None:
        self._text, self._heading, self._parts = text, heading, parts
        folded = fold(text)
        self.refers, self.permits = _refers(folded), _permits(folded)

    @property
    def codes(self) -> frozenset[str]:
        """Codes; see :func:`codes`."""
        return codes(self._text, self._parts)

    @property
    def places(self) -> frozenset[str]:
        """Places; see :func:`pipelines.drafting.places.places`."""
        return places(self._text)

    @property
    def abroad(self) -> bool:
        """It is of other countries in general."""
        return speaks_of_abroad(self._text)

    @property
    def outside(self) -> bool:
        """It, or its heading, is of those that a list does not hold."""
        return bool(_OUTSIDE.search(fold(f"{self._heading} {self._text}")))

    @property
    def forbids(self) -> bool:
        """It forbids a thing's use."""
        return bool(_STOP.search(fold(self._text)))

    @property
    def lists(self) -> bool:
        """It gives a range."""
        return bool(ranges(self._text))
