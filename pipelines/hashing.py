"""Canonical JSON and SHA-256: the identity of everything that is stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path


def canonical(value: object) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text.

    Example:
        >>> canonical({"b": 1, "a": [True]})
        '{"a":[true],"b":1}'
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sha256_text(text: str) -> str:
    """Hex digest of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def sha256_file(path: Path) -> str:
    """Hex digest of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def file_hashes(root: Path, files: Iterable[Path]) -> dict[str, str]:
    """``{relative POSIX path: SHA-256}``, sorted by path."""
    return {path.relative_to(root).as_posix(): sha256_file(path) for path in sorted(files)}
