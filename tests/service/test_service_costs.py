"""What would cost every request something for nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

from pipelines.settings import Settings
from service.app import define
from service.runtime import SWITCH_S, Runtime


def test_a_thread_that_comes_back_does_not_wait_long(
    settings: Settings, runtime_of: Callable[..., Runtime]
) -> None:
    runtime_of(settings)
    assert sys.getswitchinterval() == pytest.approx(SWITCH_S)


def test_every_path_is_left_out_of_tracing(settings: Settings) -> None:
    # A span that nothing exports costs a quarter of a millisecond.
    app = define(settings).to_asgi()
    tracing = [layer for layer in app.user_middleware if layer.cls is OpenTelemetryMiddleware]
    assert len(tracing) == 1
    for path in ("/suggest", "/readyz", "/"):
        assert tracing[0].kwargs["excluded_urls"].url_disabled(f"http://127.0.0.1:3000{path}")
