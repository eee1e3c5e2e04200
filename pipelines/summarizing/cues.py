"""Speech acts of a sentence, by the lexicons of ``cues.yaml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Final

import yaml

CUES: Final = (
    "problem", "request", "action", "resolution", "next_step", "pending", "solved", "greeting", "courtesy",
    "acknowledge", "apology", "self", "ask_back",
)  # fmt: skip
"""Names of the speech acts, in the order of :func:`cues`."""


def cues(folded: str, lang: str) -> dict[str, bool]:
    """Which speech acts a folded sentence shows; a language without lexicon shows none.

    Example:
        >>> [cue for cue, shown in cues("je viens de lancer l'enquete", "fr").items() if shown]
        ['action', 'pending', 'self']
    """
    acts = _lexicons().get(lang)
    if acts is None:
        return dict.fromkeys(CUES, False)
    return {cue: bool(acts[cue].search(folded)) for cue in CUES}


@lru_cache(maxsize=1)
def _lexicons() -> Mapping[str, Mapping[str, re.Pattern[str]]]:
    text = files("pipelines.summarizing").joinpath("cues.yaml").read_text(encoding="utf-8")
    return {
        lang: {cue: re.compile("|".join(f"(?:{pattern})" for pattern in acts[cue])) for cue in CUES}
        for lang, acts in yaml.safe_load(text).items()
    }
