"""How often the language of a message is told right, beside py3langid alone on the same rows."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.data.jsonl import read_rows
from pipelines.contracts import LANGS
from pipelines.errors import DataError
from pipelines.understanding.language import NEIGHBOURS, LanguageIdentifier


def bench_language(
    test: Path | Sequence[Path], min_words: int = 1, served: tuple[str, ...] = LANGS
) -> dict[str, Any]:
    """Accuracy overall and per language on rows ``text, lang`` (``pt-br`` counts as ``pt``).

    Args:
        test: one file or several; a row may also hold ``turns``, each with its ``text`` and ``lang``.
        min_words: shorter rows are left out (and counted).

    Raises:
        DataError: a bad row, or no row left.
    """
    paths = [test] if isinstance(test, Path) else list(test)
    rows = [turn for path in paths for row in read_rows(path) for turn in _turns(row, path)]
    pairs = [
        (str(r["text"]), str(r["lang"]).lower().split("-")[0])
        for r in rows
        if len(r["text"].split()) >= min_words
    ]
    identifier = LanguageIdentifier(served)
    identifier.warm_up()
    started = time.perf_counter()
    guesses = [identifier.identify(text).lang for text, _ in pairs]
    elapsed = time.perf_counter() - started
    plain = _py3langid([text for text, _ in pairs], tuple(dict.fromkeys((*served, *NEIGHBOURS))))
    gold = [lang for _, lang in pairs]
    return {
        "rows": len(pairs),
        "rows_too_short": len(rows) - len(pairs),
        **_accuracy(gold, guesses),
        "confusion": _confusion(gold, guesses),
        "latency_ms": round(1000 * elapsed / max(1, len(pairs)), 3),
        "baselines": {"py3langid": _accuracy(gold, plain)},
    }


def _turns(row: dict[str, Any], path: Path) -> list[dict[str, str]]:
    """The texts of a row: its own, or those of its turns."""
    turns = row.get("turns", [row])
    if not isinstance(turns, list) or any(not t.get("text") or not t.get("lang") for t in turns):
        raise DataError(f"{path}: a row lacks 'text' or 'lang'.", mend="Give every text its language.")
    return [{"text": str(turn["text"]), "lang": str(turn["lang"])} for turn in turns]


def _py3langid(texts: list[str], candidates: tuple[str, ...]) -> list[str]:
    from py3langid.langid import MODEL_FILE
    from py3langid.langid import LanguageIdentifier as CharacterModel

    model = CharacterModel.from_model_file(MODEL_FILE)
    model.set_languages(list(candidates))
    return [str(model.classify(text)[0]) for text in texts]


def _accuracy(gold: list[str], guesses: list[str]) -> dict[str, Any]:
    totals, right = Counter(gold), Counter(g for g, guess in zip(gold, guesses, strict=True) if g == guess)
    return {
        "accuracy": round(sum(right.values()) / len(gold), 4) if gold else None,
        "per_language": {
            lang: {"rows": n, "accuracy": round(right[lang] / n, 4)} for lang, n in sorted(totals.items())
        },
    }


def _confusion(gold: list[str], guesses: list[str]) -> dict[str, dict[str, int]]:
    counts = Counter(zip(gold, guesses, strict=True))
    return {
        lang: {guess: n for (g, guess), n in sorted(counts.items()) if g == lang and guess != lang}
        for lang in sorted(set(gold))
    }
