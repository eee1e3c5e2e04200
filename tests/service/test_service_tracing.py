"""No request is traced: a span that nothing exports would cost each a quarter of a millisecond."""

from __future__ import annotations

from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

from pipelines.settings import Settings
from service.app import define


def test_every_path_is_left_out_of_tracing(settings: Settings) -> None:
    app = define(settings).to_asgi()
    tracing = [layer for layer in app.user_middleware if layer.cls is OpenTelemetryMiddleware]
    assert len(tracing) == 1
    for path in ("/suggest", "/readyz", "/"):
        assert tracing[0].kwargs["excluded_urls"].url_disabled(f"http://127.0.0.1:3000{path}")
