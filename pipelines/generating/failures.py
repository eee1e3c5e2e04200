"""What went wrong at an endpoint, in one word for machines and one line for people."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from pipelines.generating.calls import FailureKind, ModelFailure

if TYPE_CHECKING:
    from pipelines.generating.provider import Endpoint

RETRIED: frozenset[FailureKind] = frozenset({"rate_limited", "server", "unreachable", "interrupted"})
COUNTED: frozenset[FailureKind] = frozenset(
    {"timeout", "unreachable", "unauthorised", "not_found", "rate_limited", "server", "interrupted"}
)
"""Failures that say that the model is not well: too many in a row, and it is left alone."""

LINES: dict[str, tuple[str, str]] = {
    "unauthorised": ("refused the key", "Check SOUFFLEUR_LLM_API_KEY."),
    "not_found": ("does not know the address or the model",
                  "Check SOUFFLEUR_LLM_MODEL, and SOUFFLEUR_LLM_BASE_URL, which usually ends in /v1."),
    "unreachable": ("cannot be reached", "Check SOUFFLEUR_LLM_BASE_URL, and that the server is up."),
    "timeout": ("did not answer in time", "Raise SOUFFLEUR_LLM_DEADLINE_S, or take a faster model."),
    "rate_limited": ("has no room for more requests", "Wait, or ask the provider for a higher limit."),
    "server": ("failed inside", "Wait, or ask the provider."),
    "too_long": ("cannot read that much", "Lower SOUFFLEUR_LLM_CONTEXT_TOKENS to what the model reads."),
    "refused": ("refused the request", "Check SOUFFLEUR_LLM_OPTIONS: the model may not know one of them."),
    "interrupted": ("broke off its answer", "Wait, or ask the provider."),
    "resting": ("is left alone after too many failures", "It is tried again by itself."),
    "unreadable": ("did not answer in the form asked for", "Take a model that follows a JSON schema."),
    "empty": ("answered nothing", "Raise max_tokens in SOUFFLEUR_LLM_OPTIONS, or take another model."),
    "endless": ("does not stop writing", "Set max_tokens in SOUFFLEUR_LLM_OPTIONS, or take another model."),
    "superseded": ("was stopped: a newer message came", ""),
    "left": ("was stopped: the client left", ""),
    "json_schema": ("knows no JSON schema", "Nothing to do: JSON mode is asked for from now on."),
    "response_format": ("has no JSON mode", "Nothing to do: its answers are read as they come."),
    "stream_options": ("does not count its tokens", "Nothing to do: tokens and money stay unknown."),
}  # fmt: skip
"""Kind -> what the endpoint did, and the mend."""

_TOO_LONG = ("context_length", "context length", "maximum context", "too many tokens", "too long",
             "context window", "input is too large", "prompt is too large")  # fmt: skip
Say = Callable[[str, str], None]
"""Told what happened and the mend."""


def classify(error: Exception, without: set[str]) -> tuple[ModelFailure, str | None]:
    """The failure behind an error of the client, and what the server does not know, if it is only that."""
    import openai

    if isinstance(error, ModelFailure):
        return error, None
    if isinstance(error, (TimeoutError, openai.APITimeoutError)):
        return ModelFailure("timeout"), None
    if isinstance(error, openai.APIStatusError):
        return _of_status(error, without)
    if isinstance(error, openai.APIConnectionError):
        return ModelFailure("unreachable"), None
    # What breaks while a stream is read comes as the HTTP client made it, or as an error of its JSON.
    return ModelFailure("interrupted"), None


def _of_status(error: object, without: set[str]) -> tuple[ModelFailure, str | None]:
    import openai

    assert isinstance(error, openai.APIStatusError)
    status, text = error.status_code, _text(error)
    if status in (401, 403):
        return ModelFailure("unauthorised"), None
    if status == 404 or "model_not_found" in text:
        return ModelFailure("not_found"), None
    if status == 413 or any(word in text for word in _TOO_LONG):
        return ModelFailure("too_long"), None
    if status == 429:
        return ModelFailure("rate_limited", _retry_after(error)), None
    if status in (408, 409) or status >= 500:
        return ModelFailure("server", _retry_after(error)), None
    for what, words in (
        ("stream_options", ("stream_options", "include_usage")),
        ("json_schema", ("json_schema", "response_format", "response format", "guided")),
        ("response_format", ("json_object", "response_format", "response format", "json mode")),
    ):
        if what not in without and any(word in text for word in words):
            return ModelFailure("refused"), what
    return ModelFailure("refused"), None


def _text(error: object) -> str:
    body = getattr(error, "body", None)
    told = body if isinstance(body, str) else json.dumps(body, default=str)
    return f"{getattr(error, 'message', '')} {told}".lower()


def _retry_after(error: object) -> float | None:
    response = getattr(error, "response", None)
    headers = getattr(response, "headers", {})
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        return max(0.0, float(headers["retry-after"])) if "retry-after" in headers else None
    except ValueError:
        return None


def line(endpoint: Endpoint, kind: str) -> tuple[str, str]:
    """What happened at an endpoint, and the mend; the address without what may be secret in it.

    Example:
        >>> from pipelines.generating.provider import Endpoint
        >>> line(Endpoint("https://user:pw@llm.example/v1?key=k", "m"), "unauthorised")[0]
        "The model 'm' at https://llm.example/v1 refused the key."
    """
    from urllib.parse import urlsplit

    parts = urlsplit(endpoint.base_url)
    port = f":{parts.port}" if parts.port else ""
    what, mend = LINES[kind]
    return (
        f"The model {endpoint.model!r} at {parts.scheme}://{parts.hostname}{port}{parts.path} {what}.",
        mend,
    )


def warn(what: str, mend: str) -> None:
    """One line in the log of whoever runs this."""
    logging.getLogger("souffleur").warning("%s %s", what, mend)
