"""The one shape of every error: RFC 9457 problem details, with the mend, and never a word of the customer.

What a client sent may appear in a library's error in two places: the offending value, and the *name* of an
unknown field. Neither is repeated: fields are named only by the words of our own contract.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipelines import contracts

MEDIA_TYPE = "application/problem+json"
KINDS = {
    400: (
        "unreadable-body",
        "Unreadable body",
        "Send a JSON object in UTF-8; see /openapi.json for its fields.",
    ),
    401: (
        "unknown-key",
        "Unknown key",
        "Send the header 'Authorization: Bearer KEY' with a key of this service.",
    ),
    403: (
        "not-local",
        "Not from this machine",
        "Call it as http://127.0.0.1 from the same machine, or set SOUFFLEUR_API_KEYS and send a key.",
    ),
    404: ("not-found", "Not found", "See /openapi.json for what exists."),
    405: ("wrong-method", "Wrong method", "Use one of the methods in the Allow header."),
    408: ("slow-body", "Body too slow", "Send the whole body at once."),
    413: ("too-large", "Body too large", "Send fewer or shorter messages: the last 50 are enough."),
    415: ("not-json", "Not declared as JSON", "Send the header 'Content-Type: application/json'."),
    422: ("invalid-fields", "Invalid fields", "Correct the fields listed in errors; see /openapi.json."),
    500: (
        "internal",
        "Internal error",
        "Try again; if it stays, give the operator the instance of this problem.",
    ),
    503: ("busy", "Busy", "Try again in a second."),
    504: ("timeout", "Out of time", "Try again, or send a shorter thread."),
}
"""Status -> slug, title, mend."""


class FieldProblem(BaseModel):
    """One field that was refused."""

    field: str
    problem: str


class Problem(BaseModel):
    """Body of every error answer (``application/problem+json``).

    Example:
        >>> describe(404, "There is nothing at this address.").type
        'urn:souffleur:problem:not-found'
    """

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []
    mend: str
    instance: str | None = None


class ProblemError(Exception):
    """Raised inside the service to answer with a problem; carries no customer text."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


def describe(
    status: int, detail: str, errors: Sequence[FieldProblem] = (), instance: str | None = None
) -> Problem:
    """The problem of a status, with the mend that goes with it."""
    slug, title, mend = KINDS.get(status) or ("http", HTTPStatus(status).phrase, "See /openapi.json.")
    return Problem(
        type=f"urn:souffleur:problem:{slug}", title=title, status=status, detail=detail,
        errors=list(errors), mend=mend, instance=instance,
    )  # fmt: skip


def answer(
    scope: Mapping[str, Any],
    status: int,
    detail: str,
    errors: Sequence[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem as a response to the request of ``scope``."""
    trace = scope.get("souffleur")
    problem = describe(status, detail, errors, f"urn:souffleur:request:{trace.id}" if trace else None)
    return Response(problem.model_dump_json(), status, dict(headers or {}), MEDIA_TYPE)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Unknown paths, wrong methods and what the framework itself refuses."""
    assert isinstance(error, HTTPException)
    details = {
        400: "The body is not readable JSON in UTF-8.",
        404: "There is nothing at this address.",
        405: "This address does not take this method.",
    }
    detail = details.get(error.status_code, HTTPStatus(error.status_code).phrase + ".")
    return answer(request.scope, error.status_code, detail, headers=error.headers)


async def on_problem(request: Request, error: Exception) -> Response:
    """A refusal of our own."""
    assert isinstance(error, ProblemError)
    return answer(request.scope, error.status, error.detail, headers=error.headers)


async def on_invalid(request: Request, error: Exception) -> Response:
    """A body that is no JSON (400) or does not fit the contract (422)."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return answer(request.scope, 400, "The body is not readable JSON in UTF-8.")
    problems = [field_problem(item) for item in found[:20]]
    return answer(request.scope, 422, f"{len(found)} field(s) of the body were refused.", problems)


async def on_crash(request: Request, error: Exception) -> Response:
    """Anything unforeseen: logged by its class and place only (see :mod:`service.guard`)."""
    return answer(request.scope, 500, "Something failed inside the service.")


def _known_fields() -> frozenset[str]:
    models = (
        model
        for model in vars(contracts).values()
        if isinstance(model, type) and issubclass(model, BaseModel)
    )
    return frozenset(name for model in models for name in model.model_fields)


KNOWN = _known_fields()


def field_problem(item: Mapping[str, Any]) -> FieldProblem:
    """A library's error as a field of the contract and a sentence, without the value.

    Example:
        >>> field_problem({"type": "extra_forbidden", "loc": ("body", "txet"), "msg": ""}).problem
        "unknown field; did you mean 'text'?"
        >>> field_problem({"type": "missing", "loc": ("body", "thread"), "msg": "Field required"}).field
        'thread'
    """
    location = list(item["loc"])
    kind = item["type"]
    if kind == "extra_forbidden":
        near = get_close_matches(str(location[-1])[:40], KNOWN, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "; see /openapi.json for those that exist"
        return FieldProblem(field=_path(location[:-1]), problem=f"unknown field{hint}")
    # Messages of Pydantic's own checks hold limits and allowed values only; of custom ones, anything.
    message = "is not valid" if kind in ("value_error", "assertion_error") else str(item["msg"])
    return FieldProblem(field=_path(location), problem=message)


def _path(location: Iterable[str | int]) -> str:
    out = ""
    for part in location:
        if isinstance(part, int):
            out += f"[{part}]"
        elif part in KNOWN:
            out += f".{part}" if out else part
        elif part != "body":
            break  # a key chosen by the client
    return out or "body"
