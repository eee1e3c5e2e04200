"""The products a desk talks about: their names, references, and the words customers use for them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import DataError
from pipelines.text import fold


@dataclass(frozen=True, slots=True)
class Product:
    """One product: ``words`` are the everyday names of its kind, by language."""

    reference: str
    name: str
    words: dict[str, tuple[str, ...]]


class Catalogue:
    """Finds which products a text speaks of.

    Attributes:
        parts: the words of their names, "brindille" and "x2".

    Example:
        >>> c = Catalogue([Product("CRF-BO17", "Sifflet", {"fr": ("bouilloire",)})])
        >>> sorted(c.mentions("ma bouilloire fuit", "fr"))
        ['CRF-BO17']
        >>> c.expand("ma bouilloire fuit", "fr")
        'ma bouilloire fuit Sifflet'
    """

    def __init__(self, products: list[Product]) -> None:
        self.products = products
        self.parts = frozenset(word for product in products for word in fold(product.name).split())
        self._names: dict[str, dict[str, str]] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}
        for lang in sorted({lang for product in products for lang in product.words} | {""}):
            self._prepare(lang)

    @classmethod
    def load(cls, path: Path) -> Catalogue:
        """From JSON: a list of ``{reference, name, words: {lang: [..]}}``; empty where there is no file.

        Raises:
            DataError: the file is no such list.
        """
        if not path.exists():
            return cls([])
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                [
                    Product(r["reference"], r["name"], {k: tuple(v) for k, v in r["words"].items()})
                    for r in rows
                ]
            )
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise DataError(
                f"{path.name} is no product catalogue ({type(error).__name__}).",
                mend="Give a list of {reference, name, words}.",
            ) from error

    def mentions(self, text: str, lang: str) -> frozenset[str]:
        """References of the products named in ``text``; the longest name wins where several overlap."""
        pattern = self._patterns.get(lang) or self._patterns[""]
        names = self._names.get(lang) or self._names[""]
        return frozenset(names[m.group(1)] for m in pattern.finditer(fold(text)))

    def expand(self, text: str, lang: str) -> str:
        """``text`` followed by the names of the products it speaks of in other words."""
        found = self.mentions(text, lang)
        folded = fold(text)
        names = [p.name for p in self.products if p.reference in found and fold(p.name) not in folded]
        return " ".join([text, *names])

    def _prepare(self, lang: str) -> None:
        names = {}
        for product in self.products:
            for name in (
                product.reference,
                product.name,
                product.name.split()[0],
                *product.words.get(lang, ()),
            ):
                names[fold(name)] = product.reference
        longest = sorted(names, key=len, reverse=True)
        self._names[lang] = names
        # A plural is the same product.
        self._patterns[lang] = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest)) or '(?!)'})s?(?!\w)")
