"""Comparisons pair by row, and gates promote what is shown to be better and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from evals.cli.report import GateFailed
from evals.comparing.compare import compare
from evals.comparing.gate import Evidence, judge
from evals.comparing.gate_rules import GateRules, read_rules
from evals.comparing.reports import comparison_text, settle
from evals.plots.figures import comparison_plot
from evals.rows import DatasetRef, Example, Prediction, Run, Score, Usage
from evals.running.store import Recorded
from pipelines.errors import DataError

PASSED = {"canary-1": "pass", "canary-2": "miss"}
QUIET = Evidence(old_canaries=PASSED, new_canaries=PASSED)  # type: ignore[arg-type]


def recorded(
    values: dict[str, Sequence[float | None]], name: str = "new", *, sha: str = "a" * 64,
    latency: float = 10.0, complete: bool = True, money: float = 0.0, errors: int = 0,
    texts: Sequence[str] | None = None,
) -> Recorded:  # fmt: skip
    """A run whose scores are given, metric by metric, a value a row; every third row is English."""
    count = len(next(iter(values.values())))
    examples = tuple(
        Example(id=f"r{i:04d}", inputs={"query": "?"}, slices={"lang": "en" if i % 3 == 0 else "fr"})
        for i in range(count)
    )
    predictions = tuple(
        Prediction(
            example_id=e.id, output={"text": texts[i] if texts else name}, latency_ms=latency,
            usage=Usage(money=money),
        )
        for i, e in enumerate(examples)
    )  # fmt: skip
    scores = tuple(
        Score(name=metric, example_id=e.id, value=v) if v is not None
        else Score.unmeasured(metric, e.id, "silence")
        for metric, row in values.items() for e, v in zip(examples, row, strict=True)
    )  # fmt: skip
    run = Run(
        id=name, name=name, question="toy", created="2026-01-01T00:00:00+00:00",
        dataset=DatasetRef(name="toy", split="dev", sha256=sha, rows=count), system={"system": name},
        complete=complete, asked=count, errors=errors,
    )  # fmt: skip
    return Recorded(run, examples, predictions, scores)


def rules(**changes: object) -> GateRules:
    table = {
        "primary": {"metric": "utility", "minimum_pairs": 50},
        "guards": [{"metric": "refusal_correct", "delta": 0.05}],
        "statistics": {"draws": 1_000},
    }
    return GateRules.model_validate({**table, **changes})


def bits(p: float, count: int = 300, seed: int = 0) -> list[float]:
    return (np.random.default_rng(seed).random(count) < p).astype(float).tolist()


def better(values: Sequence[float], rows: int) -> list[float]:
    """The same values with some of the zeros turned to one."""
    zeros = [i for i, v in enumerate(values) if v == 0][:rows]
    return [1.0 if i in set(zeros) else v for i, v in enumerate(values)]


def worse(values: Sequence[float], rows: int, english: bool = False) -> list[float]:
    ones = [i for i, v in enumerate(values) if v == 1 and (not english or i % 3 == 0)][:rows]
    return [0.0 if i in set(ones) else v for i, v in enumerate(values)]


BASE, SAFE = bits(0.6), bits(0.95, seed=1)


def test_what_is_better_is_promoted_and_the_same_is_held() -> None:
    old = recorded({"utility": BASE, "refusal_correct": SAFE}, "old")
    new = recorded({"utility": better(BASE, 30), "refusal_correct": SAFE})
    assert judge(old, new, rules(), QUIET).decision == "promote"
    assert judge(old, old, rules(), QUIET).decision == "hold"
    assert judge(new, old, rules(), QUIET).decision == "hold"


def test_a_lost_guard_holds() -> None:
    old = recorded({"utility": BASE, "refusal_correct": SAFE}, "old")
    new = recorded({"utility": better(BASE, 60), "refusal_correct": worse(SAFE, 40)})
    verdict = judge(old, new, rules(), QUIET)
    assert verdict.decision == "hold"
    assert "guard refusal_correct" in [r.rule for r in verdict.reasons if r.state == "fail"]


def test_harm_in_one_slice_holds_although_the_whole_gains() -> None:
    old = recorded({"utility": BASE, "refusal_correct": SAFE}, "old")
    lost = worse(SAFE, 12, english=True)
    new = recorded({"utility": better(BASE, 60), "refusal_correct": lost})
    verdict = judge(old, new, rules(guards=[{"metric": "refusal_correct", "delta": 0.2}]), QUIET)
    assert {r.rule: r.state for r in verdict.reasons}["guard refusal_correct, lang=en"] == "fail"
    assert verdict.decision == "hold"


def test_a_small_slice_is_reported_and_not_gated() -> None:
    few = bits(0.5, 60)
    old = recorded({"utility": few, "refusal_correct": SAFE[:60]}, "old")
    new = recorded({"utility": better(few, 20), "refusal_correct": SAFE[:60]})
    states = {r.rule: r.state for r in judge(old, new, rules(), QUIET).reasons}
    assert states["guard refusal_correct, lang=en"] == "reported"


def test_too_few_pairs_or_too_little_coverage_is_no_pass() -> None:
    old = recorded({"utility": BASE[:40], "refusal_correct": SAFE[:40]}, "old")
    new = recorded({"utility": better(BASE[:40], 12), "refusal_correct": SAFE[:40]})
    assert judge(old, new, rules(), QUIET).decision == "insufficient"
    holes: list[float | None] = [None if i < 30 else v for i, v in enumerate(better(BASE, 40))]
    old, new = (
        recorded({"utility": BASE, "refusal_correct": SAFE}, "old"),
        recorded({"utility": holes, "refusal_correct": SAFE}),
    )
    verdict = judge(old, new, rules(), QUIET)
    assert verdict.decision == "insufficient"
    assert any("90.0%" in r.text for r in verdict.reasons)
    partial = recorded({"utility": better(BASE, 40), "refusal_correct": SAFE}, complete=False)
    assert judge(old, partial, rules(), QUIET).decision == "insufficient"


def test_any_lost_canary_holds() -> None:
    old = recorded({"utility": BASE, "refusal_correct": SAFE}, "old")
    new = recorded({"utility": better(BASE, 40), "refusal_correct": SAFE})
    for lost in ({"canary-1": "miss", "canary-2": "miss"}, {"canary-1": "pass", "canary-2": "fail"}, {}):
        evidence = Evidence(old_canaries=PASSED, new_canaries=lost)  # type: ignore[arg-type]
        assert judge(old, new, rules(), evidence).decision == "hold"
    assert judge(old, new, rules(), Evidence()).decision == "insufficient"
    assert judge(old, new, rules(canaries={"required": False}), Evidence()).decision == "promote"


def test_ceilings_are_of_the_new_run() -> None:
    old = recorded({"utility": BASE, "refusal_correct": SAFE}, "old")
    slow = recorded(
        {"utility": better(BASE, 40), "refusal_correct": SAFE}, latency=900.0, money=0.2, errors=3
    )
    for ceiling in ({"p95_ms": 250.0}, {"money_per_row": 0.1}, {"error_rate": 0.0}):
        assert judge(old, slow, rules(ceilings=ceiling), QUIET).decision == "hold"


def test_not_inferior_needs_its_declared_fall() -> None:
    primary = {
        "metric": "utility",
        "minimum_pairs": 50,
        "rule": "not_inferior",
        "delta": 0.05,
        "latency_falls": 0.3,
    }
    old = recorded({"utility": BASE, "refusal_correct": SAFE}, "old", latency=20.0)
    fast = recorded({"utility": worse(BASE, 2), "refusal_correct": SAFE}, latency=10.0)
    slow = recorded({"utility": worse(BASE, 2), "refusal_correct": SAFE}, latency=19.0)
    bad = recorded({"utility": worse(BASE, 40), "refusal_correct": SAFE}, latency=10.0)
    decisions = [judge(old, new, rules(primary=primary), QUIET).decision for new in (fast, slow, bad)]
    assert decisions == ["promote", "hold", "hold"]


def test_a_judge_that_was_not_held_against_people_gates_nothing() -> None:
    values = {"utility": better(BASE, 40), "refusal_correct": SAFE, "ragas_faithfulness": bits(0.1)}
    old = recorded({"utility": BASE, "refusal_correct": SAFE, "ragas_faithfulness": bits(0.9)}, "old")
    judged = rules(
        guards=[{"metric": "ragas_faithfulness", "delta": 0.05}], judges={"metrics": ["ragas_faithfulness"]}
    )
    assert judge(old, recorded(values), judged, QUIET).decision == "promote"
    trusted = Evidence(PASSED, PASSED, calibrated=lambda metric: None)  # type: ignore[arg-type]
    assert judge(old, recorded(values), judged, trusted).decision == "hold"


def test_a_judged_primary_needs_its_record_too() -> None:
    metric = "judged_faithfulness_0a1b2c3d"
    values = {metric: better(BASE, 40), "refusal_correct": SAFE}
    old = recorded({metric: BASE, "refusal_correct": SAFE}, "old")
    judged = rules(primary={"metric": metric, "minimum_pairs": 50})
    assert judge(old, recorded(values), judged, QUIET).decision == "insufficient"
    trusted = Evidence(PASSED, PASSED, calibrated=lambda metric: None)  # type: ignore[arg-type]
    assert judge(old, recorded(values), judged, trusted).decision == "promote"


def test_less_is_better_for_some() -> None:
    """More leaks must not pass a guard as a gain, nor fewer fail it as a loss."""
    gate = rules(guards=[{"metric": "pii_leak", "delta": 0.05}])
    few, many = bits(0.1), bits(0.6)
    for before, after, decision in ((few, many, "hold"), (many, few, "promote")):
        old = recorded({"utility": BASE, "pii_leak": before}, "old")
        new = recorded({"utility": better(BASE, 40), "pii_leak": after})
        assert judge(old, new, gate, QUIET).decision == decision
    rows = compare(recorded({"pii_leak": many}, "old"), recorded({"pii_leak": few})).rows
    assert {change.kind for change in rows} <= {"fixed", "both_wrong"}


def test_the_same_against_itself_is_promoted_no_more_often_than_alpha() -> None:
    promoted, rounds = 0, 400
    gate = rules(guards=[], statistics={"draws": 300})
    for number in range(rounds):
        random = np.random.default_rng(number)
        hard = random.random(120)  # rows differ in difficulty, the two runs in luck alone
        old, new = ((random.random(120) < hard).astype(float).tolist() for _ in range(2))
        verdict = judge(recorded({"utility": old}, "old"), recorded({"utility": new}), gate, QUIET)
        promoted += verdict.decision == "promote"
    assert promoted / rounds <= 0.05


def test_the_report_is_written_before_the_gate_fails(tmp_path: Path) -> None:
    old = recorded({"utility": BASE, "refusal_correct": SAFE}, "old")
    with pytest.raises(GateFailed, match="hold"):
        settle(judge(old, old, rules(), QUIET), tmp_path, openings=2)
    text = (tmp_path / "gate.md").read_text(encoding="utf-8")
    assert "HOLD" in text
    assert "opened 2 times" in text
    assert (tmp_path / "gate.json").is_file()
    new = recorded({"utility": better(BASE, 40), "refusal_correct": SAFE})
    assert settle(judge(old, new, rules(), QUIET), tmp_path).name == "gate.md"


def test_changed_rows_are_told_with_their_words() -> None:
    old = recorded({"right": [0, 1, 0, 1]}, "old", texts=["a b", "yes", "no", "same"])
    new = recorded({"right": [1, 0, 0, 1]}, texts=["a c", "perhaps", "no", "same"])
    found = compare(old, new, draws=100)
    assert {change.example_id: change.kind for change in found.rows} == {
        "r0000": "fixed", "r0001": "broken", "r0002": "both_wrong",
    }  # fmt: skip
    assert next(c for c in found.rows if c.kind == "fixed").diff == ("- b", "+ c")
    assert "Broken" in comparison_text(found)
    punished = compare(recorded({"u": [0.0, -1.0]}, "old"), recorded({"u": [0.0, -1.0]}), draws=100)
    assert [change.example_id for change in punished.rows] == ["r0001"]  # silence is not wrong


def test_runs_that_do_not_belong_together_are_refused() -> None:
    old = recorded({"right": [0, 1]}, "old", sha="b" * 64)
    with pytest.raises(DataError, match="different data"):
        compare(old, recorded({"right": [0, 1]}))
    with pytest.raises(DataError, match="share no metric"):
        compare(recorded({"a": [0.0]}), recorded({"b": [0.0]}))
    with pytest.raises(DataError, match="'nope'"):
        compare(recorded({"a": [0.0]}), recorded({"a": [0.0]}), "nope")


def test_a_row_that_only_one_run_measured_is_listed() -> None:
    found = compare(recorded({"right": [0, None, 1]}, "old"), recorded({"right": [1, 1, 1]}), draws=100)
    assert found.unpaired == ("r0001",)
    assert found.differences[0].paired.difference.n == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[primary]\nmetric = 3\n", "primary.metric"),
        ("[primary]\nmetric = 'a'\nrule = 'better'\n", "primary.rule"),
        ("[primary]\nmetric = 'a'\nrule = 'not_inferior'\n", "not_inferior needs a delta"),
        ("[primary]\nmetric = 'a'\n[[guards]]\nmetric = 'b'\n", r"guards\.0\.delta"),
        ("[primary]\nmetric = 'a'\n[statistics]\nalpha = nan\n", r"statistics\.alpha"),
        ("[primary\n", "no TOML"),
        ("[primary]\nmetric = 'a'\nextra = 1\n", r"primary\.extra"),
    ],
)
def test_a_broken_gate_file_names_its_key(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "gate.toml").write_text(text)
    with pytest.raises(DataError, match=says):
        read_rules(tmp_path / "gate.toml")


def test_a_gate_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'none\.toml'"):
        read_rules(tmp_path / "none.toml")


def test_right_of_the_line_is_better_also_where_less_is() -> None:
    old = recorded({"pii_leak": [0.0] * 60, "utility": [0.0] * 60}, "old")
    new = recorded({"pii_leak": [1.0] * 60, "utility": [1.0] * 60})
    (axes,) = comparison_plot(compare(old, new, draws=100)).axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    places = {
        int(line.get_ydata()[0]): float(line.get_xdata()[0])
        for line in axes.lines
        if line.get_marker() == "o"
    }
    assert {names[place]: value for place, value in places.items()} == {
        "pii_leak (less is better)": -1.0, "utility": 1.0,
    }  # fmt: skip
