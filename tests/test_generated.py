"""What is generated and committed is what the code would generate now."""

from __future__ import annotations

from pathlib import Path

import pytest
from haystack import Pipeline

from evals.results_table import ROOT, table, with_table
from pipelines.definitions import FOLDER, NAMES, definitions, load_pipeline, write_definitions
from pipelines.errors import BundleError
from pipelines.settings import Settings


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return definitions()


def test_the_committed_definitions_are_the_builders(made: dict[str, str]) -> None:
    assert tuple(made) == NAMES
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(f"{name}.yaml" for name in NAMES)
    for name, text in made.items():
        committed = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
        assert committed == text, "generate them again: python -m pipelines.definitions"


def test_yaml_and_back_is_the_same_pipeline(made: dict[str, str], tmp_path: Path) -> None:
    for text in made.values():
        again = Pipeline.loads(text, allowed_modules=["pipelines"])
        assert again.dumps() == text
    write_definitions(tmp_path)
    assert {path.stem: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == made


def test_a_definition_names_no_place_of_this_machine(made: dict[str, str]) -> None:
    for text in made.values():
        assert str(Path.cwd()) not in text
        assert str(Path.home()) not in text
        types = [line.split("type: ")[1] for line in text.splitlines() if "type: " in line]
        assert types
        assert all(name.startswith("pipelines.") for name in types)


def test_loading_sets_paths_and_the_operators_wishes(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None, cache=tmp_path / "cache", risk=0.03, max_chars=200, address="tu", tone="neutral",
        links="a.example, b.example,",
    )  # type: ignore[call-arg]  # fmt: skip
    pipeline = load_pipeline(FOLDER / "suggest.yaml", tmp_path / "bundle", settings)
    parts = pipeline.to_dict()["components"]
    given = {name: part["init_parameters"] for name, part in parts.items()}
    assert given["decide"] == {"answering_path": str(tmp_path / "bundle/models/answering.json"), "risk": 0.03}
    assert given["verify"] == {"links": ["a.example", "b.example"], "max_chars": 200}
    assert given["understand"]["cache"] == given["question"]["cache"] == str(tmp_path / "cache")
    assert given["retrieve"]["store"]["init_parameters"]["path"] == str(tmp_path / "bundle/index")
    assert (given["draft"]["max_chars"], given["draft"]["address"], given["draft"]["tone"]) == (
        200,
        "tu",
        "neutral",
    )


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "components: 3", "components: {a: {}}", "{", "a: !!python/object:os.system {}",
        "components: {a: {init_parameters: {}, type: os.system}}\nconnections: []",
        "components: {a: {init_parameters: {}, type: haystack.components.builders.PromptBuilder}}",
        "components: {a: {init_parameters: {nonsense: 1}, type: pipelines.deciding.decider.Decider}}",
        "components: {a: {init_parameters: {}, type: pipelines.nowhere.Nothing}}",
        "components: {}\nconnections: [{sender: a.b, receiver: c.d}]",
        "\udcff\udcfe",
    ],
)  # fmt: skip
def test_a_definition_that_is_none_of_ours_is_refused(tmp_path: Path, settings: Settings, text: str) -> None:
    path = tmp_path / "suggest.yaml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BundleError, match=r"suggest\.yaml .*souffleur bundle"):
        load_pipeline(path, tmp_path, settings)


def test_a_missing_definition_is_told(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(BundleError, match="souffleur bundle"):
        load_pipeline(tmp_path / "none.yaml", tmp_path, settings)


def test_the_readme_shows_the_committed_reports() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_table(readme, table()) == readme, "Run: python -m evals.results_table"
