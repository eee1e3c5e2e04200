"""From a run to what is served: red gates move nothing, green ones move everything, and back again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.cli.report import GateFailed
from evals.promoting.champion import Champion, crown, throne
from evals.promoting.promote import copy_checkout, frozen, promote, roll_back
from evals.rows import Score
from evals.running.store import RUNS, Recorded, load_run, save
from evals.served import CANARIES, evaluate_served
from pipelines.errors import DataError
from pipelines.settings import Settings
from service.bundle import open_bundle
from service.freezing import freeze

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a Bento is built from, so that nothing is written into the repository."""
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def home(small_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A home with a bundle and one recorded run of it."""
    home = tmp_path_factory.mktemp("home")
    freeze({path.name: path for path in small_bundle.iterdir()}, home, model="test")
    settings = Settings(
        _env_file=None, home=home, cache=ROOT / ".cache", datasets=ROOT / "datasets", mlruns=home / "mlruns",
        links="velo.example",
    )  # type: ignore[call-arg]  # fmt: skip
    evaluate_served("suggest", "dev", settings)
    yield settings
    from bentoml import bentos

    for file in home.glob(f"{RUNS}/*/promotion.json"):
        bentos.delete(json.loads(file.read_text(encoding="utf-8"))["bento"])


def copied(
    settings: Settings, of: str, id_: str, utility: float | None = None, **changes: object
) -> Recorded:
    """A run of another id, whose system or utility differs."""
    recorded = load_run(of, settings.home / RUNS)
    scores = tuple(
        Score(name=s.name, example_id=s.example_id, value=utility)
        if utility is not None and s.name in ("utility", "harmless") else s
        for s in recorded.scores
    )  # fmt: skip
    system = {**recorded.run.system, **changes}
    run = recorded.run.model_copy(update={"id": id_, "system": system})
    made = Recorded(run, recorded.examples, recorded.predictions, scores)
    save(made, settings.home / RUNS)
    shutil.copy(settings.home / RUNS / recorded.run.id / CANARIES, settings.home / RUNS / id_ / CANARIES)
    return made


def test_a_run_that_cannot_be_promoted_is_named(home: Settings) -> None:
    first = load_run("latest", home.home / RUNS).run
    with pytest.raises(DataError, match="no run 'nope'"):
        promote("nope", home, print)
    risky = copied(home, first.id, "20200101-000000-risk", changes={"decide": {"risk": 0.01}}).run
    with pytest.raises(DataError, match=r"decide\.risk is a setting of the operator"):
        frozen(risky, home)
    copied(home, first.id, "20200101-000000-sums", system="summarize")
    with pytest.raises(DataError, match="no bundle's suggestions"):
        promote("20200101-000000-sums", home, print)
    asked = copied(home, first.id, "20200101-000000-can").run
    (home.home / RUNS / asked.id / CANARIES).unlink()
    with pytest.raises(DataError, match="did not ask the canaries"):
        promote(asked.id, home, print)
    with pytest.raises(DataError, match="Nobody was promoted"):
        roll_back(home, print)


def test_promote_and_roll_back(home: Settings, checkout: Path) -> None:
    said: list[str] = []
    first = load_run("latest", home.home / RUNS).run
    made = promote(first.id, home, said.append, checkout=checkout)
    assert made["bundle"] == first.system["bundle"]
    assert any(line.startswith("Parity") for line in said)
    assert (home.home / "bundles" / "current").resolve().name == made["bundle"]

    with pytest.raises(GateFailed, match="hold"):
        promote(copied(home, first.id, "20300101-000000-same").run.id, home, said.append, checkout=checkout)
    assert (home.home / RUNS / "20300101-000000-same" / "gate.md").is_file()
    assert throne(home.home).champion.run == first.id  # type: ignore[union-attr]

    poor = copied(home, first.id, "20300101-000000-poor", utility=-1.0).run
    crown(home.home, Champion(run=poor.id, bundle=made["bundle"]))
    new = copied(home, first.id, "20300101-000000-more", changes={"retrieve": {"top_k": 5}}).run
    better = promote(new.id, home, said.append, checkout=checkout)
    assert better["bundle"] != made["bundle"]
    served = open_bundle(home.bundle_dir)
    assert served.id == better["bundle"]
    assert "top_k: 5" in (served.root / "pipelines" / "suggest.yaml").read_text(encoding="utf-8")
    assert "PROMOTE" in Path(better["report"]).read_text(encoding="utf-8")

    crown(home.home, Champion(run=first.id, bundle=made["bundle"]))
    crown(home.home, Champion(run=new.id, bundle=better["bundle"]))
    assert roll_back(home, said.append).bundle == made["bundle"]
    assert (home.home / "bundles" / "current").resolve().name == made["bundle"]
    assert roll_back(home, said.append).bundle == better["bundle"]


def test_a_damaged_throne_is_named(tmp_path: Path) -> None:
    (tmp_path / "champion.json").write_text("{}")
    with pytest.raises(DataError, match="damaged"):
        throne(tmp_path)
