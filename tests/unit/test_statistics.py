"""Intervals cover as often as they say, tests err as rarely as they say, and textbook values come out."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.statistics.bootstrap import bootstrap_mean, cluster_sums, resampled_means
from evals.statistics.holm import holm
from evals.statistics.mcnemar import mcnemar
from evals.statistics.paired import paired_difference
from evals.statistics.permutation import sign_flip
from evals.statistics.power import detectable_difference, effective_pairs, expected_spread
from evals.statistics.wilson import share


def coverage(sample, truth: float, method: str, rounds: int = 800) -> float:  # type: ignore[no-untyped-def]
    """Share of simulated samples whose 95 % interval holds the truth."""
    hits = 0
    for number in range(rounds):
        values, clusters = sample(np.random.default_rng(number))
        found = bootstrap_mean(values, clusters, draws=300, seed=number, method=method)  # type: ignore[arg-type]
        hits += found.low <= truth <= found.high  # type: ignore[operator]
    return hits / rounds


def proportion(random: np.random.Generator):  # type: ignore[no-untyped-def]
    return (random.random(300) < 0.3).astype(float), None


def skewed(random: np.random.Generator):  # type: ignore[no-untyped-def]
    return random.exponential(1.0, 300), None


def clustered(random: np.random.Generator):  # type: ignore[no-untyped-def]
    level = np.repeat(random.normal(0, 1, 120), 3)
    return level + random.normal(0, 1, 360), [str(i // 3) for i in range(360)]


@pytest.mark.parametrize(
    ("sample", "truth", "method"),
    [
        (proportion, 0.3, "percentile"), (skewed, 1.0, "percentile"), (skewed, 1.0, "bca"),
        (clustered, 0.0, "percentile"),
    ],
)  # fmt: skip
def test_intervals_cover_as_often_as_they_say(sample, truth: float, method: str) -> None:  # type: ignore[no-untyped-def]
    assert coverage(sample, truth, method) == pytest.approx(0.95, abs=0.025)


def test_ignoring_clusters_would_cover_too_rarely() -> None:
    def flat(random: np.random.Generator):  # type: ignore[no-untyped-def]
        return clustered(random)[0], None

    assert coverage(flat, 0.0, "percentile", rounds=300) < 0.9


def test_tests_err_as_rarely_as_they_say_under_the_null() -> None:
    rounds, alpha = 1_200, 0.05
    flips = exact = 0
    for number in range(rounds):
        random = np.random.default_rng(number)
        flips += sign_flip(random.normal(0, 1, 60), draws=300, seed=number) <= alpha
        fixed = int((random.random(40) < 0.5).sum())
        exact += mcnemar(fixed, 40 - fixed) <= alpha
    assert flips / rounds == pytest.approx(alpha, abs=0.02)
    assert exact / rounds <= alpha + 0.015  # an exact test of counts errs less than it may


def test_mcnemar_gives_the_values_of_the_binomial_table() -> None:
    # Fagerland, Lydersen and Laake 2013 (BMC Med Res Methodol 13:91), airway data: 1 against 7 pairs.
    assert mcnemar(7, 1) == pytest.approx(0.0703, abs=5e-5)
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 5) == 1.0
    assert mcnemar(3_000, 3_000) == 1.0


def test_wilson_gives_the_values_of_newcombe() -> None:
    # Newcombe 1998 (Statist. Med. 17:857), table I: 81/263 and 1/29.
    found = share(81, 263)
    assert (found["low"], found["high"]) == (pytest.approx(0.2553, abs=1e-4), pytest.approx(0.3662, abs=1e-4))
    found = share(1, 29)
    assert (found["low"], found["high"]) == (pytest.approx(0.0061, abs=1e-4), pytest.approx(0.1718, abs=1e-4))


def test_holm_steps_down() -> None:
    assert holm({"a": 0.01, "b": 0.02, "c": 0.03, "d": 0.04}) == {"a": 0.04, "b": 0.06, "c": 0.06, "d": 0.06}
    assert holm({}) == {}


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.floats(0, 1), max_size=8))
def test_holm_never_lowers_and_keeps_the_order(p: dict[str, float]) -> None:
    adjusted = holm(p)
    assert all(adjusted[name] >= p[name] - 1e-9 and adjusted[name] <= 1 for name in p)
    order = sorted(p, key=lambda name: p[name])
    assert all(adjusted[a] <= adjusted[b] + 1e-9 for a, b in pairwise(order))


def test_sign_flip_is_exact_for_few_and_drawn_for_many() -> None:
    assert sign_flip([1.0] * 4) == 2 / 16
    assert sign_flip([]) == 1.0
    many = sign_flip(np.full(40, 1.0), seed=1)
    assert many == pytest.approx(1 / 10_001)
    assert sign_flip([1.0, 1.0, -5.0], ["a", "a", "b"]) == 1.0


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=60), st.integers(0, 3))
def test_the_interval_lies_within_the_values_and_repeats(values: list[float], seed: int) -> None:
    found = bootstrap_mean(values, draws=200, seed=seed)
    assert found == bootstrap_mean(values, draws=200, seed=seed)
    assert found.low is not None
    assert found.high is not None
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9


def test_nan_and_missing_clusters_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        bootstrap_mean([1.0, math.nan])
    with pytest.raises(ValueError, match="cluster"):
        cluster_sums([1.0, 2.0], ["a"])
    assert bootstrap_mean([]).value is None
    assert bootstrap_mean([1.0, 0.0], ["a", "a"]).low is None


def test_large_sets_are_drawn_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    from evals.statistics import bootstrap

    sums = np.arange(50.0)
    whole = resampled_means(sums, np.ones(50), 100, seed=3)
    monkeypatch.setattr(bootstrap, "CHUNK", 500)
    assert np.allclose(whole, resampled_means(sums, np.ones(50), 100, seed=3))


def test_pairs_by_id_and_the_right_test() -> None:
    old = {str(i): float(i % 2) for i in range(40)}
    new = {**{str(i): 1.0 for i in range(30)}, "x": 1.0}
    found = paired_difference(old, new, draws=500)
    assert (found.better, found.worse, found.ties, found.test) == (15, 0, 15, "exact McNemar")
    assert found.difference.value == 0.5
    assert "x" in found.unpaired
    assert len(found.unpaired) == 11
    together = paired_difference(old, new, {str(i): str(i // 5) for i in range(40)}, draws=500)
    assert together.test == "sign-flip permutation"
    assert together.difference.clusters == 6
    assert paired_difference({}, {"a": 1.0}).p is None


def test_the_detectable_difference_is_detected_as_often_as_said() -> None:
    n, spread = 200, expected_spread(0.2)
    delta = detectable_difference(n, spread)
    assert delta is not None
    random = np.random.default_rng(5)
    shown = 0
    for _ in range(800):
        change = random.choice([1, -1, 0], size=n, p=[(0.2 + delta) / 2, (0.2 - delta) / 2, 0.8])
        shown += mcnemar(int((change > 0).sum()), int((change < 0).sum())) <= 0.05
    assert shown / 800 == pytest.approx(0.8, abs=0.08)
    assert detectable_difference(1, 1.0) is None


def test_clusters_count_as_pairs() -> None:
    pairs, spread = effective_pairs([1.0, 1.0, 0.0, 0.0], ["a", "a", "b", "b"])
    assert pairs == 2
    assert spread == pytest.approx(math.sqrt(0.5))
