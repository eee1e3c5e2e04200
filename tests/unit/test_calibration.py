"""What a judge is worth: kappa by hand, labels that are wrong, and the record that lets a judge gate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judge_server import JudgeServer, judging

from evals.cli.app import run
from evals.judging.agreement import agreement
from evals.judging.calibrate import calibrate, is_calibrated, is_judged, why_not_calibrated
from evals.judging.judge import Judge
from evals.judging.labels import read_labels
from pipelines.embedding import Encoder
from pipelines.errors import DataError

GOOD = "Sous trois jours ouvrés."


def row(number: int, human: Any = True, **changes: Any) -> dict[str, Any]:
    made = {
        "id": f"r{number}", "metric": "faithfulness", "human": human, "question": "Quel délai ?",
        "reply": f"{GOOD} ({number})", "contexts": [f"Contexte {'vrai' if number % 2 else 'faux'} {number}."],
    }  # fmt: skip
    return made | changes


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(one) for one in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def judge_server() -> Iterator[JudgeServer]:
    """A judge that says yes where the context is a true one; the row's own number is odd there."""
    with judging() as server:
        server.verdict_of = lambda prompt: int("Contexte vrai" in prompt)
        yield server


@pytest.fixture
def judge(judge_server: JudgeServer) -> Judge:
    judge_server.mode = "echo"
    return Judge(judge_server.url, "small-judge", timeout_s=20, price_in=1.0)


