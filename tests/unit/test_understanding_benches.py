"""The two benches on small files: every figure is there, and none is NaN."""

import json
from pathlib import Path

import pytest

from evals.benches.intents import bench_intents
from evals.benches.language import bench_language
from evals.data.jsonl import write_rows
from pipelines.embedding import Encoder
from pipelines.errors import DataError

ROWS = [
    {"text": f"{verb} {thing}", "intent": intent, "lang": "en"}
    for intent, verbs in {
        "track": ("where is", "track", "locate"),
        "cancel": ("cancel", "stop", "revoke"),
    }.items()
    for verb in verbs
    for thing in ("my order", "the parcel", "my fridge", "this package")
]


def test_intents(tmp_path: Path) -> None:
    train = [tmp_path / "train.jsonl", tmp_path / "more.jsonl"]
    for file, intent in zip(train, ("track", "cancel"), strict=True):  # either alone is too little to fit
        write_rows(file, [row for row in ROWS if row["intent"] == intent])
    write_rows(
        tmp_path / "test.jsonl", [*ROWS[::3], {"text": "sing me a song", "intent": "oos", "lang": "en"}]
    )
    encoder = Encoder(Path(".cache"))
    report = bench_intents(train, tmp_path / "test.jsonl", "en", encoder, None)
    assert report["in_scope_accuracy"] == 1
    assert set(report["baselines"]) == {
        "tfidf_linear_svc",
        "minilm_logistic_regression",
        "multilingual_logistic_regression",
        "joined_linear_svc",
    }
    assert "NaN" not in json.dumps(report)
    with pytest.raises(DataError, match="lang 'es'"):
        bench_intents(train, tmp_path / "test.jsonl", "es", encoder, None)


def test_language(tmp_path: Path) -> None:
    rows = [
        {"text": "où est mon colis s'il vous plaît", "lang": "fr"},
        {"text": "não recebi minha encomenda ainda", "lang": "pt-br"},
        {"text": "ok", "lang": "en"},
    ]
    write_rows(tmp_path / "test.jsonl", rows)
    report = bench_language(tmp_path / "test.jsonl", min_words=4)
    assert (report["accuracy"], report["rows"], report["rows_too_short"]) == (1.0, 2, 1)
