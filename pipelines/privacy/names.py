"""Names of people, by what announces them and by frequent first names; rare names may slip through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pipelines.privacy.spans import Place
from pipelines.text import fold
from pipelines.understanding.gloss import gloss
from pipelines.understanding.language_words import word_evidence

_UPPER = r"[A-ZÀ-ÖØ-ÞŒŠŽ]"
_WORD = rf"{_UPPER}[\w'’-]*"
_PARTICLE = r"(?:de la|de los|du|de|des|d'|van der|van|von|le|la|da|dos|del|ben|el|al|mac|mc|o')"
_INITIAL = rf"{_UPPER}\."
_PART = rf"(?:{_INITIAL}|{_WORD})"
FULL = rf"{_PART}(?:[ \t]+(?:{_PARTICLE}[ \t]*)?{_PART}){{0,3}}"
_LOOSE = r"[^\W\d_][\w'’-]*(?:[ \t]+[^\W\d_][\w'’-]*)?"

TITLE = re.compile(
    rf"(?<!\w)(?:M\.|MM\.|Mr|Mme|Mlle|Me|Dr|Pr|Mrs|Ms|Miss|Mx|Sir|Prof|Sr|Sra|Srta|Don|Doña|monsieur|madame|"
    rf"mademoiselle|"
    rf"señor|señora|Monsieur|Madame|Mademoiselle|Señor|Señora)\.?[ \t]+(?P<id>{FULL})"
)
SAID = re.compile(
    rf"(?:(?i:je m'appelle|je me nomme|mon nom est|mon nom c'est|moi c'est|au nom de|ici|c'est|je suis|my "
    rf"name is|my name's|"
    rf"name'?s|this is|i am|i'm|me llamo|mi nombre es|soy|a nombre de|under the name(?: of)?|in the name of|"
    rf"nom ?:|name ?:|"
    rf"nombre ?:|pr[ée]nom ?:|apellidos? ?:|titulaire ?:|destinataire ?:|titular ?:))[ \t]+(?P<id>{FULL})"
)
SURE = re.compile(
    r"(?i:je m'appelle|je me nomme|mon nom est|mon nom c'est|my name is|my name's|me llamo|mi nombre es)"
    rf"[ \t]+(?P<id>{_LOOSE})"
)
GREETED = re.compile(
    r"(?i:^|[\n.!?][ \t]*)(?i:bonjour|bonsoir|salut|coucou|rebonjour|merci|hello|hi|hey|dear|good "
    r"(?:morning|afternoon|evening)"
    r"|thanks|thank you|hola|buenos d[ií]as|buenas(?: tardes| noches)?|gracias|cher|ch[èe]re)[ ,\t]+"
    rf"(?P<id>{_LOOSE}(?:[ \t]+[^\W\d_][\w'’-]*)?)",
    re.MULTILINE,
)
SIGNED = re.compile(
    r"(?i:cordialement|bien à vous|sinc[èe]rement|salutations|bonne journ[ée]e|(?:kind |best )?regards|"
    r"sincerely|cheers|"
    rf"yours|un saludo|saludos|atentamente|merci|thanks)[ \t]*[,.!]*[ \t]*\n+[ \t]*(?P<id>{FULL})[ \t.]*$",
    re.MULTILINE,
)
LOWER = 5
"""Letters from which a first name written without a capital is taken for one."""

_TOKEN = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")


def names(text: str, lang: str) -> Iterator[Place]:
    """Places of people's names; the surname that follows a first name is taken with it."""
    for pattern in (TITLE, SURE, SAID, SIGNED):
        for match in pattern.finditer(text):
            if place := _trimmed(text, *match.span("id"), known=pattern is SAID):
                yield place
    for match in GREETED.finditer(text):
        if place := _greeted(text, *match.span("id")):
            yield place
    yield from _listed(text)


@cache
def listed(name: str) -> frozenset[str]:
    """The folded words of a list beside this file: first_names, ambiguous_names or not_names."""
    lines = Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _trimmed(text: str, start: int, end: int, known: bool) -> Place | None:
    """The announced name without words that are none; ``known`` cues ("c'est") need more than a capital."""
    words = [(m.start() + start, m.end() + start) for m in _TOKEN.finditer(text[start:end])]
    while words and fold(text[slice(*words[-1])]) in listed("not_names"):
        words.pop()
    particle = len(words) > 1 and text[words[0][0]].isupper() and text[words[1][0]].isupper()  # "Le Goff"
    if not words or (fold(text[slice(*words[0])]) in listed("not_names") and not particle):
        return None
    if known and not (_is_first(text, words[0]) or (len(words) > 1 and _followed(text, words))):
        return None
    return words[0][0], words[-1][1]


def _greeted(text: str, start: int, end: int) -> Place | None:
    words = [(m.start() + start, m.end() + start) for m in _TOKEN.finditer(text[start:end])][:3]
    if not words or not _is_first(text, words[0]):
        return None
    kept = [words[0]]
    for place in words[1:]:
        word = text[slice(*place)]
        if fold(word) in listed("not_names") or not (word[0].isupper() or _is_first(text, place)):
            break
        kept.append(place)
    # "hello renée leduc!": a lower-case surname is one when nothing follows it.
    if len(kept) == 1 and len(words) == 2 and not text[words[1][1] : words[1][1] + 1].strip(" ,.!?\n"):
        word = fold(text[slice(*words[1])])
        if word not in listed("not_names") and len(word) > 3 and text[words[1][1] :].strip(" ,.!?") == "":
            kept.append(words[1])
    return kept[0][0], kept[-1][1]


def _listed(text: str) -> Iterator[Place]:
    words = [match.span() for match in _TOKEN.finditer(text)]
    i = 0
    while i < len(words):
        start, end = words[i]
        word = fold(text[start:end]).split("-")[0]
        if (
            word in listed("first_names")
            and word not in listed("ambiguous_names")
            and (text[start].isupper() or len(word) >= LOWER)
        ):
            last = i
            while last + 1 < len(words) and last - i < 3 and _surname(text, words[last], words[last + 1]):
                last += 1
            yield start, words[last][1]
            i = last
        i += 1


def _surname(text: str, before: Place, place: Place) -> bool:
    gap, word = text[before[1] : place[0]], text[slice(*place)]
    if (
        not re.fullmatch(r"[ \t]|\.[ \t]", gap)
        or fold(word) in listed("not_names")
        or any(c.isdigit() for c in word)
    ):
        return False
    return word[0].isupper() or (text[before[0]].islower() and len(word) >= LOWER and not _common(word))


def _common(word: str) -> bool:
    """Whether a word is one of the desk's vocabulary, in any of the served languages."""
    return (
        gloss(word, "fr") != word.lower()
        or gloss(word, "es") != word.lower()
        or fold(word) in word_evidence()
    )


def _is_first(text: str, place: Place) -> bool:
    return fold(text[slice(*place)]).split("-")[0] in listed("first_names")


def _followed(text: str, words: list[Place]) -> bool:
    return all(text[start].isupper() for start, _ in words)
