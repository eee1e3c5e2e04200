"""The privacy bench counts what is covered, whatever its kind, and repeats no text in an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.benches.privacy import bench_privacy
from evals.data.jsonl import write_rows
from pipelines.errors import DataError


def rows(path: Path, *given: dict[str, object]) -> Path:
    write_rows(path, given)
    return path


def span(start: int, end: int, kind: str) -> dict[str, object]:
    return {"start": start, "end": end, "type": kind}


def test_recall_and_leaks_by_type(tmp_path: Path) -> None:
    text = "mail lea@mel.fr et zqx"
    file = rows(
        tmp_path / "a.jsonl",
        {"text": text, "spans": [span(5, 15, "EMAIL"), span(19, 22, "ODD")]},
        {"text": "rien ici", "spans": []},
    )  # fmt: skip
    report = bench_privacy(file)
    assert report["by_type"]["EMAIL"]["value"] == 1.0
    assert report["by_type"]["ODD"]["value"] == 0.0
    assert report["rows_with_a_leak"]["value"] == 0.5
    assert report["taken_needlessly"]["value"] == 0.0
    assert report["baselines"]["plain_patterns"]["by_type"]["EMAIL"]["value"] == 1.0


@pytest.mark.parametrize("wrong", [span(3, 900, "X"), {"start": 3}, span(2, 2, "X")])
def test_a_wrong_span_is_named_by_its_row_alone(tmp_path: Path, wrong: dict[str, object]) -> None:
    file = rows(tmp_path / "a.jsonl", {"text": "secret words", "spans": [wrong]})
    with pytest.raises(DataError, match="Row 1") as caught:
        bench_privacy(file)
    assert "secret" not in str(caught.value)
