"""Everything a running service holds, made without work and started once."""

from __future__ import annotations

import sys
from pathlib import Path

from pipelines.settings import Settings
from service import logs
from service.auth import Access
from service.metrics import Metrics
from service.swapping import Keeper, Loader, load_assistant
from service.work import Workers

SWITCH_S = 0.001
"""Seconds for which a thread may hold the interpreter while another wants it.

Python's own 5 ms is as long as an embedding takes, which needs no interpreter: who comes back from one would
wait as long again.
"""
CARRIED = Path(__file__).parents[1] / "bundle"
"""A built Bento carries its bundle beside the code."""


def bundle_path(settings: Settings) -> Path:
    """The bundle to serve: that of the settings, else the current one at home, else that beside the code."""
    if settings.bundle is None and not settings.bundle_dir.exists() and CARRIED.is_dir():
        return CARRIED
    return settings.bundle_dir


class Runtime:
    """Settings, bundle, threads, keys and counters of one service.

    Example:
        >>> Runtime(Settings(_env_file=None)).keeper.ready
        False
    """

    def __init__(self, settings: Settings, loader: Loader = load_assistant, poll_s: float = 1.0) -> None:
        self.settings = settings
        self.access = Access(settings.api_keys)
        self.metrics = Metrics()
        self.workers = Workers(settings.threads, settings.timeout_s)
        self.keeper = Keeper(bundle_path(settings), settings, loader, self._on_swap, poll_s)

    def start(self) -> None:
        """Load the bundle and watch it.

        Raises:
            BundleError: it is missing or damaged.
        """
        logs.set_up()
        sys.setswitchinterval(SWITCH_S)
        self.keeper.start()
        if self.access.loopback_only:
            logs.event("loopback_only", mend="Set SOUFFLEUR_API_KEYS to answer other machines.")

    def stop(self) -> None:
        """Let the work end and stop watching."""
        self.keeper.stop()
        self.workers.stop()
        drafting = self.keeper.serving.assistant.drafting if self.keeper.ready else None
        if drafting is not None:
            drafting.close()

    def _on_swap(self, outcome: str, bundle_id: str) -> None:
        self.metrics.swaps.labels(outcome).inc()
        self.metrics.serve_bundle(bundle_id)
