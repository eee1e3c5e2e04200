"""Reading one passage: the bench indexes each, asks it alone, and separates what it cannot answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import CACHE

from evals.benches.grounded import bench_grounded
from evals.data.jsonl import write_rows
from pipelines.errors import DataError
from pipelines.settings import Settings
from service.freezing import freeze

PASSAGES = [
    ("how high is the tower", "The tower of Brevant is 312 metres high .", ["It was built in 1931 ."]),
    (
        "who wrote the opera Calistra",
        "Anton Vidal wrote the opera Calistra in Prague .",
        ["It has four acts ."],
    ),
    ("when does the museum open", "The museum opens at nine in the morning .", ["It is closed on Mondays ."]),
    ("what do otters eat", "Otters eat fish , crabs and frogs .", ["They sleep in burrows ."]),
    (
        "where is the river Maune",
        "The river Maune flows through the south of Ardia .",
        ["It is 90 km long ."],
    ),
]


@pytest.fixture(scope="module")
def served(small_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("served")
    freeze({path.name: path for path in small_bundle.iterdir()}, home, model="test")
    return Settings(_env_file=None, home=home, cache=CACHE)  # type: ignore[call-arg]


def rows() -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for number, (question, lead, rest) in enumerate(PASSAGES):
        other = PASSAGES[(number + 1) % len(PASSAGES)]
        made.append(
            {
                "question": question,
                "sentences": [*rest, lead],
                "answerable": True,
                "answers": [{"text": lead}],
            }
        )
        made.append(
            {"question": question, "sentences": [other[1], *other[2]], "answerable": False, "answers": []}
        )
    return made


def test_it_answers_from_the_passage_and_is_silent_elsewhere(served: Settings, tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", rows())
    report = bench_grounded(tmp_path / "rows.jsonl", "en", served)
    assert (report["rows"], report["answerable"]) == (10, 5)
    assert report["citations_verbatim"]["value"] == 1.0
    assert report["rougeL"]["value"] > report["baselines"]["lead_sentence"]["value"]
    assert report["baselines"]["best_bm25_sentence"]["value"] > report["baselines"]["lead_sentence"]["value"]
    assert report["calibrated"]["silence_unanswerable"]["n"] == 5


def test_one_kind_of_rows_is_no_test(served: Settings, tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", [row for row in rows() if row["answerable"]])
    with pytest.raises(DataError, match="all rows are answerable"):
        bench_grounded(tmp_path / "rows.jsonl", "en", served)
