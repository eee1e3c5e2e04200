"""Prompts are data that is pinned: what was changed or cannot be used is refused with the mend."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipelines.errors import PromptError
from pipelines.generating.prompts import FOLDER, MANIFEST, VARIABLES, PromptBook, pin, write_prompt
from pipelines.hashing import sha256_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "prompts"))


def test_the_packaged_prompts_are_pinned_and_use_their_variables() -> None:
    book = PromptBook.load()
    assert set(book.hashes) == set(VARIABLES)
    for name, digest in book.hashes.items():
        assert sha256_file(FOLDER / f"{name}.jinja") == digest
        assert book[name].origin["kind"] == "hand"
        messages = book[name].render(**{variable: f"({variable})" for variable in VARIABLES[name]})
        assert [message.role.value for message in messages] == ["system", "user"]
        said = "\n".join(message.text or "" for message in messages)
        assert all(f"({variable})" in said for variable in VARIABLES[name])


def test_a_prompt_edited_by_hand_is_refused_until_it_is_pinned(folder: Path) -> None:
    path = folder / "draft.jinja"
    before = PromptBook.load(folder).hashes["draft"]
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(PromptError, match=r"draft\.jinja was changed .*souffleur prompts pin"):
        PromptBook.load(folder)
    changed = pin(folder)
    assert set(changed) == {"draft"}
    assert PromptBook.load(folder).hashes["draft"] == changed["draft"] != before
    assert pin(folder) == {}


def test_what_is_missing_or_damaged_is_told(folder: Path) -> None:
    (folder / "stray.jinja").write_text("x", encoding="utf-8")
    with pytest.raises(PromptError, match="not pinned"):
        PromptBook.load(folder)
    with pytest.raises(PromptError, match="no use for"):
        pin(folder)
    (folder / "stray.jinja").unlink()
    (folder / "classify.jinja").unlink()
    with pytest.raises(PromptError, match=r"classify\.jinja cannot be read"):
        PromptBook.load(folder)
    for text in ("", "[]", "{}", '{"format": 1, "prompts": {"../x": {"sha256": "", "origin": {}}}}'):
        (folder / MANIFEST).write_text(text, encoding="utf-8")
        with pytest.raises(PromptError, match=r"no readable prompts\.json"):
            PromptBook.load(folder)
    with pytest.raises(PromptError, match="no prompt"):
        PromptBook({})["draft"]


def test_an_optimiser_writes_a_prompt_with_its_origin(folder: Path) -> None:
    text = '{% message role="user" %}{{ text }}\n{{ labels }}{% endmessage %}'
    origin = {"kind": "optimiser", "run": "r1", "optimiser": "labeled"}
    write_prompt("classify", text, origin, folder)
    book = PromptBook.load(folder)
    assert book["classify"].origin == origin
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["prompts"]["classify"]["origin"] == origin
    assert [m.text for m in book["classify"].render(text="a  b", labels="{{ c }}")] == ["a  b\n{{ c }}"]
    with pytest.raises(PromptError, match="cannot be rendered"):
        book["classify"].render(text="a")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("nothing", "x", "no use for"),
        ("draft", '{% message role="user" %}{{ nowhere }}{% endmessage %}', "nowhere, which nothing fills"),
        ("draft", '{% message role="user" %}', "is no template"),
        ("draft", '{% message role="king" %}x{% endmessage %}', "is no template"),
    ],
)
def test_a_template_that_cannot_serve_is_refused(folder: Path, name: str, text: str, told: str) -> None:
    with pytest.raises(PromptError, match=told):
        write_prompt(name, text, {"kind": "hand"}, folder)
    assert set(PromptBook.load(folder).hashes) == set(VARIABLES)
