"""One JSON line an event, on standard error. Only fields that we name, so nothing personal slips in."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from pathlib import Path

from pipelines.errors import SouffleurError

LOGGER = logging.getLogger("souffleur.service")


def set_up(level: int = logging.INFO) -> None:
    """Send our lines to standard error as they are; once, whatever other libraries do to the root logger."""
    if not LOGGER.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        LOGGER.addHandler(handler)
        LOGGER.propagate = False
    LOGGER.setLevel(level)


def event(name: str, level: int = logging.INFO, **fields: str | float | None) -> None:
    """Log an event; fields that are None are left out."""
    if LOGGER.isEnabledFor(level):
        line = {
            "at": round(time.time(), 3),
            "event": name,
            **{k: v for k, v in fields.items() if v is not None},
        }
        LOGGER.log(level, json.dumps(line, ensure_ascii=False))


def failure(error: BaseException) -> str:
    """An error by its class and place. Its message is left out: it may quote what a customer wrote.

    Example:
        >>> try: int("4111 1111")
        ... except ValueError as error: "4111" in failure(error)
        False
    """
    if isinstance(error, SouffleurError):
        return f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {places or 'unknown'}"
