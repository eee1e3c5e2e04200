"""What is done once after a bundle is loaded, so that the requests after it do not pay for it."""

from __future__ import annotations

import ctypes
import gc


def settle() -> None:
    """Keep what was loaded out of garbage collection, and give memory that only loading needed back.

    Walking a million long-lived objects takes tenths of a second, in the middle of some request.

    Example:
        >>> settle()
        >>> gc.get_freeze_count() > 0
        True
    """
    # What an earlier call froze may have become garbage: an old bundle.
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    _trim()


def _trim() -> None:
    # Only glibc keeps freed memory until it is told; other C libraries have no such function.
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        return
