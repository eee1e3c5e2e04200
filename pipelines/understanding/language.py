"""The language of a short message: character statistics, function words, or the thread when both fail."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

from pipelines.contracts import LANGS, Message
from pipelines.text import fold
from pipelines.understanding.language_words import mark_evidence, word_evidence
from pipelines.understanding.scripts import foreign_script

NEIGHBOURS = ("de", "pt", "it", "nl", "ar")
"""Languages that are recognised so that they are not taken for a served one."""
SHORT = 4
"""Words under which the thread's language wins unless the words are plainly of one language."""
MAX_CHARS = 2_000

_NOISE = re.compile(
    r"https?://\S+|www\.\S+|[^\s@]+@[^\s@]+\.[^\s@]+|#[A-Z_\d-]+#|\[[^\]]{0,40}\]|\{\{[^}]*\}\}|\b\w*\d[\w-]*|<[^>]{0,40}>",
    re.UNICODE,
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?", re.UNICODE)
_NAMES = """
    cerfeuil ruisseau brume clairon banquise braise minute brindille furet aurore marmiton sifflet
    croustille zephyr alize nuage pro serenite paypal payflex visa mastercard apple google pay
    relais pop transvallee graines lyon nantes lille bordeaux angers valence whatsapp iban bic sms
    ok okay email mail wifi app covid coronavirus
"""
PRODUCT_NAMES = frozenset(_NAMES.split())
"""Names that say nothing about the language of the sentence around them."""


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """A language (ISO 639-1), its probability among the candidates, and whether the text alone settles it."""

    lang: str
    confidence: float
    reliable: bool


_LOADING = Lock()


@lru_cache(maxsize=4)
def _character_model(candidates: tuple[str, ...]) -> Any:
    """One for all identifiers of a process: it is read only, and most of its time goes into unpacking."""
    from py3langid.langid import MODEL_FILE
    from py3langid.langid import LanguageIdentifier as CharacterModel

    # An instance of our own: the module's default one is global, and anyone may restrict it.
    model = CharacterModel.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(list(candidates))
    # A model of these alone: the first goes on holding all of its hundred languages, 24 MB.
    return CharacterModel(
        model.nb_ptc, model.nb_pc, model.nb_classes, model.tk_nextmove, model.tk_output,
        norm_probs=True, tk_row=model.tk_row,
    )  # fmt: skip


class LanguageIdentifier:
    """Tells the served languages from each other and from their neighbours.

    Args:
        served: ISO codes that are answered; the first is the last resort.
        names: folded product and brand names that are no evidence.

    Example:
        >>> LanguageIdentifier().identify("slt g pa recu mn colis").lang
        'fr'
    """

    def __init__(self, served: Sequence[str] = LANGS, names: frozenset[str] = PRODUCT_NAMES) -> None:
        self.served = tuple(served)
        self.candidates = tuple(dict.fromkeys((*self.served, *NEIGHBOURS)))
        self.names = names
        self._model: Any = None

    def warm_up(self) -> None:
        """Load the character model (0.6 s), unless another identifier of these candidates did."""
        with _LOADING:
            self._model = _character_model(self.candidates)

    def identify(self, text: str, fallback: str | None = None) -> LanguageGuess:
        """The language of ``text``; ``fallback`` (the thread's) decides when the text is too thin to tell."""
        plain = _NOISE.sub(" ", text[:MAX_CHARS].replace("’", "'"))
        words = [word for word in _WORD.findall(plain) if fold(word) not in self.names]
        if script := foreign_script(plain):
            return LanguageGuess(script, 1.0, reliable=True)
        if not words:
            return LanguageGuess(fallback or self.served[0], 0.0, reliable=False)
        evidence = self._word_scores(words)
        scores = self._scores(" ".join(words), evidence, len(words))
        best = max(scores, key=lambda lang: scores[lang])
        total = sum(math.exp(score - scores[best]) for score in scores.values())
        confidence = 1.0 / total
        reliable = self._reliable(best, evidence, confidence, len(words))
        if not reliable and fallback:
            return LanguageGuess(fallback, confidence if best == fallback else 1 - confidence, reliable=False)
        return LanguageGuess(best, confidence, reliable)

    def thread_language(self, messages: Sequence[Message]) -> LanguageGuess:
        """The language of the customer's latest ten turns; the agent's when those say nothing."""
        guess = LanguageGuess(self.served[0], 0.0, reliable=False)
        for role in ("customer", "agent"):
            texts = [message.text for message in messages if message.role == role][-10:]
            known = self.identify("\n".join(reversed(texts)))
            if known.reliable:
                return known
            guess = known if known.confidence > guess.confidence else guess
        return guess

    def _word_scores(self, words: Sequence[str]) -> dict[str, float]:
        known = word_evidence()
        scores = dict.fromkeys(self.candidates, 0.0)
        for word in words:
            folded = fold(word)
            # "j'ai", "l'appli": the parts are words too; "don't" stands in the list as a whole.
            for part in [folded] if folded in known else folded.split("'"):
                langs = known.get(part, ())
                for lang in langs:
                    if lang in scores:
                        scores[lang] += 1.0 / len(langs)
        return scores

    def _scores(self, text: str, evidence: Mapping[str, float], count: int) -> dict[str, float]:
        if self._model is None:
            self.warm_up()
        # Capitals are for names and for shouting, and the character model learned from neither.
        ranked = dict(self._model.rank(text.lower()))
        marks = mark_evidence(text)
        scale = 4.0 / math.sqrt(max(count, 4))
        prior = 0.7 if count < SHORT else 0.2  # a desk mostly hears from those it serves
        return {
            lang: math.log(max(ranked.get(lang, 0.0), 1e-6))
            + scale * evidence[lang]
            + 0.8 * min(3, marks.get(lang, 0))
            + (prior if lang in self.served else 0.0)
            for lang in self.candidates
        }

    def _reliable(self, best: str, evidence: Mapping[str, float], confidence: float, count: int) -> bool:
        rival = max((value for lang, value in evidence.items() if lang != best), default=0.0)
        margin = evidence[best] - rival
        if count < SHORT:
            return margin >= 0.8 and confidence >= 0.8
        return confidence >= 0.6 or (margin >= 2 and confidence >= 0.5)
