"""May the challenger take the champion's place? One verdict, with one reason a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from evals.comparing.compare import Comparison, Difference, compare
from evals.comparing.gate_rules import GateRules, Guard
from evals.judging.calibrate import is_judged
from evals.rows import ALL
from evals.running.store import Recorded
from evals.statistics.holm import holm

Decision = Literal["promote", "hold", "insufficient"]
State = Literal["pass", "fail", "insufficient", "reported"]
Canary = Literal["pass", "miss", "fail"]
SCALE = 1e-9
"""Differences below this are the rounding of numbers and none of systems."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What one rule says."""

    rule: str
    state: State
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision, every rule's reason, and the comparison they rest on.

    ``insufficient`` is not a pass: the evidence is too small or incomplete to decide.
    """

    decision: Decision
    reasons: tuple[Reason, ...]
    comparison: Comparison

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "decision": self.decision, "champion": self.comparison.old.id,
            "challenger": self.comparison.new.id,
            "reasons": [{"rule": r.rule, "state": r.state, "text": r.text} for r in self.reasons],
            "differences": [difference.as_dict() for difference in self.comparison.differences],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a gate also looks at, besides the two runs.

    Attributes:
        old_canaries, new_canaries: outcome by row; None when they were not asked.
        calibrated: says why a judge's metric may count (None), or why not (a text).
    """

    old_canaries: Mapping[str, Canary] | None = None
    new_canaries: Mapping[str, Canary] | None = None
    calibrated: Callable[[str], str | None] = lambda metric: "its judge was never held against people"


def judge(champion: Recorded, challenger: Recorded, rules: GateRules, evidence: Evidence) -> Verdict:
    """Apply all rules; nothing is skipped after the first that fails.

    Raises:
        DataError: the runs are on different data, or lack the primary metric.
    """
    numbers = rules.statistics
    comparison = compare(champion, challenger, rules.primary.metric, draws=numbers.draws, seed=numbers.seed)
    reasons = [
        *_complete(champion, challenger), *_primary(comparison, champion, challenger, rules, evidence),
        *_guards(comparison, rules, evidence), *_canaries(rules, evidence), *_ceilings(challenger, rules),
    ]  # fmt: skip
    states = {reason.state for reason in reasons}
    decision: Decision = "promote"
    if "fail" in states:
        decision = "hold"
    elif "insufficient" in states:
        decision = "insufficient"
    return Verdict(decision, tuple(reasons), comparison)


def _complete(*runs: Recorded) -> Iterator[Reason]:
    for recorded in runs:
        if not recorded.run.complete:
            yield Reason("complete runs", "insufficient", f"{recorded.run.id} did not ask every row.")


def _primary(
    comparison: Comparison,
    champion: Recorded,
    challenger: Recorded,
    rules: GateRules,
    evidence: Evidence,
) -> Iterator[Reason]:
    primary, name = rules.primary, f"primary {rules.primary.metric}"
    if refused := _refused(primary.metric, rules, evidence):
        yield Reason(name, "insufficient", refused)
        return
    found = comparison.of(primary.metric)
    if found is None or found.paired.difference.clusters < primary.minimum_pairs:
        pairs = found.paired.difference.clusters if found else 0
        yield Reason(name, "insufficient", f"{pairs} pairs, {primary.minimum_pairs} are needed.")
    if found is None:
        return
    coverage = min(found.old_coverage or 0.0, found.new_coverage or 0.0)
    if coverage < primary.minimum_coverage:
        text = f"Measured on {coverage:.1%} of the rows, {primary.minimum_coverage:.0%} are needed."
        yield Reason(name, "insufficient", text)
    low = found.gain.difference.low
    bar = 0.0 if primary.rule == "superior" else -primary.delta
    shown = low is not None and low > bar + SCALE
    yield Reason(name, "pass" if shown else "fail", f"{_told(found)}; its low end must be above {bar:g}.")
    for what, wanted, old, new in (
        ("p95 latency", primary.latency_falls, p95(champion), p95(challenger)),
        ("money a row", primary.cost_falls, money(champion), money(challenger)),
    ):
        if primary.rule == "not_inferior" and wanted is not None:
            fallen = 1 - new / old if old and new is not None else None
            text = "not measured" if fallen is None else f"fell by {fallen:.0%}"
            good = fallen is not None and fallen >= wanted
            yield Reason(
                f"declared fall of {what}", "pass" if good else "fail", f"{text}, {wanted:.0%} declared."
            )


