"""Knowledge files as people leave them: what can be read is read, the rest is reported by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import KnowledgeError
from pipelines.knowledge.reading import read_folder
from pipelines.knowledge.splitting import split


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.md").write_text("---\nid: good\ntitle: Bon\n---\nDu texte.", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("open.md", b"---\nid: x\ntexte", "no closing ---"),
        ("yaml.md", b"---\nid: [x\n---\nTexte", "no YAML"),
        ("list.md", b"---\n- a\n- b\n---\nTexte", "no 'key: value' lines"),
        ("hash.md", b"---\nid: 'a#b'\n---\nTexte", "contains '#'"),
        ("empty.md", b"", "it is empty"),
        ("blank.md", b" \n\n", "it holds no text"),
        ("head.md", b"---\nid: x\n---\n", "it holds no text"),
        ("binary.txt", b"\x89PNG\x00\x01", "it is binary"),
        ("latin.txt", "Retour gratuit, colis reçu".encode("latin-1"), "not UTF-8 (byte"),
        ("twice.md", b"---\nid: good\n---\nTexte", "already that of good.md"),
        ("rows.jsonl", b'{"id": "a"}', "it holds no text"),
        ("rows.jsonl", b"[1]", "not a JSON object"),
        ("rows.jsonl", b"{", "not JSON"),
        ("rows.jsonl", b'{"id": "a", "text": 3}', "it holds no text"),
    ],
)
def test_a_broken_file_is_reported_and_the_rest_read(
    folder: Path, name: str, content: bytes, why: str
) -> None:
    (folder / name).write_bytes(content)
    reading = read_folder(folder, "fr")
    assert [d.id for d in reading.documents] == ["good"]
    assert [p.where.split(":")[0] for p in reading.problems] == [name]
    assert why in reading.problems[0].why


def test_a_bad_line_does_not_cost_the_others(folder: Path) -> None:
    rows = b'{"id": "a", "text": "un"}\nnope\n\n{"id": "b", "text": "deux"}\n'
    (folder / "rows.jsonl").write_bytes(rows)
    reading = read_folder(folder, "fr")
    assert [d.id for d in reading.documents] == ["good", "a", "b"]
    assert [p.where for p in reading.problems] == ["rows.jsonl:2"]


def test_a_byte_order_mark_and_windows_lines_are_read(folder: Path) -> None:
    (folder / "bom.md").write_bytes(b"\xef\xbb\xbf---\r\nid: bom\r\ntitle: T\r\n---\r\nTexte.\r\n")
    assert [d.id for d in read_folder(folder, "fr").documents] == ["bom", "good"]


@pytest.mark.parametrize("there", [True, False])
def test_no_folder_or_nothing_known_in_it_names_the_mend(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "knowledge"
    if there:
        folder.mkdir()
        (folder / "photo.png").write_bytes(b"x")
    with pytest.raises(KnowledgeError, match="Give "):
        read_folder(folder)


def test_a_document_without_a_heading_is_one_passage(folder: Path) -> None:
    (document,) = read_folder(folder, "fr").documents
    assert [(p.id, p.text) for p in split(document)] == [("good#", "Du texte.")]
