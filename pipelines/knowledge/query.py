"""A customer's words as a weighted lexical query.

Shorthand is spelled out, everyday words bring the words of a help centre along at a low weight, and
auxiliaries ("est-ce que je peux", "do I have to") are left out: they shape a question, not its subject.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from pipelines.text import STOP_WORDS, fold, grams, spell_out, synonyms, terms, words

GRAM_SIZES = (4,)
PREFIX = 5
"""Words that share their first five letters count as one in coverage: travail, travailler, travailleur."""

MAX_WORDS = 32
"""A longer query keeps its rarest words: the common ones of a long message cost time and find everything."""

_AUXILIARIES = {
    "fr": """dois doit devons devez doivent devrais devrait devra devrai devrons devrez devront devoir pu
        peux peut pouvons pouvez peuvent pourrais pourrait pourra pourrai pourrons pourrez pourront
        pouvoir puis puisse veux veut voulons voulez veulent voudrais voudrait vouloir aimerais
        aimerait faudra faudrait aller vas allez allons vont irai ira sera seront serai serait
        serais etaient aurai aurait aurais auront aient ayant avais fera ferai fais font faites""",
    "en": "can could may might must shall",
    "es": """puedo puede pueden podemos podria podrian podre podra poder debo debe deben debemos deberia
        quiero quiere quieren quisiera querria querer hago hace hacer seria sera serian habia haber
        hemos habra soy somos son""",
}
AUXILIARIES = {lang: frozenset(text.split()) for lang, text in _AUXILIARIES.items()}


def query_words(
    text: str, lang: str, expansion: float, frequency: Callable[[str], int] | None = None
) -> dict[str, float]:
    """Content words of a query with their weights in (0, 1].

    Args:
        expansion: weight of the synonyms; 0 leaves the text as it was typed.
        frequency: number of passages that hold a prefix; without it a long query keeps its first words.

    Example:
        >>> query_words("je peux prendre le frigo", "fr", 0.3)
        {'prendre': 1.0, 'frigo': 1.0, 'réfrigérateur': 0.3}
    """
    said = _content(words(spell_out(text, lang) if expansion else text), lang)
    if len(said) > MAX_WORDS and frequency is not None:
        said = sorted(said, key=lambda word: frequency(prefix(word)) or 1_000_000_000)
    said = said[:MAX_WORDS]
    weighted = dict.fromkeys(said, 1.0)
    if expansion:
        for phrase in synonyms(" ".join(said), lang)[:MAX_WORDS]:
            for word in _content(words(phrase), lang):
                weighted.setdefault(word, expansion)
    return weighted


def stem_tokens(weighted: Mapping[str, float], lang: str) -> dict[str, float]:
    """Stems of weighted words."""
    return _tokens(weighted, lambda word: terms(word, lang))


def gram_tokens(weighted: Mapping[str, float], lang: str) -> dict[str, float]:
    """Character n-grams of weighted words."""
    return _tokens(weighted, lambda word: grams(word, lang, GRAM_SIZES))


def prefix_tokens(weighted: Mapping[str, float]) -> dict[str, float]:
    """Prefixes of weighted words."""
    return _tokens(weighted, lambda word: [prefix(word)])


def prefixes(text: str, lang: str) -> list[str]:
    """Prefixes of the content words of a passage, in order.

    Example:
        >>> prefixes("Les travailleurs ont travaillé", "fr")
        ['trava', 'trava']
    """
    stop = STOP_WORDS.get(lang, frozenset())
    return [folded[:PREFIX] for word in words(text) if (folded := fold(word)) not in stop]


def prefix(word: str) -> str:
    """The first letters of a word, folded."""
    return fold(word)[:PREFIX]


def _content(found: Iterable[str], lang: str) -> list[str]:
    stop, auxiliaries = STOP_WORDS.get(lang, frozenset()), AUXILIARIES.get(lang, frozenset())
    kept = [word for word in dict.fromkeys(found) if fold(word) not in stop]
    return [word for word in kept if fold(word) not in auxiliaries] or kept


def _tokens(weighted: Mapping[str, float], tokenise: Callable[[str], list[str]]) -> dict[str, float]:
    made: dict[str, float] = {}
    for word, weight in weighted.items():
        for token in tokenise(word):
            made[token] = max(made.get(token, 0.0), weight)
    return made
