"""The benches of statistics and silence: what they report, on few rounds and few rows."""

from __future__ import annotations

from pathlib import Path

from evals.benches.silence import bench_silence
from evals.benches.statistics import bench_statistics
from evals.data.jsonl import write_rows
from pipelines.settings import Settings
from service.freezing import freeze

GOLD = "livraison#combien-de-temps-prend-la-livraison"


def test_coverage_and_errors_are_counted() -> None:
    report = bench_statistics(rounds=120, draws=200)
    assert all(0.85 < found["value"] <= 1 for found in report["coverage"].values())
    assert report["coverage"]["clustered_bca"]["n"] == 120
    assert report["promoted_a_against_a"]["value"] < 0.1


def test_silence_is_a_curve_beside_simpler_confidences(
    settings: Settings, small_bundle: Path, tmp_path: Path
) -> None:
    freeze({path.name: path for path in small_bundle.iterdir()}, settings.home, model="test")
    rows = [
        {"query": "combien de temps prend la livraison ?", "gold": [GOLD], "lang": "fr",
         "quotes": ["La livraison standard prend 3 jours ouvrés."], "facts": [["3 jours"]]},
        {"query": "raconte-moi une blague", "gold": [], "answerable": False, "lang": "fr"},
    ]  # fmt: skip
    write_rows(tmp_path / "rows.jsonl", rows)
    report = bench_silence(tmp_path / "rows.jsonl", "dev", settings)
    assert (report["rows"], report["answerable"]) == (2, 1)
    assert report["curve"]["coverage_at_10"] == 1.0
    assert set(report["baselines"]) == {"random", "words_shared_with_the_question"}
    assert report["answerable_auroc"] == 1.0
    whole = report["calibration_with_unanswerable"]
    assert set(whole) == set(report["calibration"])
    assert whole["brier"] != report["calibration"]["brier"], "the joke counts too"
