"""Optimising prompts: budgets, seeds, resuming, anchors and exports, with real optimisers and no network."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostile_model.server import HostileModel, Told

from evals.data.examples import reference
from evals.optimise.engines import CALLS, Answered, EndpointModel, Engine, OfflineModel, chosen_model
from evals.optimise.icl import InContextLearner
from evals.optimise.labelling import ClassifyTask, RouteTask
from evals.optimise.optimising import Optimised, Plan, optimise, summary
from evals.optimise.reading_prompts import Turn
from evals.optimise.searching import OPTIMISERS, parted
from evals.rows import DatasetRef, Example
from pipelines.errors import DataError, PromptError
from pipelines.generating.prompts import FOLDER, PromptBook
from pipelines.generating.provider import Endpoint
from pipelines.settings import Settings
from pipelines.text import words

SAID = {
    "track": [
        "où est mon colis", "mon colis il est où svp", "suivi du colis ?", "le suivi du colis ne donne rien",
        "colis toujours pas là", "dites-moi où en est le colis", "suivi bloqué depuis hier",
        "je cherche le suivi du colis", "colis parti quand", "le colis est où bon sang",
    ],
    "refund": [
        "quand serai-je remboursée", "mon remboursement svp", "pas remboursé", "remboursement non reçu",
        "rendez mon argent", "mon argent pas revenu", "remboursé sur quelle carte", "argent pas rendu",
        "le remboursement est de combien", "remboursé de tout ?",
    ],
    "oos": [
        "quel temps à Lyon demain", "quel film ce soir", "une recette de crêpes", "quel match demain soir",
        "un robot à Lyon ?", "une recette demain", "un film à Lyon", "quel emploi à Lyon",
        "un film demain soir", "une recette ce soir",
    ],
}  # fmt: skip
LABELS = {"track": "livraison", "refund": "paiement", "oos": "anything else"}
"""Meanings that share no word with the messages: only worked examples can teach them."""


def bag(texts: Sequence[str]) -> Any:
    """Words as directions: enough to be alike, no model needed."""
    vectors = np.zeros((len(texts), 256), np.float32)
    for row, text in enumerate(texts):
        for word in words(text):
            vectors[row, zlib.crc32(word[:5].encode()) % 256] += 1
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def offline() -> OfflineModel:
    return OfflineModel(InContextLearner(bag))


class Stopping(OfflineModel):
    """The same, until the machine goes down."""

    def __init__(self, after: int) -> None:
        super().__init__(InContextLearner(bag))
        self.left = after

    def answer(self, system: str, turns: Sequence[Turn], options: dict[str, Any]) -> Answered:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().answer(system, turns, options)


def rows(first: int, last: int) -> list[Example]:
    return [
        Example(id=f"{label}{i}", inputs={"text": said[i], "lang": "fr"}, expected={"intent": label},
                slices={"lang": "fr"})
        for label, said in SAID.items() for i in range(first, last)
    ]  # fmt: skip


def held_out() -> tuple[list[Example], DatasetRef]:
    kept = rows(7, 10)
    return kept, reference("toy", "dev", [row.model_dump() for row in kept])


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(update={"home": tmp_path / "home"})


def done(
    home: Settings, optimiser: Any = "labeled", seed: int = 0, budget: int = 120, **more: Any
) -> Optimised:
    task = ClassifyTask("Cerfeuil", LABELS)
    model = more.pop("model", None) or offline()
    return optimise(task, Plan(optimiser, budget, 0, demos=12), rows(0, 7), held_out(), model, home, **more)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_every_optimiser_runs_within_its_budget_and_exports_with_parity(
    home: Settings, optimiser: str
) -> None:
    made = done(home, optimiser, budget=240)
    told = summary(made)
    assert told["calls"] <= 240
    assert made.candidates[0].how == "as it is"
    kept = json.loads((made.folder / "summary.json").read_text())
    assert kept == told
    if made.after is None:
        assert not told["better_found"]
        return
    assert told["parity"] == {"rows": 9, "equal": 1.0}
    book = PromptBook.load(made.folder / "prompts")
    assert book["classify"].origin["optimiser"] == optimiser
    assert (
        book["classify"].sha256 == made.after.run.prompts["classify"] != PromptBook.load()["classify"].sha256
    )
    assert {name: book[name].sha256 for name in book.hashes if name != "classify"} == {
        name: digest for name, digest in PromptBook.load(FOLDER).hashes.items() if name != "classify"
    }


def test_worked_examples_teach_what_the_instructions_do_not_say(home: Settings) -> None:
    told = summary(done(home))
    assert told["better_found"]
    found = next(d for d in told["held_out"] if d["metric"] == "intent_correct" and d["slice"] == "all")
    assert found["new"] > found["old"]
    assert (home.home / "optimised").is_dir()


def test_the_same_seed_gives_the_same_prompt(home: Settings, tmp_path: Path) -> None:
    again = home.model_copy(update={"home": tmp_path / "again"})
    first, second = summary(done(home, "bootstrap")), summary(done(again, "bootstrap"))
    for changing in ("before_run", "after_run"):
        first.pop(changing), second.pop(changing)
    first["reasons"] = second["reasons"] = []
    assert first == second


def test_stopped_half_way_it_goes_on_without_asking_twice(home: Settings, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        done(home, model=Stopping(after=50))
    (calls,) = home.home.glob(f"optimised/*/{CALLS}")
    with calls.open("a") as stream:
        stream.write('{"key": "torn')  # the machine went down in the middle of a line
    made = done(home)
    whole = done(home.model_copy(update={"home": tmp_path / "whole"}))
    assert made.spent["calls"] == whole.spent["calls"]
    assert made.spent["calls_not_kept_before"] == whole.spent["calls_not_kept_before"] - 50
    assert [c.value for c in made.candidates] == [c.value for c in whole.candidates]


def test_an_anchor_that_would_be_lost_refuses_a_candidate(home: Settings) -> None:
    """`paiement` alone is the meaning of refund: the prompt as it is has it right, so must every other."""
    made = done(home)
    assert made.chosen
    lost = Example(id="anchor", inputs={"text": "livraison où est l'argent ?", "lang": "fr"},
                   expected={"intent": "track"})  # fmt: skip
    guarded = done(home.model_copy(update={"home": home.home / "guarded"}), anchors=[lost])
    if guarded.refused:
        assert guarded.chosen not in guarded.refused
    assert guarded.candidates[guarded.chosen].value <= made.candidates[made.chosen].value
    none = Example(id="never", inputs={"text": "zzz", "lang": "fr"}, expected={"intent": "refund"})
    assert not done(home.model_copy(update={"home": home.home / "free"}), anchors=[none]).refused


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (Plan("labeled", 0, 0), "A budget of 0 calls optimises nothing"),
        (Plan("labeled", -3, 0), "A budget of -3 calls"),
        (Plan("copro", 100, 0), "There is no optimiser 'copro'"),  # type: ignore[arg-type]
        (Plan("labeled", 10, 0), "too small for one candidate"),
        (Plan("gepa", 18, 0), "too small for one candidate"),
        (Plan("labeled", 100, 0, demos=0), "fewer than one worked example"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_one_clear_line(home: Settings, plan: Plan, told: str) -> None:
    task = ClassifyTask("Cerfeuil", LABELS)
    with pytest.raises(DataError, match=told):
        optimise(task, plan, rows(0, 7), held_out(), offline(), home)


def test_rows_without_a_right_answer_are_no_examples(home: Settings) -> None:
    task = ClassifyTask("Cerfeuil", {"other": "autre"})
    with pytest.raises(DataError, match="can be a worked example"):
        optimise(task, Plan("labeled", 60, 0), rows(0, 7), held_out(), offline(), home)


def test_a_prompt_edited_by_hand_is_refused(home: Settings, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(FOLDER, tmp_path / "prompts")
    file = tmp_path / "prompts" / "classify.jinja"
    file.write_text(file.read_text() + "\nBe nice.")
    with pytest.raises(PromptError, match="was changed since it was pinned"):
        done(home, source=tmp_path / "prompts")


def test_an_unknown_model_and_a_missing_endpoint_are_told(home: Settings) -> None:
    with pytest.raises(DataError, match="There is no model 'gpt-0'"):
        chosen_model("gpt-0", home)
    with pytest.raises(DataError, match="No language model is set up"):
        chosen_model("llm", home)


def test_an_endpoint_is_asked_through_the_provider(home: Settings) -> None:
    """A real server on loopback: it always says the same, so no candidate can be better."""
    with HostileModel(lambda asked: Told('Sure: {"intent": "track"}')) as model:
        made = done(home, budget=60, model=EndpointModel(Endpoint(model.url, "m", retries=0), 5.0))
        assert not made.chosen
        assert made.before.run.errors == 0
        asked = len(model.received)
        done(home, budget=60, model=EndpointModel(Endpoint(model.url, "m", retries=0), 5.0))
        assert len(model.received) == asked  # every call was kept
    down = EndpointModel(Endpoint("http://127.0.0.1:9/v1", "m", retries=0), 1.0)
    with pytest.raises(DataError, match="did not answer"):
        down.answer("s", [("user", "u")], {})


def test_a_second_sample_is_another_call_only_above_temperature_0(tmp_path: Path) -> None:
    engine = Engine(offline(), tmp_path)
    for options in ({}, {}, {"temperature": 1.0}, {"temperature": 1.0}):
        engine.ask("s", [("user", "u")], options)
    assert (engine.calls, engine.fresh) == (3, 3)
    again = Engine(offline(), tmp_path)
    again.ask("s", [("user", "u")], {"temperature": 1.0})
    assert (again.calls, again.fresh) == (1, 0)


def test_a_route_is_judged_by_what_the_row_was_written_for() -> None:
    task = RouteTask("Cerfeuil")
    turns = [{"role": "customer", "text": "ça marche pas"}]
    row = Example(id="a", inputs={"thread": turns}, expected={"answerable": True, "ask": "product"})
    assert task.answer(row) == {"route": "ask"}
    assert task.judge(row, {"route": "answer"}).value == 0.0
    assert task.judge(row, {"route": ["ask"]}).value == 0.0
    assert "it is 'ask'" in task.judge(row, {}).feedback


def test_rows_are_parted_by_the_seed() -> None:
    whole = rows(0, 7)
    first, second = parted(whole, 100, 0), parted(whole, 100, 1)
    assert [r.id for r in first[1]] != [r.id for r in second[1]]
    assert {r.id for part in first for r in part} == {r.id for r in whole}


def test_a_model_that_goes_silent_ends_the_search_and_is_no_wrong_answer(home: Settings) -> None:
    with HostileModel(lambda asked: Told(status=500)) as model:
        with pytest.raises(DataError, match=r"did not answer \(server\)"):
            done(home, model=EndpointModel(Endpoint(model.url, "m", retries=0), 2.0))
        assert len(model.received) == 1


def test_a_floor_holds_a_challenger_whatever_the_champion_had(home: Settings) -> None:
    """A prompt that drifts into another language is held even where the old one drifted as much."""
    from evals.comparing.gate import Evidence, judge
    from evals.optimise.tasks import LANGUAGE_KEPT, rules_of
    from evals.rows import Score

    made = done(home)
    assert made.after is not None
    for share, state in ((1.0, "pass"), (0.9, "fail")):
        kept = [
            [Score(name=LANGUAGE_KEPT, example_id=e.id, value=share) for e in run.examples]
            for run in (made.before, made.after)
        ]
        runs = [
            replace(run, scores=(*(s for s in run.scores if s.name != LANGUAGE_KEPT), *extra))
            for run, extra in zip((made.before, made.after), kept, strict=True)
        ]
        verdict = judge(runs[0], runs[1], rules_of("intent_correct", {LANGUAGE_KEPT: 0.01}), Evidence())
        floor = next(reason for reason in verdict.reasons if reason.rule == f"floor {LANGUAGE_KEPT}")
        assert floor.state == state
