"""Anyone's questions against anyone's help centre, by the bench that the figures come from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small import CACHE, write_knowledge

from evals.benches.answers import bench_answers, run_row
from pipelines.assistant import Assistant
from pipelines.errors import DataError, SouffleurError
from pipelines.settings import Settings
from service.freezing import freeze

DELAY = "livraison#combien-de-temps-prend-la-livraison"
ROWS = [
    {"id": "1", "query": "combien de temps prend la livraison ?", "gold": DELAY, "answerable": True,
     "quotes": ["La livraison standard prend 3 jours ouvrés."], "facts": [["3 jours"]]},
    {"id": "2", "thread": [{"role": "customer", "text": "raconte-moi une blague"}], "gold": []},
    {"id": "3", "query": "how long does delivery take?", "lang": "en",
     "gold": ["shipping#how-long-does-delivery-take"],
     "quotes": ["Standard delivery takes 3 working days."]},
]  # fmt: skip


@pytest.fixture(scope="module")
def served(small_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("served")
    parts = {path.name: path for path in small_bundle.iterdir()}
    freeze(parts, home, model="test")
    return Settings(_env_file=None, home=home, cache=CACHE)  # type: ignore[call-arg]


def written(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("own", [False, True])
def test_the_bench_on_a_served_bundle_and_on_another_corpus(
    served: Settings, tmp_path: Path, own: bool
) -> None:
    steps: list[int] = []
    corpus = write_knowledge(tmp_path / "corpus") if own else None
    examples = written(tmp_path / "examples.jsonl", ROWS)
    result = bench_answers(corpus, examples, "fr", served, lambda _, done, of: steps.append(done))
    assert steps == [1, 2, 3]
    assert result["rows"] == 3
    assert sorted(result["by_language"]) == ["en", "fr"]
    assert result["coverage"]["n"] == 2
    assert result["coverage"]["value"] == 1.0
    assert result["wrong"]["value"] == 0.0
    assert result["silence_unanswerable"]["value"] == 1.0
    assert result["verbatim_citations"]["value"] == 1.0
    assert result["risk_coverage"][-1]["coverage"] == 1.0
    assert json.dumps(result)


def test_a_forged_citation_is_counted(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bench looks each quote up in its passage; it does not take the answer's word for it."""
    row = {
        **ROWS[0],
        "thread": [{"role": "customer", "text": ROWS[0]["query"]}],
        "context": {},
        "gold": [DELAY],
    }
    row |= {"ask": None}
    assert set(run_row(assistant, row).verbatim) == {True}
    real = assistant.suggest

    def forged(*args: object) -> object:
        answer = real(*args)  # type: ignore[arg-type]
        for suggestion in answer.suggestions:
            for citation in suggestion.citations:
                citation.quote = citation.quote.replace("3", "2")
        return answer

    monkeypatch.setattr(assistant, "suggest", forged)
    assert False in run_row(assistant, row).verbatim


@pytest.mark.parametrize("rows", [[{"id": "1", "gold": []}], [{"id": "1", "query": "", "gold": []}], []])
def test_bad_examples_are_told(served: Settings, tmp_path: Path, rows: list[dict[str, object]]) -> None:
    with pytest.raises(DataError):
        bench_answers(None, written(tmp_path / "examples.jsonl", rows), "fr", served)


def test_a_missing_corpus_is_told(served: Settings, tmp_path: Path) -> None:
    with pytest.raises(SouffleurError, match="nowhere"):
        bench_answers(tmp_path / "nowhere", written(tmp_path / "examples.jsonl", ROWS), "fr", served)
