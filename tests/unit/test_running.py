"""Walking a straight pipeline gives what Haystack's scheduler gives; any other is left to it."""

from __future__ import annotations

from typing import Any

import pytest
from haystack import Pipeline, component
from haystack.components.joiners import BranchJoiner
from haystack.tracing.tracer import tracer

from pipelines.errors import DataError
from pipelines.running import run_pipeline
from pipelines.timing import StageTimer, stages


@component
class Double:
    @component.output_types(value=int, half=int)
    def run(self, value: int, more: int = 0) -> dict[str, Any]:
        if value < 0:
            raise DataError("Below zero.")
        return {"value": 2 * value + more, "half": value}


def chain() -> Pipeline:
    pipeline = Pipeline()
    for name in ("last", "first", "middle"):
        pipeline.add_component(name, Double())
    pipeline.connect("first.value", "middle.value")
    pipeline.connect("middle.value", "last.value")
    pipeline.connect("first.half", "last.more")
    return pipeline


@pytest.mark.parametrize("outputs_of", [None, {"first"}, {"middle", "last"}])
def test_a_walk_gives_what_the_scheduler_gives(outputs_of: set[str] | None) -> None:
    inputs = {"first": {"value": 3, "more": 1}, "middle": {"more": 5}}
    expected = chain().run(inputs, include_outputs_from=outputs_of)
    assert run_pipeline(chain(), inputs, outputs_of) == expected
    assert expected["last"]["value"] == 2 * (2 * 7 + 5) + 3


def test_inputs_are_left_as_they_were() -> None:
    inputs = {"first": {"value": 3}}
    run_pipeline(chain(), inputs)
    assert inputs == {"first": {"value": 3}}


def test_each_component_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracer, "actual_tracer", StageTimer())
    with stages() as ms:
        run_pipeline(chain(), {"first": {"value": 3}})
    assert set(ms) == {"first", "middle", "last", "total"}


def test_our_errors_come_through_as_they_are() -> None:
    with pytest.raises(DataError, match="Below zero"):
        run_pipeline(chain(), {"first": {"value": -1}})


def test_a_shared_socket_is_left_to_the_scheduler() -> None:
    pipeline = Pipeline()
    pipeline.add_component("join", BranchJoiner(int))
    pipeline.add_component("double", Double())
    pipeline.connect("join.value", "double.value")
    inputs = {"join": {"value": 4}}
    assert run_pipeline(pipeline, inputs) == {"double": {"value": 8, "half": 4}}
