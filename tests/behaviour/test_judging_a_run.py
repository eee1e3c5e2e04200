"""``souffleur judge score``: RAGAS over the answers of a recorded run, with and without a judge."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from judge_server import judging

from evals.cli.app import run
from evals.data.jsonl import write_rows
from service.freezing import freeze

GOLD = "livraison#combien-de-temps-prend-la-livraison"
ROWS = [
    {
        "id": "a", "lang": "fr", "query": "combien de temps prend la livraison ?", "answerable": True,
        "gold": [GOLD], "quotes": ["La livraison standard prend 3 jours ouvrés."], "facts": [["3 jours"]],
        "reference": "La livraison standard prend 3 jours ouvrés.",
    },
    {"id": "b", "lang": "fr", "query": "bonjour", "gold": [], "answerable": False},
]  # fmt: skip


@pytest.fixture
def evaluated(
    own_home: Path, small_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    """The figures of a run of two rows, one of them answered."""
    freeze({path.name: path for path in small_bundle.iterdir()}, own_home, model="test")
    write_rows(tmp_path / "rows.jsonl", ROWS)
    assert run(["evaluate", "suggest", "--examples", str(tmp_path / "rows.jsonl"), "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def means(told: dict[str, Any]) -> dict[str, Any]:
    return {figure["metric"]: figure["value"] for figure in told["figures"] if figure["slice"] == "all"}


def test_blame_and_grades_of_a_real_answer(evaluated: dict[str, Any]) -> None:
    made = means(evaluated)
    assert (made["right"], made["blame_none"], made["answered"], made["refusal_correct"]) == (1, 1, 1, 1)
    assert (made["citation_verbatim"], made["has_unsupported_fact"], made["document_recall@1"]) == (1, 0, 1)
    assert {figure["errors"] for figure in evaluated["figures"]} == {0}


def test_scores_are_added_once_and_a_judge_is_paid(
    evaluated: dict[str, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["judge", "score", evaluated["id"][:15], "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert means(first)["ragas_id_context_recall"] == 1
    assert means(first)["ragas_semantic_similarity"] > 0.5
    assert first["usage"]["calls"] == 0
    with judging() as server:
        monkeypatch.setenv("SOUFFLEUR_JUDGE_BASE_URL", server.url)
        monkeypatch.setenv("SOUFFLEUR_JUDGE_MODEL", "small-judge")
        monkeypatch.setenv("SOUFFLEUR_JUDGE_PRICE_IN", "1000")
        assert run(["judge", "score", "latest", "--json"]) == 0
        second = json.loads(capsys.readouterr().out)
        asked = len(server.prompts)
        for mode in ("record", "replay"):
            assert run(["judge", "score", "latest", "--cache", mode, "--json"]) == 0
            again = json.loads(capsys.readouterr().out)
            assert (means(again), again["usage"]["calls"]) == (means(second), 0)
        assert len(server.prompts) == asked
        monkeypatch.setenv("SOUFFLEUR_JUDGE_MODEL", "another-judge")
        assert run(["judge", "score", "latest", "--cache", "replay"]) == 2
        assert "never recorded" in capsys.readouterr().err
        assert run(["judge", "score", "latest", "--cache", "often"]) == 2
        assert len(server.prompts) == asked
        capsys.readouterr()
        assert run(["judge", "score", "latest", "--offline"]) == 0
    assert "0 calls of the judge" in capsys.readouterr().out
    judged = {name: value for name, value in means(second).items() if name.startswith("judged_faithfulness_")}
    assert list(judged.values()) == [1]
    assert second["usage"]["calls"] == len(server.prompts) > 0
    assert second["usage"]["money"] == pytest.approx(0.1 * len(server.prompts))
    assert run(["runs", "latest", "--json"]) == 0
    whole = means(json.loads(capsys.readouterr().out))
    assert whole.items() >= means(evaluated).items()
    assert set(judged) < set(whole)


@pytest.mark.parametrize(
    ("mode", "why"),
    [("off", "off the judge's scale"), ("nan", "ValidationError"), ("empty", "the judge found")],
)
def test_a_judge_without_sense_is_told_row_by_row_and_counts_nowhere(
    evaluated: dict[str, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    mode: str, why: str,
) -> None:  # fmt: skip
    with judging() as server:
        server.mode = mode
        monkeypatch.setenv("SOUFFLEUR_JUDGE_BASE_URL", server.url)
        monkeypatch.setenv("SOUFFLEUR_JUDGE_MODEL", "small-judge")
        assert run(["judge", "score", "latest", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert run(["judge", "score", "latest", "--cache", "live"]) == 0
        shown = capsys.readouterr().out
    failed = [one for one in found["failed"] if why in one["why"]]
    assert {(one["row"], one["source"]) for one in failed} == {("a", "rows.jsonl")}
    metric = failed[0]["why"].partition(":")[0]
    assert means(found)[metric] is None
    assert f"rows.jsonl, the row 'a': {metric}: {why}" in shown
    assert "SOUFFLEUR_JUDGE_MODEL" in shown


def test_what_cannot_be_judged(
    evaluated: dict[str, Any], own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["judge", "score", "nothing"]) == 2
    assert "no run 'nothing'" in capsys.readouterr().err
    for path in (own_home / "bundles").iterdir():
        path.unlink() if path.is_symlink() else shutil.rmtree(path)
    assert run(["judge", "score", "latest"]) == 2
    assert "no longer here" in capsys.readouterr().err
