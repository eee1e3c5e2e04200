"""Serving one bundle while the next one is checked and warmed beside it; then one reference changes.

A request takes :attr:`Keeper.serving` once and keeps it to its end, so it never sees two bundles.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pipelines.contracts import (
    SuggestAnswer,
    SuggestRequest,
    SummaryAnswer,
    SummaryRequest,
    TemplateAnswer,
    TemplateRequest,
)
from pipelines.errors import BundleError
from pipelines.settings import Settings
from service.bundle import Bundle, fingerprint, open_bundle
from service.logs import event, failure
from service.settling import settle

if TYPE_CHECKING:
    from pipelines.generating.drafting import Drafting
    from pipelines.suggest import Prepared

POLL_S = 1.0
RETRY_S = 30.0
"""A refused bundle is looked at again after this time: it may have been copied in place, file by file."""


class Assistant(Protocol):
    """What a bundle can do, once loaded; its methods are called from several threads at once."""

    drafting: Drafting | None

    def prepare(self, request: SuggestRequest) -> Prepared:
        """The extracted answer, and what a language model needs to give a better one."""

    def suggest(self, request: SuggestRequest) -> SuggestAnswer:
        """Suggestions, or silence."""

    def suggest_events(self, request: SuggestRequest) -> Iterator[tuple[str, dict[str, Any]]]:
        """Verified sentences as they come, then the whole answer."""

    def summarize(self, request: SummaryRequest) -> SummaryAnswer:
        """A hand-over note."""

    def extract_summary(self, request: SummaryRequest) -> SummaryAnswer:
        """A hand-over note without a language model."""

    def template(self, request: TemplateRequest) -> TemplateAnswer:
        """Templates for a closed window."""


Loader = Callable[[Bundle, Settings], Assistant]


def load_assistant(bundle: Bundle, settings: Settings) -> Assistant:
    """The real assistant of a bundle, warm; heavy libraries are imported here and not before."""
    from pipelines.assistant import Assistant as Real

    def say(what: str, mend: str) -> None:
        event("llm", logging.WARNING, what=what, mend=mend)

    real = Real(bundle.root, bundle.ref, settings, say)
    real.warm_up()
    assistant: Assistant = real
    return assistant


@dataclass(frozen=True, slots=True)
class Serving:
    """A bundle and its assistant, which are always exchanged together."""

    bundle: Bundle
    assistant: Assistant


class Keeper:
    """Holds the bundle that serves and follows changes of its path."""

    def __init__(
        self,
        path: Path,
        settings: Settings,
        loader: Loader = load_assistant,
        on_swap: Callable[[str, str], None] = lambda outcome, bundle_id: None,
        poll_s: float = POLL_S,
    ) -> None:
        self.path = path
        self._settings = settings
        self._loader = loader
        self._on_swap = on_swap
        self._poll_s = poll_s
        self._serving: Serving | None = None
        self._seen: object = None
        self._retry_at = float("inf")
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def ready(self) -> bool:
        """Whether a bundle is loaded."""
        return self._serving is not None

    @property
    def serving(self) -> Serving:
        """The bundle that serves now.

        Raises:
            BundleError: :meth:`start` has not been called.
        """
        if self._serving is None:
            raise BundleError("No bundle is loaded yet.")
        return self._serving

    def start(self) -> None:
        """Load the bundle, then watch its path.

        Raises:
            BundleError: it is missing or damaged.
        """
        self._seen = fingerprint(self.path)
        self._load("started")
        self._stop.clear()
        self._watcher = threading.Thread(target=self._watch, name="souffleur-bundle", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Stop watching; what is loaded stays usable."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join(timeout=5)

    def check(self) -> None:
        """Swap if the path leads to another bundle; a bad one is logged and the old one goes on serving."""
        seen = fingerprint(self.path)
        if seen == self._seen and time.monotonic() < self._retry_at:
            return
        repeated, self._seen, self._retry_at = seen == self._seen, seen, float("inf")
        try:
            self._load("swapped")
        except Exception as error:
            # Whatever is wrong with the new bundle or its models must not stop the old one.
            self._retry_at = time.monotonic() + RETRY_S
            if not repeated:
                self._on_swap("refused", self.serving.bundle.id)
                event(
                    "bundle_refused",
                    logging.ERROR,
                    bundle=self.path.resolve().name,
                    serving=self.serving.bundle.id,
                    error=failure(error),
                )

    def _load(self, outcome: str) -> None:
        bundle = open_bundle(self.path)
        if self._serving is not None and self._serving.bundle.id == bundle.id:
            return
        began = time.perf_counter()
        assistant = self._loader(bundle, self._settings)
        retired, self._serving = self._serving, Serving(bundle, assistant)
        if retired is not None and retired.assistant.drafting is not None:
            retired.assistant.drafting.close(after_s=self._settings.timeout_s)
        settle()
        self._on_swap(outcome, bundle.id)
        event(f"bundle_{outcome}", bundle=bundle.id, ms=round((time.perf_counter() - began) * 1000))

    def _watch(self) -> None:
        while not self._stop.wait(self._poll_s):
            self.check()
