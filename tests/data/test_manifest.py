"""The manifest tells the truth about ``datasets/``, and a changed file is never read for the named one."""

import json
import shutil
from pathlib import Path

import pytest

from evals.building import train_intent_model
from evals.data.manifest import MANIFEST, SETS, build_manifest, check_manifest, load, main
from evals.data.public import refuse_untrainable
from evals.optimise.setting_out import set_out
from pipelines.errors import DataError
from pipelines.settings import Settings

ROOT = Path(__file__).parents[2] / "datasets"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT, tmp_path / "datasets"))


def test_the_manifest_is_right() -> None:
    assert check_manifest(ROOT) == []


def test_each_set_says_what_it_is() -> None:
    for name, entry in json.loads((ROOT / MANIFEST).read_text(encoding="utf-8")).items():
        assert entry["licence"] == "Apache-2.0", name
        assert entry["source"] == "written for this project", name
        assert len(entry["columns"]) >= 4, name
        assert all(file["rows"] > 0 and len(file["sha256"]) == 64 for file in entry["files"]), name
        assert "Apache-2.0" in (ROOT / entry["card"]).read_text(encoding="utf-8"), name


def test_no_python_among_the_data() -> None:
    assert list(ROOT.rglob("*.py")) == []


@pytest.mark.parametrize("name", [name for name in SETS if name != "knowledge"])
def test_rows_are_read_as_counted(name: str) -> None:
    for file in build_manifest(ROOT)[name]["files"]:
        same = [f for f in build_manifest(ROOT)[name]["files"] if f["split"] == file["split"]]
        assert len(load(name, file["split"], ROOT)) == sum(f["rows"] for f in same)


def test_a_changed_row_is_refused(copy: Path) -> None:
    file = copy / "intents" / "dev.jsonl"
    file.write_bytes(file.read_bytes().replace(b"delivery_time", b"delivery_cost", 1))
    with pytest.raises(DataError, match=r"intents/dev.jsonl"):
        load("intents", "dev", copy)
    assert check_manifest(copy) == ["intents/dev.jsonl: 'sha256' differs from the manifest"]
    assert main(["--root", str(copy)]) == 1
    assert main(["--root", str(copy), "--write"]) == 0
    assert load("intents", "dev", copy)


def test_a_changed_article_a_stray_and_a_lost_card_are_named(copy: Path) -> None:
    article = copy / "knowledge" / "fr" / "invoices.md"
    article.write_text(article.read_text(encoding="utf-8") + "\nUn mot de plus.\n", encoding="utf-8")
    (copy / "threads" / "more.jsonl").write_text("{}\n", encoding="utf-8")
    (copy / "cards" / "canaries.md").unlink()
    (copy / "answers" / "sneaky.py").write_text("", encoding="utf-8")
    assert check_manifest(copy) == [
        "answers/sneaky.py: no Python may lie among the data",
        "cards/canaries.md: the card is missing",
        "threads/more.jsonl: no set of the manifest holds it",
        "knowledge/fr/: 'sha256' differs from the manifest",
    ]


def licensed(root: Path, name: str, licence: str | None) -> None:
    """Give a set another licence in the manifest."""
    stored = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    stored[name]["licence"] = licence
    (root / MANIFEST).write_text(json.dumps(stored), encoding="utf-8")


@pytest.mark.parametrize("licence", ["CC-BY-NC-4.0", "CC-BY-SA-4.0", "CDLA-Sharing-1.0"])
def test_a_share_alike_or_non_commercial_set_is_measured_on_and_never_trained_on(
    copy: Path, licence: str
) -> None:
    licensed(copy, "intents", licence)
    assert load("intents", "dev", copy)
    says = f"The set 'intents' of the manifest is {licence}: .*may not be trained on it. Only measure"
    with pytest.raises(DataError, match=says):
        load("intents", "train", copy, train=True)
    with pytest.raises(DataError, match=says):
        refuse_untrainable([copy / "intents" / "train_fr.jsonl"], copy)
    refuse_untrainable([copy / "answers" / "train.jsonl"], copy)


@pytest.mark.parametrize(
    ("licence", "says"),
    [("proprietary", "the licence 'proprietary', which is on no list"), (None, "names no licence")],
)
def test_a_set_of_an_unknown_licence_is_not_even_measured_on(
    copy: Path, licence: str | None, says: str
) -> None:
    licensed(copy, "answers", licence)
    with pytest.raises(DataError, match=f"The set 'answers' of the manifest .*{says}.*SPDX"):
        load("answers", "dev", copy)


def test_training_on_a_set_that_forbids_it_stops_before_anything_is_made(
    copy: Path, tmp_path: Path, settings: Settings
) -> None:
    licensed(copy, "intents", "CC-BY-NC-SA-4.0")
    other = settings.model_copy(update={"datasets": copy})
    with pytest.raises(DataError, match="'intents' of the manifest is CC-BY-NC"):
        train_intent_model(None, tmp_path / "model", other, lambda step: None)
    with pytest.raises(DataError, match="'intents' of the manifest"):
        set_out("classify", other)
    assert not (tmp_path / "model").exists()


def test_bad_input_is_named(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataError, match=r"Known: .*intents/dev"):
        load("intents", "validation", ROOT)
    with pytest.raises(DataError, match="is no JSONL"):
        load("knowledge", "all", ROOT)
    (copy / MANIFEST).write_text("[]", encoding="utf-8")
    with pytest.raises(DataError, match="manifest"):
        load("intents", "dev", copy)
    assert check_manifest(copy) == [
        "manifest.json is missing or is no manifest. Run: python -m evals.data.manifest --write"
    ]
    (copy / "answers" / "dev.jsonl").unlink()
    assert main(["--root", str(copy), "--write"]) == 2
    assert "dev.jsonl" in capsys.readouterr().err
