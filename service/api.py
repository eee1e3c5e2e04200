"""The public contract over HTTP: thin, one line of work an endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from pipelines.contracts import (
    Engine,
    SuggestAnswer,
    SuggestRequest,
    SummaryAnswer,
    SummaryRequest,
    TemplateAnswer,
    TemplateRequest,
    Wire,
)
from service import page, problems
from service.drafting import drafted, drafted_events, while_connected
from service.guard import Trace
from service.runtime import Runtime
from service.streaming import Event, frames, primed, stepped

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": problems.Problem, "description": title}
    for status, (_, title, _) in problems.KINDS.items()
    if status not in (404, 405)
}
router = APIRouter(responses=REFUSALS)
Answer = TypeVar("Answer", SuggestAnswer, SummaryAnswer, TemplateAnswer)


class Health(Wire):
    """State of the service.

    Example:
        >>> Health(status="ready", bundle="0123456789ab", created="", model="m", access="loopback").access
        'loopback'
    """

    status: str
    bundle: str
    created: str
    model: str
    access: str


@router.post("/suggest", response_model=SuggestAnswer)
async def suggest(body: SuggestRequest, request: Request) -> Response:
    """Up to three replies with their sources, or silence with its reason."""
    serving = _runtime(request).keeper.serving
    drafting = serving.assistant.drafting
    if drafting is None:
        answer = await _work(request, serving.bundle.id, serving.assistant.suggest, body)
    else:
        request.scope["souffleur"].bundle = serving.bundle.id
        runtime = _runtime(request)
        answer = await drafted(runtime, serving.assistant, drafting, body, request)
        runtime.metrics.observe_stages(answer.timing_ms)
        runtime.metrics.observe_engine(answer.engine)
    _note(request, answer.silence.reason if answer.silence else None, len(answer.suggestions))
    return _json(answer)


@router.post(
    "/suggest/stream",
    responses={200: {"content": {"text/event-stream": {}}}},
    response_class=StreamingResponse,
)
async def suggest_stream(body: SuggestRequest, request: Request) -> Response:
    """The same as server-sent events: ``sentence`` for each verified sentence, then ``answer``."""
    runtime = _runtime(request)
    serving = runtime.keeper.serving
    trace: Trace = request.scope["souffleur"]
    trace.bundle = serving.bundle.id
    drafting = serving.assistant.drafting

    def on_event(event: Event) -> None:
        if event[0] == "answer":
            silence = event[1].get("silence")
            runtime.metrics.observe_stages(event[1].get("timing_ms") or {})
            if drafting is not None:
                runtime.metrics.observe_engine(Engine.model_validate(event[1]["engine"]))
            _note(request, silence["reason"] if silence else None, len(event[1].get("suggestions") or ()))

    def on_error(error: str) -> None:
        trace.error = error

    if drafting is None:
        events = stepped(await runtime.workers.run(serving.assistant.suggest_events, body), runtime.workers)
    else:
        events = drafted_events(runtime, serving.assistant, drafting, body)
    begun = primed(frames(events, runtime.settings.timeout_s, on_event, on_error))
    source = await while_connected(request, begun)
    return StreamingResponse(source, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.post("/summarize", response_model=SummaryAnswer)
async def summarize(body: SummaryRequest, request: Request) -> Response:
    """A hand-over note by sections; each sentence names the messages it rests on."""
    serving = _runtime(request).keeper.serving
    assistant, drafting = serving.assistant, serving.assistant.drafting
    job = assistant.summarize if drafting is None else assistant.extract_summary
    answer = await _work(request, serving.bundle.id, job, body)
    if drafting is not None:
        written = drafting.submit_summary(body.thread, answer)
        answer = await while_connected(request, asyncio.wrap_future(written))
        _runtime(request).metrics.observe_engine(answer.engine)
    return _json(answer)


@router.post("/template", response_model=TemplateAnswer)
async def template(body: TemplateRequest, request: Request) -> Response:
    """Approved templates for a closed window, filled as far as the context goes."""
    serving = _runtime(request).keeper.serving
    return _json(await _work(request, serving.bundle.id, serving.assistant.template, body))


@router.get("/health", response_model=Health)
async def health(request: Request) -> Response:
    """Which bundle serves, and who may ask."""
    runtime = _runtime(request)
    bundle = runtime.keeper.serving.bundle
    access = "loopback" if runtime.access.loopback_only else "key"
    return _json(
        Health(status="ready", bundle=bundle.id, created=bundle.created, model=bundle.model, access=access)
    )


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Counters in Prometheus' format."""
    return Response(_runtime(request).metrics.render(), media_type=CONTENT_TYPE_LATEST)


def build_api(runtime: Runtime) -> FastAPI:
    """The application of a runtime; it answers once the runtime is started."""
    # The interactive documentation of FastAPI loads scripts from elsewhere: the schema alone is served.
    api = FastAPI(title="Souffleur", version="1", docs_url=None, redoc_url=None)
    api.state.runtime = runtime
    api.include_router(router)
    page.add_page(api)
    api.add_exception_handler(RequestValidationError, problems.on_invalid)
    api.add_exception_handler(HTTPException, problems.on_http_error)
    api.add_exception_handler(problems.ProblemError, problems.on_problem)
    api.add_exception_handler(Exception, problems.on_crash)
    return api


def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


async def _work(request: Request, bundle: str, job: Callable[[Any], Answer], body: Wire) -> Answer:
    request.scope["souffleur"].bundle = bundle
    runtime = _runtime(request)
    answer = await runtime.workers.run(job, body)
    runtime.metrics.observe_stages(answer.timing_ms)
    return answer


def _note(request: Request, silence: str | None, shown: int) -> None:
    metrics = _runtime(request).metrics
    request.scope["souffleur"].silence = silence
    metrics.suggestions.inc(shown)
    if silence:
        metrics.silence.labels(silence).inc()


def _json(answer: Wire) -> Response:
    # Pydantic's own JSON, not FastAPI's way through dictionaries: half a millisecond less.
    return Response(answer.model_dump_json(), media_type="application/json")