def test_kappa_of_the_textbook() -> None:
    """20 both yes, 5 and 10 apart, 15 both no: agreed .7, by chance .5, kappa .4."""
    human = [True] * 20 + [False] * 5 + [True] * 10 + [False] * 15
    model = [True] * 25 + [False] * 25
    made = agreement(human, model)
    assert made.kappa == pytest.approx(0.4)
    assert made.agreed == pytest.approx(0.7)
    assert (made.human_rate, made.judge_rate) == (0.6, 0.5)
    assert list(made.confusion.values()) == [20, 5, 10, 15]
    assert made.low is not None
    assert made.high is not None
    assert made.low < 0.4 < made.high
    assert agreement(human, model) == made  # seeded
    tied = agreement(human, model, [str(i // 5) for i in range(50)])
    assert tied.kappa == made.kappa
    assert (tied.high or 0) - (tied.low or 0) > made.high - made.low


def test_agreement_flatters_and_kappa_does_not() -> None:
    made = agreement([True] * 95 + [False] * 5, [True] * 100)
    assert (made.agreed, made.kappa) == (0.95, 0)


@pytest.mark.parametrize("verdicts", [[], [True] * 5, [False] * 5])
def test_one_kind_of_verdict_has_no_kappa(verdicts: list[bool]) -> None:
    made = agreement(verdicts, verdicts)
    assert (made.kappa, made.low, made.high) == (None, None, None)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[bool, bool]]) -> None:
    from sklearn.metrics import cohen_kappa_score

    human, model = [one for one, _ in pairs], [other for _, other in pairs]
    made = agreement(human, model)
    if made.kappa is None:
        assert len(set(human) | set(model)) == 1
    else:
        assert made.kappa == pytest.approx(cohen_kappa_score(human, model, labels=[False, True]))
        assert -1 <= (made.low or 0) <= (made.high or 0) <= 1


def test_lists_of_two_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="both verdicts"):
        agreement([True], [])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row(1, metric="kindness")], "row 1: 'metric' is none that is judged"),
        ([row(1), row(2, human="yes")], "row 2: 'human' is neither true nor false"),
        ([row(1, human=0.7)], "row 1: 'human' is neither"),
        ([row(1, contexts=[])], "row 1: the column 'contexts'"),
        ([row(1, contexts="one text")], "row 1: the column 'contexts'"),
        ([row(1, reply=" ")], "row 1: the column 'reply'"),
        ([row(1, metric="factual_correctness")], "row 1: the column 'reference'"),
        ([row(1), row(1, reply="Autre réponse.")], "row 2: the id 'r1' stands for two different replies"),
        ([{"id": "a", "human": True}], "the column 'metric' is missing"),
    ],
)
def test_wrong_labels_name_the_row_and_no_text(rows: list[dict[str, Any]], said: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_labels(write(tmp_path / "labels.jsonl", rows))
    assert said in str(caught.value)
    assert "trois jours" not in str(caught.value)


def test_two_people_may_judge_one_reply(tmp_path: Path) -> None:
    labels = read_labels(write(tmp_path / "labels.jsonl", [row(1, author="a"), row(1, human=0, author="b")]))
    assert [label.human for label in labels] == [True, False]


def test_a_judge_that_agrees_may_gate(
    judge: Judge, judge_server: JudgeServer, encoder: Encoder, tmp_path: Path
) -> None:
    judge_server.prompts.clear()
    rows = [row(i, human=bool(i % 2) if i < 38 else not i % 2) for i in range(40)]
    labels = write(tmp_path / "labels.jsonl", [*rows, row(0, human=False, author="another")])
    (record,) = calibrate(labels, tmp_path, judge, encoder)
    assert record.agreement["confusion"] == {"both_yes": 19, "only_judge": 1, "only_human": 1, "both_no": 20}
    assert record.agreement["kappa"] == pytest.approx(0.902, abs=0.001)
    assert (record.rows, record.coverage, record.refused) == (41, 1, "")
    assert (
        record.usage["calls"] == 80 == len(judge_server.prompts)
    )  # the reply that two judged was asked once
    assert is_judged(record.metric)
    assert is_calibrated(record.metric, tmp_path)
    assert not is_calibrated(record.metric, tmp_path, floor=0.95)
    other = record.metric[:-8] + "00000000"
    assert "never held against people" in (why_not_calibrated(other, tmp_path) or "")
    file = tmp_path / "judges" / f"{record.metric}.json"
    (tmp_path / "judges" / f"{other}.json").write_text(file.read_text("utf-8"), "utf-8")
    assert "of another metric" in (why_not_calibrated(other, tmp_path) or "")
    file.write_text("{", "utf-8")
    assert "cannot be read" in (why_not_calibrated(record.metric, tmp_path) or "")


@pytest.mark.parametrize(
    ("rows", "mode", "why"),
    [
        ([row(i, human=bool(i % 3)) for i in range(40)], "echo", "kappa is"),
        ([row(i, human=bool(i % 2)) for i in range(12)], "echo", "only 12 verdicts were compared"),
        ([row(i) for i in range(1, 80, 2)], "echo", "only one kind of verdict"),
        ([row(i, human=bool(i % 2)) for i in range(3)], "500", "only 0 verdicts were compared"),
    ],
)
def test_a_judge_that_may_not_gate(
    rows: list[dict[str, Any]],
    mode: str,
    why: str,
    judge: Judge,
    judge_server: JudgeServer,
    encoder: Encoder,
    tmp_path: Path,
) -> None:
    judge_server.mode = mode
    (record,) = calibrate(write(tmp_path / "labels.jsonl", rows), tmp_path, judge, encoder)
    assert why in record.refused
    assert why_not_calibrated(record.metric, tmp_path) == record.refused
    assert not is_calibrated(record.metric, tmp_path)


def test_the_command(
    judge: Judge,
    own_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    labels = write(tmp_path / "labels.jsonl", [row(i, human=bool(i % 2)) for i in range(30)])
    arguments = ["judge", "calibrate", "--labels", str(labels)]
    assert run(arguments) == 2
    assert "SOUFFLEUR_JUDGE_MODEL" in capsys.readouterr().err
    monkeypatch.setenv("SOUFFLEUR_JUDGE_BASE_URL", judge.base_url)
    monkeypatch.setenv("SOUFFLEUR_JUDGE_MODEL", judge.model)
    assert run([*arguments, "--json"]) == 0
    ((name, record),) = json.loads(capsys.readouterr().out)["metrics"].items()
    assert record["agreement"]["kappa"] == 1
    assert (own_home / "judges" / f"{name}.json").is_file()
    short = write(tmp_path / "short.jsonl", [row(i, human=bool(i % 2)) for i in range(4)])
    assert run(["judge", "calibrate", "--labels", str(short)]) == 1
    said = capsys.readouterr()
    assert "Reported, never gated" in said.err
    assert "kappa" in said.out
    assert run(["judge", "calibrate", "--labels", str(tmp_path / "none.jsonl")]) == 2
