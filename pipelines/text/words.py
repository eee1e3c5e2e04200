"""Tokens, stop words, stems and character n-grams.

Stems are taken before accents are folded: Snowball's French rules need the accents.
"""

from __future__ import annotations

import re
from functools import lru_cache
from threading import local
from typing import Any

import Stemmer

from pipelines.text.normal import fold

_WORD = re.compile(r"\w+(?:[.,]\d+)?", re.UNICODE)
_STEMMERS = {"fr": "french", "en": "english", "es": "spanish"}
_local = local()  # PyStemmer objects are not thread safe

_STOP_WORDS = {
    "fr": """
        a ai as au aux avec avait avez avoir avons c ca car ce ceci cela ces cet cette ci comment comme d
        dans de des donc du elle elles en es est et etais etait etant ete etes etre eu eux fait faire faut
        il ils j je l la le les leur leurs lui m ma mais me meme mes moi mon n ne nos notre nous on ont ou
        par pas pour plus qu quand que quel quelle quelles quels qui quoi s sa se sera ses si soit sommes
        son sont suis sur t ta te tes toi ton tout toute tres tu un une va vais vos votre vous y bonjour
        bonsoir salut merci svp stp
    """,
    "en": """
        a about am an and are as at be been but by can could d did do does for from had has have he her his
        how i if in into is it its just ll m me my no not of on or our re s she should so t than that the
        their them then there these they this those to too up us ve very was we were what when where which
        who why will with would you your hi hello hey please thanks thank
    """,
    "es": """
        a al algo algun alguna ante aqui asi aun como con cual cuando de del desde donde e el ella ellas
        ellos en entre era es esa ese eso esta estan estar estas este esto estos estoy fue ha han has hasta
        hay he la las le les lo los mas me mi mis muy nada ni no nos o os para pero por porque pues que
        quien se ser si sin sobre son su sus tambien te tengo tiene tu tus un una uno unos y ya yo hola
        buenos buenas gracias favor
    """,
}
STOP_WORDS: dict[str, frozenset[str]] = {lang: frozenset(text.split()) for lang, text in _STOP_WORDS.items()}


def words(text: str) -> list[str]:
    """Lower-case words and numbers, accents kept.

    Example:
        >>> words("J'ai payé 4,90 €")
        ['j', 'ai', 'payé', '4,90']
    """
    return _WORD.findall(text.lower())


def terms(text: str, lang: str) -> list[str]:
    """Content words as folded stems, stop words left out; a language without rules keeps its folded words.

    Example:
        >>> terms("Les remboursements ont été effectués", "fr") == terms("remboursement effectué", "fr")
        True
    """
    return [stem for word in words(text) if (stem := _term(word, lang))]


@lru_cache(maxsize=100_000)
def _term(word: str, lang: str) -> str:
    """The folded stem; empty for a stop word."""
    return "" if fold(word) in STOP_WORDS.get(lang, frozenset()) else _stem(word, lang)


def _stem(word: str, lang: str) -> str:
    name = _STEMMERS.get(lang)
    if name is None or word[0].isdigit():
        return fold(word)
    cache: dict[str, Any] = _local.__dict__
    if lang not in cache:
        cache[lang] = Stemmer.Stemmer(name)
    return fold(cache[lang].stemWord(word))


def grams(text: str, lang: str, sizes: tuple[int, ...] = (3, 4, 5)) -> list[str]:
    """Character n-grams inside the content words, each padded with one ``_``; robust to typos and accents.

    Example:
        >>> grams("colis", "fr", (4,))
        ['_col', 'coli', 'olis', 'lis_']
    """
    found = (_padded(word, lang) for word in words(text))
    return [
        padded[i : i + size]
        for padded in found
        if padded
        for size in sizes
        for i in range(max(1, len(padded) - size + 1))
    ]


def padded_words(text: str, lang: str) -> str:
    """The words that :func:`grams` cuts up: a short string holds the n-grams that a long list would name.

    Example:
        >>> padded_words("Un colis reçu", "fr")
        '_colis_ _recu_'
    """
    return " ".join([padded for word in words(text) if (padded := _padded(word, lang))])


def terms_and_padded(text: str, lang: str) -> tuple[frozenset[str], str]:
    """The distinct :func:`terms` of a text and its :func:`padded_words`, in one pass over its words.

    Example:
        >>> terms_and_padded("Un colis reçu", "fr")[1], len(terms_and_padded("colis, colis", "fr")[0])
        ('_colis_ _recu_', 1)
    """
    found = [forms for word in words(text) if (forms := _forms(word, lang))]
    return frozenset([term for term, _ in found if term]), " ".join([padded for _, padded in found])


@lru_cache(maxsize=50_000)
def _forms(word: str, lang: str) -> tuple[str, str] | None:
    """The folded stem and the padded word; None for a stop word."""
    padded = _padded(word, lang)
    return (_term(word, lang), padded) if padded else None


@lru_cache(maxsize=50_000)
def _padded(word: str, lang: str) -> str:
    folded = fold(word)
    return "" if folded in STOP_WORDS.get(lang, frozenset()) else f"_{folded}_"
