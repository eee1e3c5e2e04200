"""The customer service window: free text may be sent for 24 hours after the customer's last message."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from haystack import component

from pipelines.contracts import Channel, Message

WINDOW_S: Final = 86_400
EARLY_S: Final = 180
"""The window counts as closed this long before it is: a reply takes time to type and send."""
SKEW_S: Final = 300
"""A message later than the clock by more than this has an unusable time."""


@dataclass(frozen=True, slots=True)
class Window:
    """Whether free text may be sent.

    Attributes:
        open: None when nothing tells.
        expires_in_s: seconds left; 0 when closed, None when nothing tells.

    Example:
        >>> Window(open=True, expires_in_s=60.0).open
        True
    """

    open: bool | None
    expires_in_s: float | None


def service_window(channel: Channel, thread: Sequence[Message]) -> Window:
    """The window from the latest customer message; what the business sends never extends it.

    A channel that says it is closed is believed (the platform may have refused a reply). One that says it is
    open is believed only where no time says otherwise.

    Example:
        >>> service_window(Channel(now=1_000_000.0, last_customer_at=1_000_000.0), [])
        Window(open=True, expires_in_s=86220.0)
    """
    if channel.window_open is False:
        return Window(open=False, expires_in_s=0.0)
    now = channel.now if channel.now is not None and math.isfinite(channel.now) else time.time()
    times = [channel.last_customer_at, *(message.at for message in thread if message.role == "customer")]
    usable = [at for at in times if at is not None and math.isfinite(at) and 0 < at <= now + SKEW_S]
    if not usable:
        return Window(open=channel.window_open, expires_in_s=None)
    left = min(max(usable), now) + WINDOW_S - EARLY_S - now
    return Window(open=left > 0, expires_in_s=max(0.0, left))


@component
class ServiceWindow:
    """Haystack face of :func:`service_window`.

    Example:
        >>> ServiceWindow().run([], Channel(window_open=False))["window"].expires_in_s
        0.0
    """

    @component.output_types(window=Window)
    def run(self, thread: list[Message], channel: Channel) -> dict[str, Any]:
        """The window of a thread."""
        return {"window": service_window(channel, thread)}
