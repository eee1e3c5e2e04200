"""Do intervals cover, and tests err, as often as they say? Measured on simulated rows of known truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.statistics.bootstrap import Method, bootstrap_mean
from evals.statistics.mcnemar import mcnemar
from evals.statistics.paired import paired_difference
from evals.statistics.permutation import sign_flip
from evals.statistics.wilson import share

Tick = Callable[[str, int, int], None]
Rows = tuple[NDArray[np.float64], list[str] | None]
Sample = Callable[[np.random.Generator], Rows]
ROWS = 300
ALPHA = 0.05


def bench_statistics(rounds: int = 2_000, draws: int = 500, tick: Tick | None = None) -> dict[str, Any]:
    """Coverage of 95 % intervals, type-I errors, and how often an A/A comparison would be promoted.

    Args:
        rounds: simulated samples of each kind.  draws: of each bootstrap.
    """
    say = tick or (lambda stage, done, total: None)
    coverage: dict[str, Any] = {}
    for name, (sample, truth) in SAMPLES.items():
        for method in ("percentile", "bca"):
            hits = 0
            for number in range(rounds):
                values, clusters = sample(np.random.default_rng(number))
                kind: Method = "percentile" if method == "percentile" else "bca"
                found = bootstrap_mean(values, clusters, draws=draws, seed=number, method=kind)
                hits += not found.excludes(truth)
                say(f"{name}, {method}", number + 1, rounds)
            coverage[f"{name}_{method}"] = share(hits, rounds)
    return {
        "rows": ROWS, "rounds": rounds, "draws": draws, "coverage": coverage,
        "type_1_errors": _errors(rounds, draws, say), "promoted_a_against_a": _promoted(rounds, draws, say),
    }  # fmt: skip


def proportion(random: np.random.Generator) -> Rows:
    """Right or wrong, right three times in ten."""
    return (random.random(ROWS) < 0.3).astype(np.float64), None


def skewed(random: np.random.Generator) -> Rows:
    """A long tail, as latencies have."""
    return random.exponential(1.0, ROWS), None


def clustered(random: np.random.Generator) -> Rows:
    """Conversations of three rows that resemble each other."""
    level = np.repeat(random.normal(0, 1, ROWS // 3), 3)
    return level + random.normal(0, 1, ROWS), [str(i // 3) for i in range(ROWS)]


SAMPLES: dict[str, tuple[Sample, float]] = {
    "proportion": (proportion, 0.3), "skewed": (skewed, 1.0), "clustered": (clustered, 0.0),
}  # fmt: skip


def _errors(rounds: int, draws: int, say: Tick) -> dict[str, Any]:
    flips = exact = 0
    for number in range(rounds):
        random = np.random.default_rng(number)
        flips += sign_flip(random.normal(0, 1, 60), draws=draws, seed=number) <= ALPHA
        fixed = int((random.random(60) < 0.5).sum())
        exact += mcnemar(fixed, 60 - fixed) <= ALPHA
        say("type-I errors", number + 1, rounds)
    return {"sign_flip": share(flips, rounds), "mcnemar": share(exact, rounds)}


def _promoted(rounds: int, draws: int, say: Tick) -> dict[str, Any]:
    """Two runs of the same system whose rows differ in difficulty and the runs in luck alone."""
    promoted = 0
    for number in range(rounds):
        random = np.random.default_rng(number)
        hard = random.random(ROWS)
        old, new = ({str(i): float(v) for i, v in enumerate(random.random(ROWS) < hard)} for _ in range(2))
        low = paired_difference(old, new, draws=draws, seed=number).difference.low
        promoted += low is not None and low > 0
        say("A against A", number + 1, rounds)
    return share(promoted, rounds)
