"""Bad rows are named by file and line, and never quoted."""

from pathlib import Path

import pytest

from evals.data.jsonl import read_rows
from pipelines.errors import DataError


def test_reads_and_passes_blank_lines(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'\xef\xbb\xbf{"text": "a\\u2028b"}\r\n\n{"text": "c"}')
    assert [row["text"] for row in read_rows(tmp_path / "a.jsonl", ("text",))] == ["a\u2028b", "c"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"text": "ok"}\n{"text": SECRET}\n', "line 2: not valid JSON"),
        (b'{"text": "ok"}\n["SECRET"]\n', "line 2: not a JSON object"),
        (b'{"text": "ok"}\n{"other": "SECRET"}\n', "line 2: the column 'text' is missing"),
        (b'{"text": ["SECRET"]}\n', "line 1: the column 'text' must be a text"),
        (b'{"text": "SECRET \xff"}\n', "line 1: not UTF-8"),
        (b"\n \n", "no rows"),
        (b"[" * 100_000, "line 1: not valid JSON"),
    ],
)
def test_names_the_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_rows(path, ("text",))
    assert "rows.jsonl" in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_rows(tmp_path / "none.jsonl")
