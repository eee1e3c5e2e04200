"""A folder of anyone's knowledge into documents: Markdown with front matter, JSONL, HTML, plain text.

A file that cannot be read is reported and skipped; the rest goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from bs4 import BeautifulSoup

from pipelines.contracts import Document
from pipelines.errors import KnowledgeError
from pipelines.hashing import canonical, sha256_text
from pipelines.knowledge.splitting import slugify
from pipelines.text import clean

MAX_FILE_BYTES = 5_000_000
# The C loader is the same safe loader, ten times faster.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SUFFIXES = (".md", ".markdown", ".jsonl", ".html", ".htm", ".txt")


@dataclass(frozen=True, slots=True)
class Problem:
    """A file, or a line of one, that could not be read, and why."""

    where: str
    why: str


@dataclass(slots=True)
class Reading:
    """What a folder held.

    Example:
        >>> Reading().documents
        []
    """

    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Unreadable(ValueError):
    """Raised inside this module for one file; ends as a :class:`Problem`."""


def read_folder(
    root: Path, lang: str | None = None, progress: Callable[[Path], None] | None = None
) -> Reading:
    """All documents under ``root`` (or of the one file ``root``), sorted by path.

    Args:
        lang: language of documents that do not say theirs and do not lie in a folder named for one.

    Raises:
        KnowledgeError: there is no such folder, or nothing in it has a known suffix.
    """
    if not root.exists():
        raise KnowledgeError(
            f"There is no folder {str(root)!r}.", mend="Give a folder of .md, .jsonl, .html or .txt files."
        )
    files = (
        [root]
        if root.is_file()
        else sorted(p for p in root.rglob("*") if p.is_file() and not p.name.startswith("."))
    )
    files = [p for p in files if p.suffix.lower() in SUFFIXES and p.name.lower() != "readme.md"]
    if not files:
        raise KnowledgeError(
            f"{str(root)!r} holds no .md, .jsonl, .html or .txt file.",
            mend="Give the folder of your help centre.",
        )
    reading = Reading()
    seen: dict[str, str] = {}
    for path in files:
        name = path.relative_to(root).as_posix() if path != root else path.name
        for item in _read_file(path, name, lang):
            if isinstance(item, Problem):
                reading.problems.append(item)
            elif item.id in seen:
                reading.problems.append(
                    Problem(name, f"its id {item.id!r} is already that of {seen[item.id]}; give it another")
                )
            else:
                seen[item.id] = name
                reading.documents.append(item)
        if progress:
            progress(path)
    return reading


def _read_file(path: Path, name: str, lang: str | None) -> Iterator[Document | Problem]:
    try:
        text = _text(path)
        if path.suffix.lower() == ".jsonl":
            yield from _jsonl(text, name, _lang_of(path) or lang)
            return
        reader = {".html": _html, ".htm": _html, ".txt": _plain}.get(path.suffix.lower(), _markdown)
        values = reader(text)
        values.setdefault("id", slugify(name.rsplit(".", 1)[0]))
        yield document(values, _lang_of(path) or lang)
    except Unreadable as error:
        yield Problem(name, str(error))
    except OSError as error:
        yield Problem(name, f"it cannot be opened ({error.strerror})")


def document(values: dict[str, Any], lang: str | None) -> Document:
    """A document from raw columns, with its version.

    Raises:
        Unreadable: a column is missing, empty or of the wrong type.
    """
    body = values.get("text")
    if not isinstance(body, str) or not clean(body):
        raise Unreadable("it holds no text")
    identity = str(values.get("id") or "").strip()
    if not identity or len(identity) > 200 or "#" in identity:
        raise Unreadable("its id is missing, longer than 200 characters, or contains '#'")
    intents = values.get("intents") or []
    if not isinstance(intents, list):
        raise Unreadable("'intents' is not a list")
    made = Document(
        id=identity,
        title=clean(str(values.get("title") or identity)),
        text=clean(body),
        lang=str(values.get("lang") or lang or "fr").lower()[:2],
        url=str(values.get("url") or ""),
        category=str(values.get("category") or ""),
        audience=str(values.get("audience") or "public"),
        updated=str(values.get("updated") or ""),
        kind="macro" if values.get("kind") == "macro" else "article",
        intents=tuple(str(i) for i in intents),
        ask=bool(values.get("ask", False)),
    )
    shown = {"title": made.title, "text": made.text, "lang": made.lang, "url": made.url}
    more = {
        "audience": made.audience,
        "kind": made.kind,
        "intents": list(made.intents),
        "ask": made.ask,
        "category": made.category,
    }
    return replace(made, version=sha256_text(canonical(shown | more))[:16])


def _text(path: Path) -> str:
    size = path.stat().st_size
    if size == 0:
        raise Unreadable("it is empty")
    if size > MAX_FILE_BYTES and path.suffix.lower() != ".jsonl":
        raise Unreadable(f"it is larger than {MAX_FILE_BYTES // 1_000_000} MB")
    raw = path.read_bytes()
    if b"\x00" in raw:
        raise Unreadable("it is binary")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"it is not UTF-8 (byte {error.start})") from None


def _markdown(text: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    body = text.replace("\r\n", "\n")
    if body.startswith("---\n"):
        head, found, body = body[4:].partition("\n---")
        if not found:
            raise Unreadable("its front matter has no closing ---")
        try:
            loaded = yaml.load(head, Loader=_LOADER)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            raise Unreadable(f"its front matter is no YAML (line {mark.line + 2 if mark else '?'})") from None
        if not isinstance(loaded, dict):
            raise Unreadable("its front matter holds no 'key: value' lines")
        values = loaded
        body = body.partition("\n")[2]
    first = body.lstrip().split("\n", 1)[0]
    if "title" not in values and first.startswith("# "):
        values["title"] = first[2:]
    return {**values, "text": body}


def _html(text: str) -> dict[str, Any]:
    soup = BeautifulSoup(text, "html.parser")
    for tag in soup(["script", "style", "nav", "header", "footer", "noscript", "template", "form"]):
        tag.decompose()
    for level in range(1, 7):
        for tag in soup.find_all(f"h{level}"):
            tag.replace_with(f"\n\n{'#' * level} {tag.get_text(' ', strip=True)}\n\n")
    for tag in soup.find_all(["li", "p", "br", "tr", "div"]):
        tag.append("\n")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    language = soup.html.get("lang") if soup.html else None
    main = soup.find("main") or soup.find("article") or soup.body or soup
    values = {"title": title, "text": main.get_text()}
    return {**values, "lang": str(language)[:2]} if language else values


def _plain(text: str) -> dict[str, Any]:
    first = text.strip().split("\n", 1)[0][:120]
    return {"title": first, "text": text}


def _jsonl(text: str, name: str, lang: str | None) -> Iterator[Document | Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            if not isinstance(values, dict):
                raise Unreadable("it is not a JSON object")
            yield document(values, lang)
        except Unreadable as error:
            yield Problem(f"{name}:{number}", str(error))
        except ValueError:
            yield Problem(f"{name}:{number}", "it is not JSON")


def _lang_of(path: Path) -> str | None:
    known = ("fr", "en", "es", "de", "it", "pt", "nl")
    return next((part for part in reversed(path.parts[:-1]) if part in known), None)
