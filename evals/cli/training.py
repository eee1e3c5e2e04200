"""``souffleur train``: models from someone's own examples."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from evals.cli.report import Json, reporting
from pipelines.settings import Settings

app = typer.Typer(help="Train a model from your own examples.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Train a model from your own examples."""


@app.command(epilog="Example: souffleur train intents --train my-messages.jsonl")
def intents(
    context: typer.Context,
    train: Annotated[
        list[Path],
        typer.Option(metavar="FILE", help="JSONL rows of text, intent (or oos) and lang; repeatable."),
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the model goes; HOME/models/intents by default.")
    ] = None,
    json: Json = False,
) -> None:
    """Train the intent model, with calibrated confidence and an out-of-scope score.

    Takes under a minute for a few thousand messages. `souffleur bundle` then freezes it for the service.
    """
    from evals.building import train_intent_model

    settings: Settings = context.obj
    target = out or settings.home / "models" / "intents"
    with reporting(json) as report:
        began = time.perf_counter()
        rows, labels = train_intent_model(train, target, settings, lambda step: report.say(f"{step} ..."))
        report.result(
            {"rows": rows, "intents": labels, "fit_s": round(time.perf_counter() - began, 2), "model": target}
        )


@app.command(epilog="Example: souffleur train answering --gold labelled.jsonl")
def answering(
    context: typer.Context,
    gold: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="JSONL gold questions; repeatable. Never a test part."),
    ] = None,
    hard: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Harder questions that only teach; repeatable."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="HOME/models/answering.json by default.")
    ] = None,
    json: Json = False,
) -> None:
    """Fit which sentence answers, and how sure to be of a reply, on your own labelled questions.

    Run `souffleur setup` or `souffleur index` first. `souffleur bundle` then freezes it for the service.
    Without --gold it learns from the demo's questions, which takes some six minutes.
    """
    from evals.building import ANSWERING
    from evals.fitting.home import fit_answering_model, gold_files, hard_files

    settings: Settings = context.obj
    target = out or settings.home / ANSWERING
    with reporting(json) as report:
        # The demo's harder questions go with the demo's, never with somebody's own.
        harder = hard or ([] if gold else hard_files(settings))
        made = fit_answering_model(gold or gold_files(settings), harder, settings, target, report.say)
        report.result({**made, "model": target})


@app.command(epilog="Example: souffleur train centres --out pipelines/knowledge/centres.npz")
def centres(
    context: typer.Context,
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="The .npz to write; search reads the packaged one.")
    ],
    json: Json = False,
) -> None:
    """Average the demo's articles and messages by language, which searching takes from its vectors.

    To be done again when texts are read or embedded in another way.
    """
    from evals.centring import fit_centres
    from pipelines.embedding import Encoder

    settings: Settings = context.obj
    data = settings.datasets
    with reporting(json) as report:
        encoder = Encoder(settings.cache, threads=2)
        langs = fit_centres(data / "knowledge", data / "intents" / "train.jsonl", encoder, out)
        report.result({"languages": langs, "model": encoder.variant, "centres": out})
