"""Documents into passages: by heading, then by sentence where a section is long."""

from __future__ import annotations

import re
from itertools import zip_longest

from pipelines.contracts import Document, Passage
from pipelines.text import clean, fold, sentence_spans

MAX_CHARS = 700
"""A longer section is cut between sentences: MiniLM reads 256 tokens, and a citation should be small."""

_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]*)[^)]*\)")
_MARKS = re.compile(r"(\*\*|__|`|^>[ \t]?|^\|.*\|$)", re.MULTILINE)


def split(document: Document) -> list[Passage]:
    """The passages of a document, in order, with ids that survive edits elsewhere in it.

    Example:
        >>> d = Document(id="d", title="T", text="Intro.\\n## Prix\\nGratuit.", lang="fr")
        >>> [p.id for p in split(d)]
        ['d#', 'd#prix']
    """
    if document.kind == "macro":
        return [_passage(document, "", document.title, clean(document.text))]
    passages: list[Passage] = []
    seen: dict[str, int] = {}
    for heading, body in _sections(document):
        for part in _parts(plain(body)):
            slug = slugify(heading)
            seen[slug] = seen.get(slug, 0) + 1
            suffix = f"~{seen[slug]}" if seen[slug] > 1 else ""
            passages.append(_passage(document, slug + suffix, heading or document.title, part))
    return passages


def plain(markdown: str) -> str:
    """Markdown as the text that a customer reads: link labels kept, marks and tables' bars dropped."""
    return clean(
        _MARKS.sub(
            lambda m: m.group(0).replace("|", " ") if "|" in m.group(0) else "", _LINK.sub(r"\1", markdown)
        )
    )


def slugify(heading: str) -> str:
    """Example:
    >>> slugify("Où est l'étiquette ?")
    'ou-est-l-etiquette'
    """
    return re.sub(r"[^a-z0-9]+", "-", fold(heading)).strip("-")


def _sections(document: Document) -> list[tuple[str, str]]:
    text = document.text
    marks = list(_HEADING.finditer(text))
    first = marks[0].start() if marks else len(text)
    sections = [("", text[:first])]
    for mark, following in zip_longest(marks, marks[1:]):
        heading = (
            ""
            if len(mark.group(1)) == 1 and fold(mark.group(2)) == fold(document.title)
            else plain(mark.group(2))
        )
        sections.append((heading, text[mark.end() : following.start() if following else len(text)]))
    return sections


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    start = end = None
    for first, last in sentence_spans(text):
        if start is not None and end is not None and last - start > MAX_CHARS:
            parts.append(text[start:end])
            start = None
        start = first if start is None else start
        end = last
    if start is not None and end is not None:
        parts.append(text[start:end])
    return parts


def _passage(document: Document, slug: str, heading: str, text: str) -> Passage:
    return Passage(
        id=f"{document.id}#{slug}", document_id=document.id, version=document.version, lang=document.lang,
        title=document.title, heading=heading, text=text, url=document.url, category=document.category,
        audience=document.audience, kind=document.kind, intents=document.intents, ask=document.ask,
        sentences=tuple(sentence_spans(text)),
    )  # fmt: skip
