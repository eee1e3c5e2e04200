"""From the data to the bundle that is served: index, train, freeze; each step only when its inputs changed.

HOME/index/              knowledge store         from the folder that was indexed last (the demo's at first)
HOME/models/intents/     intent model            from the files trained on last (the demo's at first)
HOME/models/...          what else is fitted     see :func:`set_up`
HOME/made.json           what each was made from, so that a step whose inputs are the same is skipped
HOME/bundles/<id>/       the bundles
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from pipelines.errors import DataError, ModelError
from pipelines.hashing import canonical, sha256_file, sha256_text
from pipelines.settings import Settings
from pipelines.writing import write_json

INDEX = "index"
INTENTS = "models/intents"
MATCHER = "models/matcher"
ANSWERING = "models/answering.json"
PROMPTS = "prompts"
"""Paths of parts, the same at home and in a bundle."""
MATCHER_CODE = ("matcher", "colloquial", "gloss", "lexical_features", "intent", "nearness")
"""Beginnings of the files whose code a matcher hangs on."""

CODE = Path(__file__).resolve().parents[1] / "pipelines"

Tick = Callable[[str, int, int], None]
Say = Callable[[str], None]


def set_up(settings: Settings, say: Say, tick: Tick | None = None) -> Path:
    """Bring index, models and bundle up to date with the data; returns the bundle's folder.

    Raises:
        DataError: the data folder is not there.
        SouffleurError: a step failed; what the steps before it made is kept.
    """
    if not settings.datasets.is_dir():
        raise DataError(
            f"There is no folder {str(settings.datasets)!r}.",
            mend="Run it in the project's folder, or set SOUFFLEUR_DATASETS.",
        )
    _model(settings, say)
    drop_stale_matcher(settings, say)
    _knowledge(settings, say, tick)
    _intents(settings, say)
    _fitted(settings, say, tick)
    folder = freeze_bundle(settings)
    say(f"Bundle      {folder.name}")
    return folder


def freeze_bundle(settings: Settings, prompts: Path = CODE / PROMPTS) -> Path:
    """Freeze what HOME holds now and make it the served bundle; equal content gives the same bundle again.

    Args:
        prompts: the folder of the prompts, each pinned.

    Raises:
        BundleError: a part is missing, or the disk refuses the copy.
        PromptError: a prompt was changed since it was pinned.
    """
    from pipelines.embedding import VARIANT
    from pipelines.generating.prompts import PromptBook
    from service.freezing import freeze

    hashes = PromptBook.load(prompts).hashes
    return freeze(parts(settings) | {PROMPTS: prompts}, settings.home, model=VARIANT, prompts=hashes)


def parts(settings: Settings) -> dict[str, Path]:
    """Path inside a bundle -> what is copied there; optional data is left out where there is none."""
    home, datasets = settings.home, settings.datasets
    own, packaged = home / ANSWERING, CODE / "deciding" / "weights.json"
    wanted = {
        INDEX: settings.index_dir, INTENTS: home / INTENTS, "pipelines": CODE / "definitions",
        ANSWERING: own if own.exists() else packaged, PROMPTS: CODE / PROMPTS,
    }  # fmt: skip
    optional = {
        MATCHER: home / MATCHER,
        "templates": datasets / "templates",
        "catalogue.json": datasets / "knowledge" / "catalogue.json",
    }
    return wanted | {name: path for name, path in optional.items() if path.exists()}


def index_knowledge(
    folder: Path, settings: Settings, lang: str | None = None, rebuild: bool = False, tick: Tick | None = None
) -> Any:
    """Index a folder, and remember it as the one to keep up to date; returns the IndexReport."""
    from pipelines.index import index_folder
    from pipelines.knowledge.store import PassageStore

    store = PassageStore(str(settings.index_dir))
    matcher = settings.home / MATCHER
    report = index_folder(folder, store, str(settings.cache), lang, rebuild, progress=tick, matcher=matcher)
    _remember(settings.home, "knowledge", {"folder": str(folder.resolve()), "lang": lang})
    return report


def train_intent_model(
    train: Sequence[Path] | None, target: Path, settings: Settings, say: Say
) -> tuple[int, int]:
    """Train on JSONL files, the demo's for None, and save; returns how many rows and how many intents.

    Raises:
        DataError: a file cannot be used; it names the line.
    """
    from evals.data.jsonl import read_rows
    from evals.data.public import refuse_untrainable
    from pipelines.embedding import Encoder
    from pipelines.understanding.intent_training import train_intents

    files = demo_messages(settings) if train is None else list(train)
    refuse_untrainable(files, settings.datasets)
    rows = [row for file in files for row in read_rows(file, required=("text", "intent"))]
    model = train_intents(rows, Encoder(settings.cache, threads=2), progress=say)
    model.save(target)
    if target.resolve() == (settings.home / INTENTS).resolve():
        own = None if train is None else [str(file.resolve()) for file in files]
        _remember(settings.home, "intents", {"files": own, "key": _intents_key(files)})
    return len(rows), len({row["intent"] for row in rows})


def demo_messages(settings: Settings) -> list[Path]:
    """The files of the demo's labelled messages that are trained on."""
    from evals.data.manifest import files_of

    return files_of("intents", "train", settings.datasets)


