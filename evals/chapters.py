"""What the notebooks share: a beginning, an end in MLflow, and pictures as PNG."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.data.examples import load_set
from evals.data.jsonl import write_rows
from evals.rows import Split
from evals.running.store import Recorded
from pipelines.contracts import SuggestAnswer
from pipelines.settings import Settings, load_settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Picture

    from evals.comparing.compare import Comparison
    from evals.comparing.gate import Verdict

CHECKOUT = Path(__file__).resolve().parents[1]


def begin() -> Settings:
    """The settings of a notebook; paths that stand relative in them are those of the checkout.

    Raises:
        BundleError: there is no bundle yet; it says how to make one.
    """
    from service.bundle import open_bundle

    settings = load_settings()
    places = {name: CHECKOUT / getattr(settings, name) for name in ("home", "datasets", "mlruns")}
    settings = settings.model_copy(update=places)
    open_bundle(settings.bundle_dir)
    return settings


def keep(
    recorded: Recorded, settings: Settings, compared: Comparison | None = None, verdict: Verdict | None = None
) -> str:
    """Write a run to MLflow; returns the line that says where."""
    from evals.tracking.record import log_run

    id_ = log_run(recorded, settings, verdict, compared)
    return f"run {recorded.run.id} is in MLflow as {id_}, experiment {recorded.run.question}: make dashboards"


def png(picture: Picture) -> bytes:
    """A matplotlib figure as PNG."""
    out = io.BytesIO()
    picture.savefig(out, format="png", dpi=110)
    return out.getvalue()


def bars(values: Mapping[str, float], title: str, x: str, size: tuple[float, float] | None = None) -> Picture:
    """Named values as horizontal bars, in their order."""
    from evals.plots.figures import ACCENT, blank

    picture, axes = blank(title, x, "", size or (7, 1.4 + 0.3 * len(values)))
    names = list(values)[::-1]
    axes.barh(names, [values[name] for name in names], color=ACCENT)
    for place, name in enumerate(names):
        axes.annotate(f" {values[name]:.3g}", (values[name], place), va="center", fontsize=8)
    return picture


def show_answer(text: str, answer: SuggestAnswer) -> str:
    """A question and its answer as Markdown, each sentence with its source."""
    lines = [f"> {text}", ""]
    for suggestion in answer.suggestions:
        lines.append(f"- **{suggestion.text}** ({suggestion.confidence:.0%})")
        lines += [f"    - « {cited.quote} » [{cited.title}]({cited.url})" for cited in suggestion.citations]
    if answer.silence:
        lines.append(f"- *silence: {answer.silence.reason}. {answer.silence.detail}*")
    return "\n".join(lines)


def corpus_of(settings: Settings, path: Path) -> Path:
    """The passages of the demo's help centre as a retrieval corpus."""
    from pipelines.knowledge.reading import read_folder
    from pipelines.knowledge.splitting import split

    rows = [
        {"id": passage.id, "title": f"{passage.title} {passage.heading}".strip(), "text": passage.text,
         "lang": passage.lang}
        for document in read_folder(settings.datasets / "knowledge").documents
        for passage in split(document) if passage.audience == "public"
    ]  # fmt: skip
    write_rows(path, rows)
    return path


def queries_of(settings: Settings, path: Path, limit: int | None = None, split: Split = "dev") -> Path:
    """The answerable gold questions of a split as retrieval queries."""
    examples, _ = load_set("answers", split, settings.datasets)
    rows: list[dict[str, Any]] = [
        {"query": example.inputs["thread"][-1]["text"], "gold": example.expected["gold"],
         "lang": example.inputs["lang"]}
        for example in examples if example.expected.get("gold")
    ]  # fmt: skip
    write_rows(path, rows[:limit])
    return path