def _guards(comparison: Comparison, rules: GateRules, evidence: Evidence) -> Iterator[Reason]:
    harms: dict[str, float] = {}
    told: dict[str, str] = {}
    for guard in rules.guards:
        refused = _refused(guard.metric, rules, evidence)
        found = comparison.of(guard.metric)
        if refused or found is None:
            yield Reason(f"guard {guard.metric}", "reported", refused or "Not scored in both runs.")
            continue
        yield _overall(guard, found)
        if guard.floor is not None:
            new = found.paired.new
            good = new is not None and new >= guard.floor - SCALE
            text = f"{'not measured' if new is None else f'{new:.3f}'}; at least {guard.floor:g} is asked."
            yield Reason(f"floor {guard.metric}", "pass" if good else "fail", text)
        for part in (d for d in comparison.differences if d.metric == guard.metric and d.slice != ALL):
            name = f"guard {guard.metric}, {part.slice}"
            if part.paired.difference.clusters < rules.statistics.minimum_slice:
                yield Reason(name, "reported", f"{_told(part)}; too few rows to be gated.")
                continue
            lost = (part.gain.difference.value or 0.0) < -SCALE
            harms[name] = part.paired.p if lost and part.paired.p is not None else 1.0
            told[name] = _told(part)
    # Many slices are looked at: Holm keeps the chance of crying wolf over any of them at alpha.
    for name, p in holm(harms).items():
        state: State = "fail" if p <= rules.statistics.alpha else "pass"
        yield Reason(name, state, f"{told[name]}; Holm-adjusted p of harm {p:.3f}.")


def _refused(metric: str, rules: GateRules, evidence: Evidence) -> str | None:
    """Why a judge's metric does not count; None for a metric that counts, or is no judge's."""
    judged = is_judged(metric) or metric in rules.judges.metrics
    return evidence.calibrated(metric) if judged else None


def _overall(guard: Guard, found: Difference) -> Reason:
    low, worse = found.gain.difference.low, found.gain.worse
    kept = (low is not None and low >= -guard.delta - SCALE) or worse == 0
    text = f"{_told(found)}; a loss of more than {guard.delta:g} must be ruled out."
    return Reason(f"guard {guard.metric}", "pass" if kept else "fail", text)


def _canaries(rules: GateRules, evidence: Evidence) -> Iterator[Reason]:
    old, new = evidence.old_canaries, evidence.new_canaries
    if new is None or old is None:
        state: State = "insufficient" if rules.canaries.required else "reported"
        yield Reason("canaries", state, "They were not asked of both.")
        return
    lost = sorted(id_ for id_, outcome in old.items() if outcome == "pass" and new.get(id_) != "pass")
    failing = sorted(i for i, outcome in new.items() if outcome == "fail" and old.get(i) != "fail")
    gone = sorted({*lost, *failing})
    text = f"Lost: {', '.join(gone)}." if gone else f"{len(new)} asked, none lost."
    yield Reason("canaries", "fail" if gone else "pass", text)


def _ceilings(challenger: Recorded, rules: GateRules) -> Iterator[Reason]:
    asked = len(challenger.predictions)
    for name, limit, value in (
        ("p95_ms", rules.ceilings.p95_ms, p95(challenger)),
        ("money_per_row", rules.ceilings.money_per_row, money(challenger)),
        ("error_rate", rules.ceilings.error_rate, challenger.run.errors / asked if asked else None),
    ):
        if limit is None:
            continue
        if value is None:
            yield Reason(f"ceiling {name}", "insufficient", "Not measured.")
            continue
        yield Reason(
            f"ceiling {name}", "pass" if value <= limit else "fail", f"{value:g}, at most {limit:g}."
        )


def p95(recorded: Recorded) -> float | None:
    """95th percentile of latency in milliseconds; what a cache answered has none of its own."""
    times = [p.latency_ms for p in recorded.predictions if p.latency_ms is not None and p.error is None]
    return round(float(np.percentile(times, 95)), 2) if times else None


def money(recorded: Recorded) -> float | None:
    """Mean money a row, in the currency of the price table."""
    spent = [prediction.usage.money for prediction in recorded.predictions]
    return float(np.mean(spent)) if spent else None


def _told(found: Difference) -> str:
    paired = found.paired.difference
    if paired.value is None or paired.low is None or paired.high is None:
        return "no interval"
    return f"{paired.value:+.3f} [{paired.low:+.3f}, {paired.high:+.3f}] over {paired.n} rows"
