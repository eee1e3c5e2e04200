"""What a command reads beside its options: threads in three shapes, context pairs, and nothing repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.cli.inputs import context_of, read_thread, request
from pipelines.contracts import SuggestRequest
from pipelines.errors import DataError

SECRET = "MonMotDePasse42"


@pytest.mark.parametrize(
    "content",
    [
        '{"thread": [{"role": "customer", "text": "bonjour"}]}',
        '[{"role": "customer", "text": "bonjour"}]',
        '{"role": "customer", "text": "bonjour"}\n\n',
        '\ufeff[{"role": "customer",\n "text": "bonjour"}]',
    ],
)
def test_a_thread_file_may_have_three_shapes(content: str, tmp_path: Path) -> None:
    file = tmp_path / "thread"
    file.write_text(content, encoding="utf-8")
    assert request(SuggestRequest, read_thread(file)).thread[0].text == "bonjour"


WRONG_THREADS = [
    b"", b"hello SECRET", b"\xff\xfe", b"[" * 100_000, b"[]", b"[1]", b"null", b'{"thread": "SECRET"}',
    b'[{"role": "customer"}]', b'[{"role": "bot", "text": "SECRET"}]',
    b'[{"role": "customer", "text": "a", "SECRET": 1}]', b'[{"role": "customer", "text": "\\ud83d"}]',
]  # fmt: skip


@pytest.mark.parametrize("content", WRONG_THREADS)
def test_a_wrong_thread_file_is_refused_without_repeating_it(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "thread"
    file.write_bytes(content.replace(b"SECRET", SECRET.encode()))
    with pytest.raises(DataError) as caught:
        request(SuggestRequest, read_thread(file))
    assert SECRET not in str(caught.value)


def test_context_pairs() -> None:
    assert context_of(["a=1", "b=x=y", "c="]) == {"a": "1", "b": "x=y", "c": ""}
    with pytest.raises(DataError) as caught:
        context_of(["a=1", SECRET])
    assert "number 2" in caught.value.what
