"""Strict reading of JSONL: one object a line, and an error that names the file and the line."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipelines.errors import DataError
from pipelines.writing import write_text

_MEND = "Each line must be one JSON object in UTF-8."


def read_rows(path: Path, required: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The rows of a JSONL file; blank lines are passed over, ``required`` columns must hold something.

    Raises:
        DataError: the file is missing, empty or not UTF-8, or a line is not an object with the columns; it
            names the file and the line and never repeats what the line says.
    """
    try:
        raw = path.read_bytes()
        lines = (gzip.decompress(raw) if path.suffix == ".gz" else raw).split(b"\n")
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or "damaged"
        raise DataError(f"{path}: cannot be read ({why}).", mend="Check the path.") from None
    rows = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            rows.append(_row(line.removeprefix(b"\xef\xbb\xbf"), f"{path}, line {number}", required))
    if not rows:
        raise DataError(f"{path}: the file has no rows.", mend=_MEND)
    return rows


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows as JSONL, whole or not at all."""
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _row(line: bytes, where: str, required: tuple[str, ...]) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DataError(
            f"{where}: not UTF-8 (byte {error.start + 1}).", mend="Save the file as UTF-8."
        ) from None
    except (json.JSONDecodeError, RecursionError):
        raise DataError(f"{where}: not valid JSON.", mend=_MEND) from None
    if not isinstance(row, dict):
        raise DataError(f"{where}: not a JSON object.", mend=_MEND)
    for column in required:
        value = row.get(column)
        if value is None or (isinstance(value, str) and not value.strip()):
            raise DataError(
                f"{where}: the column '{column}' is missing or empty.", mend=f"Give every row '{column}'."
            )
        if column in ("text", "intent", "lang", "query", "id") and not isinstance(value, str):
            raise DataError(f"{where}: the column '{column}' must be a text.", mend="Put it between quotes.")
    return row
