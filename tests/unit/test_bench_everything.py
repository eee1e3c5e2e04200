"""All benches one after the other: one that fails stops no other, is told, and makes the command fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evals.benches import everything
from evals.benches.everything import _benches, bench_everything
from evals.cli.app import run
from pipelines.errors import DataError
from pipelines.settings import Settings


def three(*given: object) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    def broken() -> dict[str, Any]:
        raise DataError("There is no index.", mend="Make one.")

    def defective() -> dict[str, Any]:
        raise ValueError("words of a customer")

    yield from (("broken", broken), ("defective", defective), ("sound", lambda: {"figure": 1.0}))


def test_one_that_fails_stops_no_other(
    own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(everything, "_benches", three)
    assert run(["bench", "all", "--out", str(tmp_path / "out"), "--json"]) == 1
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["broken"]["problem"] == "There is no index. Make one."
    assert "A defect: ValueError" in told["defective"]["problem"]
    assert json.loads((tmp_path / "out" / "sound.json").read_text()) == {"figure": 1.0}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"sound.json"}
    assert "==> sound (3 of 3)" in err
    assert "2 of 3 benches could not measure: broken, defective" in err
    assert "customer" not in out + err


def test_it_holds_every_bench_that_a_fresh_clone_has_data_for(settings: Settings, tmp_path: Path) -> None:
    names = [name for name, _ in _benches(settings, "dev", tmp_path, lambda stage, done, total: None)]
    kinds = {name.partition("-")[0] for name in names}
    assert kinds == {
        "language", "intents", "retrieval", "summaries", "answers", "silence", "canaries", "statistics",
        "experiment", "service", "scale",
    }  # fmt: skip
    with pytest.raises(DataError, match="no split 'nope'"):
        bench_everything(settings, tmp_path, "nope", lambda line: None, lambda stage, done, total: None)
