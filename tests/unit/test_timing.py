"""Stages are timed for the one who asked, in this thread, and nothing that was said is kept."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipelines.timing import StageSpan, StageTimer, stages

TAG = "haystack.component.name"


def test_components_are_added_up() -> None:
    timer = StageTimer()
    with stages() as found:
        for name in ("draft", "verify", "draft"):
            with timer.trace("run", {TAG: name}):
                pass
        with timer.trace("pipeline"), timer.trace("run", {TAG: ""}):
            pass
    assert list(found) == ["draft", "verify", "total"]
    assert 0 <= found["draft"] <= found["total"]


def test_outside_of_stages_nothing_is_timed() -> None:
    with StageTimer().trace("run", {TAG: "draft"}) as span:
        assert isinstance(span, StageSpan)
    assert StageTimer().current_span() is None


def test_an_error_passes_and_is_timed() -> None:
    timer = StageTimer()
    with stages() as found:
        with pytest.raises(ZeroDivisionError), timer.trace("run", {TAG: "draft"}):
            _ = 1 / 0
        with stages() as inner, timer.trace("run", {TAG: "verify"}):
            pass
    assert list(found) == ["draft", "total"]
    assert list(inner) == ["verify", "total"]


def test_each_thread_has_its_own() -> None:
    def work(name: str) -> list[str]:
        with stages() as found, StageTimer().trace("run", {TAG: name}):
            pass
        return list(found)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, "abcd")) == [[name, "total"] for name in "abcd"]


def test_a_span_keeps_nothing() -> None:
    span, secret = StageSpan(), ["what a customer wrote"]
    span.set_tag("input", secret)
    span.set_content_tag("input", secret)
    assert not any(kept is span or kept is vars(span) for kept in gc.get_referrers(secret))
