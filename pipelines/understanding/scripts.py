"""The language that a script gives away: what is not in Latin letters is none of the served languages."""

from __future__ import annotations

import unicodedata
from collections import Counter

SCRIPT_LANGS = {
    "ARABIC": "ar", "CYRILLIC": "ru", "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko",
    "GREEK": "el", "HEBREW": "he", "THAI": "th", "DEVANAGARI": "hi", "BENGALI": "bn", "TAMIL": "ta",
    "GEORGIAN": "ka", "ARMENIAN": "hy",
}  # fmt: skip
"""First word of a letter's Unicode name -> a language written in it; it only has to be none of ours."""
LATIN = ("LATIN", "FULLWIDTH", "MATHEMATICAL")
UNKNOWN = "und"
MAX_LETTERS = 400


def foreign_script(text: str) -> str | None:
    """The ISO 639-1 language of a text whose letters are mostly not Latin; None for any other text.

    Example:
        >>> foreign_script("我的包裹在哪里"), foreign_script("mon colis 包裹 est où")
        ('zh', None)
    """
    letters = [char for char in text if char.isalpha()][:MAX_LETTERS]
    scripts = Counter(unicodedata.name(char, UNKNOWN).partition(" ")[0].partition("-")[0] for char in letters)
    latin = sum(count for script, count in scripts.items() if script in LATIN)
    if not letters or latin * 2 >= len(letters):
        return None
    found = Counter[str]()
    for script, count in scripts.items():
        # Japanese mixes kana with Chinese characters: where there is kana, it is Japanese.
        found[SCRIPT_LANGS.get(script, UNKNOWN)] += count * (10 if script in ("HIRAGANA", "KATAKANA") else 1)
    return found.most_common(1)[0][0]
