"""Which way a metric is better; without it, a gate would call fewer invented facts a loss."""

from __future__ import annotations

from evals.rows import Direction

LOWER = ("unsupported_fact_rate", "has_unsupported_fact", "pii_leak", "chars")
"""Metrics of which less is better, blame for what was lost aside."""


def direction(metric: str) -> Direction:
    """``higher`` or ``lower``, whichever is better.

    Example:
        >>> direction("rougeL"), direction("pii_leak"), direction("blame_retrieval"), direction("blame_none")
        ('higher', 'lower', 'lower', 'higher')
    """
    blamed = metric.startswith("blame_") and metric != "blame_none"
    return "lower" if blamed or metric in LOWER else "higher"
