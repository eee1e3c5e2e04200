"""Answers by content: what a system of that description said to those inputs in that epoch."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from pipelines.errors import DataError
from pipelines.hashing import canonical, sha256_text

Mode = Literal["live", "record", "replay"]


class Cache:
    """A cache of JSON values in one SQLite file; several processes may share it.

    ``live`` neither reads nor writes, ``record`` reads what is there and writes what is not, ``replay`` only
    reads: what is missing is an error, so that a replay can never reach a model.

    Example:
        >>> cache = Cache(None, "live")
        >>> cache.get(cache.key({"model": "m"}, epoch=0)) is None
        True
    """

    def __init__(self, path: Path | None, mode: Mode = "record") -> None:
        self.mode: Mode = mode if path else "live"
        self.path = path
        self.hits = self.misses = 0
        if self.mode == "replay" and path is not None and not path.is_file():
            raise DataError(
                f"There is no cache {path.name!r} to replay.", mend="Record one first: --cache record"
            )
        if path is not None and self.mode == "record":
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._open()) as store, store:
                store.execute(
                    "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
                )

    @staticmethod
    def key(of: Any, epoch: int) -> str:
        """The identity of a request: its whole description and the epoch, so that repeats are not one."""
        return sha256_text(canonical([of, epoch]))

    def get(self, key: str) -> Any | None:
        """What is remembered, or None.

        Raises:
            DataError: in ``replay``, nothing is.
        """
        if self.mode == "live":
            return None
        with closing(self._open()) as store:
            found = store.execute("SELECT value FROM answers WHERE key = ?", (key,)).fetchone()
        if found is None:
            self.misses += 1
            if self.mode == "replay":
                raise DataError(
                    "A replayed run asks what was never recorded.", mend="Record it: --cache record"
                )
            return None
        self.hits += 1
        return json.loads(found[0])

    def put(self, key: str, value: Any) -> None:
        """Remember a value; errors, refusals and what stood in for a model are for the caller to keep out."""
        if self.mode == "record":
            with closing(self._open()) as store, store:
                store.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, canonical(value)))

    def _open(self) -> sqlite3.Connection:
        if self.path is None:
            raise DataError("The cache has no file.", mend="Give it a path.")
        try:
            store = sqlite3.connect(self.path, timeout=10)
            if self.mode == "record":
                store.execute("PRAGMA journal_mode = WAL")
                store.execute("PRAGMA synchronous = NORMAL")
        except sqlite3.Error as error:
            raise DataError(
                f"The cache {self.path.name!r} cannot be used ({type(error).__name__}).",
                mend="Delete it, or name another.",
            ) from None
        return store
