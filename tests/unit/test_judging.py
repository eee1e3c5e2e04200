"""RAGAS behind its seam: offline, with a judge that behaves, and with one that does not."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from judge_server import JudgeServer, judging

from evals.judging.judge import Judge
from evals.judging.ragas_seam import JUDGED, judged_metrics, offline_metrics
from evals.judging.samples import sample_of
from evals.judging.scorer import RagasScorer
from evals.rows import Example, Prediction, Score
from evals.running.cache import Cache
from pipelines.contracts import Passage
from pipelines.embedding import Encoder
from pipelines.errors import SettingsError
from pipelines.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
TEXT = "La livraison standard prend 3 jours ouvrés."
PASSAGES = {
    id_: Passage(id=id_, document_id=id_[0], version="", lang="fr", title="", heading="", text=text)
    for id_, text in {"a#": TEXT, "b#": "Le cadre est garanti cinq ans."}.items()
}
ASKED = Example(
    id="q", inputs={"query": "Ici Alice Morel, alice@mel.fr : quel délai ?"}, slices={"lang": "fr"},
    expected={"gold": ["a#", "c#"], "quotes": [TEXT], "reference": "Trois jours ouvrés."},
)  # fmt: skip


def told(text: str = "Comptez 3 jours ouvrés.", epoch: int = 0) -> Prediction:
    shown = [{"text": text, "kind": "answer", "citations": []}]
    return Prediction(example_id="q", epoch=epoch, output={"suggestions": shown}, documents=("b#", "a#"))


QUIET = Prediction(example_id="q", output={"suggestions": [], "silence": {"reason": "no_evidence"}})


@pytest.fixture(scope="module")
def judge_server() -> Iterator[JudgeServer]:
    with judging() as server:
        yield server


@pytest.fixture
def judge(judge_server: JudgeServer) -> Judge:
    judge_server.mode, judge_server.verdict_of = "echo", None
    judge_server.prompts.clear()
    return Judge(judge_server.url, "small-judge", "k", timeout_s=20, price_in=1.0, price_out=10.0)


def judged_by(judge: Judge, encoder: Encoder, *names: str) -> RagasScorer:
    wanted = tuple(f"judged_{name}_" for name in names or JUDGED)
    metrics = [metric for metric in judged_metrics(judge, encoder) if metric.name.startswith(wanted)]
    return RagasScorer(metrics, PASSAGES.get, judge)


def by_name(scores: list[Score]) -> dict[str, Score]:
    return {score.name.removeprefix("judged_").rsplit("_", 1)[0]: score for score in scores}


def test_offline_metrics_by_hand(encoder: Encoder) -> None:
    scorer = RagasScorer(offline_metrics(encoder), PASSAGES.get)
    made = {score.name.removeprefix("ragas_"): score for score in scorer.score(ASKED, told(epoch=2))}
    values = {name: score.value for name, score in made.items()}
    assert values["id_context_precision"] == 0.5
    assert values["id_context_recall"] == 0.5
    assert values["context_precision"] == pytest.approx(0.5)
    assert values["context_recall"] == 1
    assert (values["exact_match"], values["string_presence"]) == (0, 0)
    assert 0 < (values["string_similarity"] or 0) < 1
    assert 0.3 < (values["semantic_similarity"] or 0) <= 1
    assert (made["quoted_spans"].status, made["quoted_spans"].reason) == ("unmeasured", "no quoted span")
    assert {score.epoch for score in made.values()} == {2}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("L'article dit : « la livraison standard prend 3 jours » et c'est tout.", 1),
        ("L'article dit : « la livraison express prend 24 heures ».", 0),
        ("L'agent n'a rien cité d'aucune page.", None),
    ],
)
def test_quotes_are_french_too_and_apostrophes_are_no_quotes(
    text: str, value: float | None, encoder: Encoder
) -> None:
    metric = next(m for m in offline_metrics(encoder) if m.name == "ragas_quoted_spans")
    (score,) = RagasScorer([metric], PASSAGES.get).score(ASKED, told(text))
    assert score.value == value


def test_what_a_row_lacks_is_unmeasured_with_its_reason(encoder: Encoder) -> None:
    scorer = RagasScorer(offline_metrics(encoder))
    bare = Example(id="q", inputs={"query": "délai ?"})
    reasons = {score.name: score.reason for score in scorer.score(bare, replaced(told(), documents=()))}
    assert reasons["ragas_id_context_recall"] == "no context ids"
    assert reasons["ragas_exact_match"] == "no reference"
    assert reasons["ragas_quoted_spans"] == "no contexts"
    assert {s.reason for s in scorer.score(ASKED, QUIET) if "string" in s.name} == {"silence"}
    failed = scorer.score(ASKED, Prediction(example_id="q", error="Timeout", epoch=1))
    assert {(s.status, s.epoch, s.reason) for s in failed} == {("error", 1, "prediction failed")}


def replaced(prediction: Prediction, **changes: Any) -> Prediction:
    return prediction.model_copy(update=changes)


def test_a_judge_that_behaves(judge: Judge, judge_server: JudgeServer, encoder: Encoder) -> None:
    scorer = judged_by(judge, encoder)
    made = by_name(scorer.score(ASKED, told()))
    assert set(made) == set(JUDGED)
    assert {name: score.reason for name, score in made.items() if score.status != "value"} == {}
    assert [made[name].value for name in ("faithfulness", "context_recall", "factual_correctness")] == [
        1,
        1,
        1,
    ]
    assert made["context_precision"].value == pytest.approx(1)
    # 2 calls, 1 a context (2), 3 questions, 1, and 2 for each of two directions
    assert scorer.usage.calls == 2 + 2 + 3 + 1 + 4 == len(judge_server.prompts)
    assert (scorer.usage.input_tokens, scorer.usage.output_tokens) == (1200, 120)
    assert scorer.usage.money == pytest.approx(1200e-6 + 1200e-6)
    assert made["faithfulness"].cost == pytest.approx(200e-6 + 200e-6)
    assert sum(score.cost for score in made.values()) == pytest.approx(scorer.usage.money)


def test_nothing_personal_reaches_a_judge(judge: Judge, judge_server: JudgeServer, encoder: Encoder) -> None:
    judged_by(judge, encoder).score(ASKED, told("Bonjour Alice Morel, écrivez d'alice@mel.fr."))
    assert judge_server.prompts
    assert not [p for p in judge_server.prompts if "alice" in p.lower() or "morel" in p.lower()]


@pytest.mark.parametrize(
    ("mode", "name", "status", "reason"),
    [
        ("off", "faithfulness", "unmeasured", "off the judge's scale"),
        ("off", "context_precision", "unmeasured", "off the judge's scale"),
        ("off", "relevancy", "unmeasured", "off the judge's scale"),
        ("empty", "faithfulness", "unmeasured", "the judge found nothing to judge"),
        ("empty", "factual_correctness", "unmeasured", "the judge found nothing to judge"),
        ("nan", "context_precision", "error", "ValidationError"),
        ("garbage", "faithfulness", "error", "ValidationError"),
        ("500", "context_recall", "error", "HTTPStatusError"),
    ],
)
def test_a_judge_that_misbehaves(
    mode: str, name: str, status: str, reason: str, judge: Judge, judge_server: JudgeServer, encoder: Encoder
) -> None:
    judge_server.mode = mode
    (score,) = judged_by(judge, encoder, name).score(ASKED, told())
    assert (score.value, score.status, score.reason) == (None, status, reason)


def test_a_judge_that_is_late_or_away(judge: Judge, judge_server: JudgeServer, encoder: Encoder) -> None:
    judge_server.mode = "slow"
    (late,) = judged_by(replace(judge, timeout_s=0.3), encoder, "context_recall").score(ASKED, told())
    assert late.status == "error"
    assert late.reason == "no judgement within 0.3 s"
    away = replace(judge, base_url="http://127.0.0.1:9/v1", timeout_s=20)
    (gone,) = judged_by(away, encoder, "context_recall").score(ASKED, told())
    assert (gone.status, gone.reason) == ("error", "ConnectionRefusedError")


def test_it_works_inside_a_running_event_loop(judge: Judge, encoder: Encoder) -> None:
    async def cell() -> list[Score]:
        return judged_by(judge, encoder, "faithfulness").score(ASKED, told())

    (score,) = asyncio.run(cell())
    assert score.value == 1


def test_what_failed_is_not_remembered(
    judge: Judge, judge_server: JudgeServer, encoder: Encoder, tmp_path: Path
) -> None:
    scorer = judged_by(judge, encoder, "context_recall")
    scorer.cache = Cache(tmp_path / "judged.sqlite", "record")
    for mode in ("500", "empty"):
        judge_server.mode = mode
        assert scorer.score(ASKED, told())[0].value is None
    judge_server.mode = "echo"
    assert scorer.score(ASKED, told())[0].value == 1
    calls = scorer.usage.calls
    (again,) = scorer.score(ASKED, told())
    assert (again.value, again.cost, scorer.usage.calls) == (1, 0, calls)
    scorer.score(ASKED, told(epoch=1))
    assert scorer.usage.calls == calls + 1


def test_ragas_is_imported_in_one_place() -> None:
    importing = re.compile(r"^\s*(?:from|import) ragas\b", re.MULTILINE)
    found = [
        path.name for path in (ROOT / "evals").rglob("*.py") if importing.search(path.read_text("utf-8"))
    ]
    assert found == ["ragas_seam.py"]


def test_another_model_is_another_metric(judge: Judge, encoder: Encoder) -> None:
    first, again, other = (
        [metric.name for metric in judged_metrics(one, encoder)]
        for one in (judge, replace(judge, base_url="http://127.0.0.1:1/v1"), replace(judge, model="large"))
    )
    assert first == again
    assert not set(first) & set(other)


def test_the_sample_of_a_row() -> None:
    sample = sample_of(ASKED, told(), PASSAGES.get)
    assert sample.contexts == (PASSAGES["b#"].text, TEXT)
    assert sample.gold_contexts == (TEXT,)
    assert sample_of(ASKED, told()).gold_contexts == (TEXT,)  # the gold quotes stand in
    assert sample_of(ASKED, told()).contexts == ()


def test_a_judge_must_be_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="SOUFFLEUR_JUDGE_BASE_URL"):
        Judge.from_settings(load_settings())
    monkeypatch.setenv("SOUFFLEUR_JUDGE_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("SOUFFLEUR_JUDGE_MODEL", "m")
    monkeypatch.setenv("SOUFFLEUR_JUDGE_API_KEY", "very-secret")
    made = Judge.from_settings(load_settings())
    assert (made.model, made.api_key, made.timeout_s) == ("m", "very-secret", 60)
    assert "very-secret" not in repr(made) + repr(load_settings())


def test_the_workbench_does_without_ragas() -> None:
    """Every module imports, and the scorers score, where RAGAS is not installed."""
    code = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "ragas":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
import importlib, importlib.util, pkgutil
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *a: None if name == "ragas" else real(name, *a)
import evals
for module in pkgutil.walk_packages(evals.__path__, "evals."):
    importlib.import_module(module.name)
from evals.judging.ragas_seam import available, offline_metrics
from evals.rows import Example, Prediction
from evals.scorers.standard import standard_scorers
asked = Example(id="q", inputs={"query": "?"}, expected={"reference": "oui", "gold": ["a#"]})
told = Prediction(example_id="q", output={"suggestions": [{"text": "oui"}]}, documents=("a#",))
scores = [score for scorer in standard_scorers("answers") for score in scorer.score(asked, told)]
assert not [score for score in scores if score.status == "error"], scores
assert not available()
try:
    offline_metrics(None)
except Exception as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "RAGAS is not installed" in done.stdout
