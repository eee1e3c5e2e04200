"""Runs a pipeline, and lets our own errors through as they were raised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from haystack import Pipeline
from haystack.core.errors import PipelineRuntimeError

from pipelines.errors import SouffleurError


def run_pipeline(
    pipeline: Pipeline, inputs: Mapping[str, Mapping[str, Any]], outputs_of: set[str] | None = None
) -> dict[str, Any]:
    """The outputs of the last components, and of those in ``outputs_of``, by component name.

    Raises:
        SouffleurError: a component raised it; Haystack would wrap it, but ours already says what to do.
    """
    try:
        result: dict[str, Any] = pipeline.run(dict(inputs), include_outputs_from=outputs_of)
    except PipelineRuntimeError as error:
        if isinstance(error.__cause__, SouffleurError):
            raise error.__cause__ from None
        raise
    return result
