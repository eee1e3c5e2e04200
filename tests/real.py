"""A small bundle of the real thing: some of the demo's articles and macros, and an intent model."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import httpx

from evals.building import ANSWERING, INTENTS, freeze_bundle, index_knowledge, train_intent_model
from pipelines.deciding.answering import Answering
from pipelines.settings import Settings

ROOT = Path(__file__).parents[1]
DATA = ROOT / "datasets"
ARTICLES = (
    "refund-times", "return-how", "delivery-times", "delivery-costs", "late-parcel", "track-order",
    "damaged-on-arrival", "ruisseau-error-codes",
)  # fmt: skip
MACROS = ("refund-delay", "delivery-time", "order-number-needed", "late-parcel", "ruisseau-e04")
MESSAGES = 6
"""Of each intent and language; enough to tell a question from a thank-you."""
BAR = 0.35
"""Nothing is fitted here, so the bar is set by hand: tests ask what these articles plainly answer."""


def make_home(folder: Path) -> None:
    """Copy some data into ``folder``, then index, train and freeze beside it (twenty seconds)."""
    settings = settings_of(folder)
    data, home = settings.datasets, settings.home
    _copy_data(data)
    index_knowledge(data / "knowledge", settings)
    train_intent_model([data / "intents" / "train.jsonl"], home / INTENTS, settings, lambda line: None)
    untrained = Answering.untrained()
    confidence = replace(untrained.confidence, thresholds=((0.1, BAR),))
    replace(untrained, confidence=confidence).save(home / ANSWERING)
    freeze_bundle(settings)


def settings_of(folder: Path) -> Settings:
    """The settings that serve what :func:`make_home` made."""
    home, data = folder / "home", folder / "data"
    return Settings(_env_file=None, home=home, datasets=data, cache=ROOT / ".cache")  # type: ignore[call-arg]


def serve_command(port: int) -> list[str]:
    """The service as a person starts it."""
    return [sys.executable, "-c", "from evals.cli import main; main()", "serve", "--port", str(port)]


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """What a process needs to serve the home of these settings, and none of the operator's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOUFFLEUR_")}
    given = {name: str(getattr(settings, name)) for name in ("home", "cache", "datasets")}
    ours = {f"SOUFFLEUR_{name.upper()}": value for name, value in given.items()}
    return {**kept, "PYTHONPATH": str(ROOT), **ours, **more}


def wait_ready(process: subprocess.Popen[bytes], url: str, log: Path, seconds: float = 60) -> None:
    """Until the service answers; what it said, when it ended instead."""
    end = time.monotonic() + seconds
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        try:
            if httpx.get(f"{url}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _copy_data(data: Path) -> None:
    for lang in ("fr", "en", "es"):
        for folder, names in ((lang, ARTICLES), (f"macros/{lang}", MACROS)):
            (data / "knowledge" / folder).mkdir(parents=True)
            for name in names:
                source = DATA / "knowledge" / folder / f"{name}.md"
                if source.is_file():
                    shutil.copyfile(source, data / "knowledge" / folder / source.name)
    shutil.copyfile(DATA / "knowledge" / "catalogue.json", data / "knowledge" / "catalogue.json")
    shutil.copytree(DATA / "templates", data / "templates")
    (data / "intents").mkdir()
    taken: Counter[tuple[str, str]] = Counter()
    with (data / "intents" / "train.jsonl").open("w", encoding="utf-8") as out:
        for line in (DATA / "intents" / "train.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            taken[row["intent"], row["lang"]] += 1
            if taken[row["intent"], row["lang"]] <= MESSAGES:
                out.write(line + "\n")