def _model(settings: Settings, say: Say) -> None:
    from pipelines.embedding import MODELS, ensure_model

    for model in MODELS:
        if not model.whole(settings.cache):
            say(f"Model       building {model.name} from its packaged weights (once)")
        ensure_model(settings.cache, model)


def drop_stale_matcher(settings: Settings, say: Say) -> None:
    """Remove a matcher that this version refuses: the index is made with it, and it from the index."""
    from pipelines.knowledge.matcher import Matcher
    from pipelines.knowledge.matcher_documents import load_documents

    folder = settings.home / MATCHER
    try:
        if folder.is_dir():
            Matcher.load(folder)
            load_documents(folder)
    except ModelError:
        say("Matcher     of another version: removed")
        shutil.rmtree(folder)


def _knowledge(settings: Settings, say: Say, tick: Tick | None) -> None:
    known = _made(settings.home).get("knowledge") or {}
    folder = Path(known.get("folder") or settings.datasets / "knowledge")
    if not folder.is_dir() and settings.index_dir.is_dir():
        say(f"Knowledge   {folder} is gone; its index is kept as it was")
        return
    report = index_knowledge(folder, settings, known.get("lang"), tick=tick)
    state = f"{report.embedded} embedded" if report.changed else "unchanged"
    problems = (
        f", {len(report.problems)} files passed over (souffleur index lists them)" if report.problems else ""
    )
    say(f"Knowledge   {report.documents} documents, {report.passages} passages: {state}{problems}")


def _intents(settings: Settings, say: Say) -> None:
    known = _made(settings.home).get("intents") or {}
    own = [Path(file) for file in known.get("files") or []] or None
    files = own or demo_messages(settings)
    gone = [str(file) for file in files if not file.is_file()]
    there = (settings.home / INTENTS).is_dir()
    if there and gone:
        say(f"Intents     {', '.join(gone)}: gone; the model is kept as it was")
    elif there and known.get("key") == _intents_key(files):
        say("Intents     unchanged")
    else:
        rows, labels = train_intent_model(
            own, settings.home / INTENTS, settings, lambda step: say(f"Intents     {step} ...")
        )
        say(f"Intents     {labels} intents learnt from {rows} messages")


def _fitted(settings: Settings, say: Say, tick: Tick | None) -> None:
    """The matcher; kept as it is once the index holds somebody's own knowledge."""
    from evals.fitting.home import fit_matcher, matcher_files, speaks_of_index

    questions = matcher_files(settings)
    if not questions or not speaks_of_index(questions, settings):
        say("Matcher     kept: the labelled questions are not about this index")
        return
    rooms = _code("knowledge", "text", "understanding")
    code = [path for path in rooms if path.stem.startswith(MATCHER_CODE)]
    key = key_of([*questions, *code])
    if _made(settings.home).get("matcher") != key or not (settings.home / MATCHER).is_dir():
        count = fit_matcher(questions, settings, tick)
        say(f"Matcher     learnt from {count} questions")
        _remember(settings.home, "matcher", key)
        _knowledge(settings, say, tick)


def _intents_key(files: Sequence[Path]) -> str:
    """Changes with the examples and with the code that turns them into a model."""
    return key_of([*files, *_code("understanding", "text", "embedding")])


def _code(*rooms: str) -> list[Path]:
    """Code of some rooms, and the tables of words that it reads."""
    return sorted(path for room in rooms for end in ("py", "txt") for path in (CODE / room).glob(f"*.{end}"))


def key_of(files: Iterable[Path]) -> str:
    """One hash of the content of some files, in their order."""
    return sha256_text(canonical([sha256_file(path) for path in files if path.is_file()]))


def _made(home: Path) -> dict[str, Any]:
    try:
        value = json.loads((home / "made.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _remember(home: Path, name: str, what: dict[str, Any] | str) -> None:
    write_json(home / "made.json", {**_made(home), name: what})
