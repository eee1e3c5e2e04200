"""Runs a pipeline, and lets our own errors through as they were raised.

Haystack's scheduler asks, before each component, which of all the others could run next, and copies deeply
what goes into it: for graphs with loops and branches it must. Ours are straight: each component runs once, in
the order of the graph, and changes nothing that it is given. So they are simply walked.
"""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from haystack import Pipeline
from haystack.core.errors import PipelineRuntimeError
from haystack.tracing.tracer import tracer

from pipelines.errors import SouffleurError

Outputs = dict[str, Any]


def run_pipeline(
    pipeline: Pipeline, inputs: Mapping[str, Mapping[str, Any]], outputs_of: set[str] | None = None
) -> Outputs:
    """The outputs of the last components, and of those in ``outputs_of``, by component name.

    A graph with a loop, or a socket that several senders share, is left to Haystack.

    Raises:
        SouffleurError: a component raised it; Haystack would wrap it, but ours already says what to do.
    """
    order = _straight_order(pipeline.graph)
    if order:
        return _walk(pipeline, order, inputs, outputs_of or set())
    try:
        result: Outputs = pipeline.run(dict(inputs), include_outputs_from=outputs_of)
    except PipelineRuntimeError as error:
        if isinstance(error.__cause__, SouffleurError):
            raise error.__cause__ from None
        raise
    return result


def _straight_order(graph: Any) -> list[str]:
    """Components in the order of the graph; none when it is not one that can simply be walked."""
    sockets = (socket for _, node in graph.nodes(data=True) for socket in node["input_sockets"].values())
    if any(socket.is_variadic for socket in sockets):
        return []
    try:
        return list(TopologicalSorter({name: graph.pred[name] for name in graph}).static_order())
    except CycleError:
        return []


def _walk(
    pipeline: Pipeline, order: list[str], inputs: Mapping[str, Mapping[str, Any]], outputs_of: set[str]
) -> Outputs:
    graph, given = pipeline.graph, {name: dict(values) for name, values in inputs.items()}
    found: Outputs = {}
    pipeline.warm_up()
    for name in order:
        node = graph.nodes[name]
        with tracer.trace("haystack.component.run", tags={"haystack.component.name": name}):
            made: Outputs = node["instance"].run(**given.pop(name, {}))
        taken = set()
        for _, receiver, edge in graph.out_edges(name, data=True):
            sender = edge["from_socket"].name
            taken.add(sender)
            if sender in made:
                given.setdefault(receiver, {})[edge["to_socket"].name] = made[sender]
        kept = made if name in outputs_of else {key: made[key] for key in made if key not in taken}
        if kept:
            found[name] = kept
    return found
