"""A recorded run judged by RAGAS as well: the same answers, further scores, nothing asked again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from evals.judging.judge import Judge
from evals.judging.ragas_seam import judged_metrics, offline_metrics
from evals.judging.scorer import RagasScorer
from evals.rows import Usage
from evals.running.cache import Cache, Mode
from evals.running.store import RUNS, Recorded, by_id, load_run, save
from evals.scorers.reading import Lookup, passages_of
from pipelines.errors import DataError, SouffleurError

if TYPE_CHECKING:
    from pipelines.settings import Settings

AT_ONCE = 4
"""Rows that are judged at the same time."""

Progress = Callable[[str, int, int], None]


def rescore_run(
    name: str,
    settings: Settings,
    judge: Judge | None = None,
    progress: Progress | None = None,
    cache: Mode = "record",
) -> tuple[Recorded, tuple[str, ...], Usage]:
    """Add the scores of RAGAS to a run of suggestions and save it; earlier scores of theirs are replaced.

    Args:
        name: of the run; its bundle must still be in this home, for the texts that it answered from.
        judge: asked for the judged metrics; without one, only those that need none.
        cache: ``record`` pays for no judgement twice, ``live`` for each, ``replay`` for none.

    Returns:
        The run, the names of the scores that were added, and what the judge cost.

    Raises:
        DataError: no such run, its bundle is gone, or a replay asks what was never recorded.
        SettingsError: RAGAS is not installed.
    """
    from pipelines.embedding import Encoder

    recorded = load_run(name, settings.home / RUNS)
    lookup, encoder = _passages(recorded, settings), Encoder(settings.cache)
    scorers = [RagasScorer(offline_metrics(encoder), lookup)]
    if judge:
        said = Cache(settings.home / "cache" / "judgements.sqlite", cache)
        scorers.append(RagasScorer(judged_metrics(judge, encoder), lookup, judge, said))
    asked, total = by_id(recorded.examples), len(recorded.predictions)
    made = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rows = pool.map(
            lambda one: [score for scorer in scorers for score in scorer.score(asked[one.example_id], one)],
            recorded.predictions,
        )
        for number, scores in enumerate(rows, 1):
            made += scores
            if progress:
                progress("judge", number, total)
    names = tuple(name for scorer in scorers for name in scorer.names)
    kept = [score for score in recorded.scores if score.name not in names]
    whole = Recorded(recorded.run, recorded.examples, recorded.predictions, (*kept, *made))
    save(whole, settings.home / RUNS)
    return whole, names, scorers[-1].usage


def _passages(recorded: Recorded, settings: Settings) -> Lookup:
    from pipelines.knowledge.store import PassageStore
    from service.bundle import open_bundle

    wanted = str(recorded.run.system.get("bundle", ""))
    if not wanted or not all("suggestions" in p.output for p in recorded.predictions if p.error is None):
        raise DataError(f"The run {recorded.run.id!r} suggested no replies.", mend="Choose one of: suggest.")
    for folder in (settings.home / "bundles" / wanted, settings.bundle_dir):
        try:
            bundle = open_bundle(folder)
        except SouffleurError:
            continue
        if bundle.id == wanted:
            return passages_of(PassageStore(str(bundle.root / "index")).generation)
    raise DataError(
        f"The bundle {wanted!r} that answered is no longer here.", mend="Evaluate the served bundle again."
    )
