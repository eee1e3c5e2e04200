"""The sentences of a thread that could stand in a hand-over note: content, no greetings, no small talk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.contracts import Message, Role
from pipelines.text import fold, sentence_spans, terms

MAX_CHARS = 280
"""A sentence longer than this is cut at its last clause or word before it."""

READ_CHARS = 4_096
"""What one message may hold on WhatsApp; the rest of a longer text is not read."""
MAX_SENTENCES = 1_000
"""A longer thread is read at its start and its end."""

_PLACEHOLDER = re.compile(r"^\s*(?:[\[<(][^\]>)]{1,60}[\]>)]|‎?\w+ (?:omitted|omise?|omitid[oa]))\s*$")
_GREETING = re.compile(
    r"^(?:(?:re)?bonjour|bonsoir|bjr|bsr|slt|salut|coucou|hello|hi(?: there)?|hey|hiya|saludos|hola"
    r"|good (?:morning|afternoon|evening)|buen[oa]s(?: d[ií]as| tardes| noches)?)\b"
    r"(?:[ ,]+(?:à (?:tous|vous)|monsieur|madame|mme|mlle|m\.|mr\.?|mrs\.?|ms\.?|sra?\.?"
    r"|(?-i:[A-ZÉÈÀÎÍÓÚÑÇ][\w'-]+)))*\s*[,.!;:…👋🙂😊-]*\s*",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^(?:(?:ici|je suis|this is|i'?m|it'?s|soy|aqu[ií])\s+)?[A-ZÉÈÀÎÍÓÚÑÇ][\w'-]+,?\s+"
    r"(?:de(?: chez)?|from|at|chez|du)\s+(?:chez\s+)?[A-ZÉÈ][\w'-]+"
    r"(?:\s+(?:support|service|sav))?\s*[.!,]*$",
    re.IGNORECASE,
)
_REST_OF_SIGNATURE = re.compile(r"^(?:de(?: chez)?|from|at|chez|du) [A-ZÉÈ][\w'-]+\W*$")
"""What a greeting leaves of a signature: "Bonjour, Maëlle" is taken for the person greeted."""
_THANKS = re.compile(
    r"\b(?:ok\w*|oui|super|parfait|bon|et|mille|beaucoup|bcp|merci\w*|mrc|a vous|a toi|bon weekend|non"
    r"|d'accord|bonne (?:journee|soiree|fin de journee)|au revoir|a bientot|cordialement|avec plaisir"
    r"|je vous en prie|de rien|pour tout|entendu|mdr|lol|haha?|pas de souci|tres bien|voila|top|nickel|si"
    r"|thanks?|thank you|so much|very|much|a lot|thx|cheers|bye|great|perfect|you're welcome|regards|yes|no"
    r"|cool|have a (?:good|nice|great|lovely) (?:day|evening|one|weekend)|for (?:everything|your help)"
    r"|no problem|of course|fine|right|sure|mil|muchas|gracias|un saludo|saludos|adios|vale|hasta luego"
    r"|de nada|perfecto|genial|por todo|jaja\w*|claro)\b"
)
_CLAUSE = re.compile(r"[,;:](?=\s)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One content sentence: ``text == thread[message].text[start:end]``.

    Example:
        >>> Candidate(0, "m1", "customer", "rien reçu", "rien recu", ("rien", "recu"), 0, 9).id
        'm1'
    """

    message: int
    id: str
    role: Role
    text: str
    folded: str
    terms: tuple[str, ...]
    start: int
    end: int


def candidates(thread: Sequence[Message], lang: str) -> list[Candidate]:
    """The content sentences of a thread, in order; a message without id is named by its index."""
    spans = [
        (index, *span)
        for index, message in enumerate(thread)
        if not _PLACEHOLDER.match(message.text)
        for span in sentence_spans(message.text[:READ_CHARS])
    ]
    if len(spans) > MAX_SENTENCES:
        spans = spans[: MAX_SENTENCES // 4] + spans[-3 * MAX_SENTENCES // 4 :]
    read = (_candidate(thread[index], index, start, end, lang) for index, start, end in spans)
    return [candidate for candidate in read if candidate is not None]


def _candidate(message: Message, index: int, start: int, end: int, lang: str) -> Candidate | None:
    start, end = _trim(message.text, start, end)
    text = message.text[start:end]
    folded = fold(text).replace("’", "'")
    stems = tuple(terms(text, lang))
    if not is_content(text, folded, stems) or (start > 0 and _REST_OF_SIGNATURE.match(text)):
        return None
    return Candidate(index, message.id or str(index), message.role, text, folded, stems, start, end)


def is_content(text: str, folded: str, stems: Sequence[str]) -> bool:
    """False for what is only courtesy, acknowledgement, signature, placeholder or noise."""
    if _PLACEHOLDER.match(text) or _SIGNATURE.match(text):
        return False
    rest = re.sub(r"[^\w%€$£]+", " ", _THANKS.sub(" ", folded)).split()
    return bool(stems) and sum(len(word) > 1 or word.isdigit() for word in rest) >= 2


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out a leading greeting, and the tail of what is too long to read at a glance."""
    greeting = _GREETING.match(text[start:end])
    if greeting:
        start += greeting.end()
    if end - start > MAX_CHARS:
        piece = text[start : start + MAX_CHARS]
        clauses = [match.start() for match in _CLAUSE.finditer(piece)]
        cut = clauses[-1] if clauses and clauses[-1] > MAX_CHARS // 2 else piece.rfind(" ")
        end = start + (cut if cut > 0 else MAX_CHARS)
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
