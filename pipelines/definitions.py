"""Pipelines as YAML: written from the builders, read back with paths set to where a bundle lies.

The builders are the source; ``pipelines/definitions/*.yaml`` beside them is generated: a test compares both.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from haystack import Pipeline
from haystack.core.errors import DeserializationError, PipelineError

from pipelines.errors import BundleError
from pipelines.settings import Settings
from pipelines.suggest import SuggestParts, build_suggest
from pipelines.summarize import build_summarize
from pipelines.template import build_template
from pipelines.writing import write_text

FOLDER = Path(__file__).with_name("definitions")
NAMES = ("suggest", "summarize", "template")
CACHE = "cache"
"""Stands in a definition for the folder of the embedding model: that is the machine's, not the bundle's."""

_UNREADABLE = (OSError, yaml.YAMLError, LookupError, TypeError, ValueError, AttributeError)
_UNUSABLE = (DeserializationError, PipelineError)


def definitions() -> dict[str, str]:
    """The YAML of every pipeline by name, with paths relative to a bundle."""
    built = {
        "suggest": build_suggest(SuggestParts(cache=CACHE)),
        "summarize": build_summarize(),
        "template": build_template("templates/templates.jsonl"),
    }
    # Once through Haystack and back: only from then on is its YAML stable.
    return {
        name: Pipeline.loads(p.dumps(), allowed_modules=["pipelines"]).dumps() for name, p in built.items()
    }


def write_definitions(folder: Path = FOLDER) -> None:
    """Write them; the committed ones are made by ``python -m pipelines.definitions``."""
    for name, text in definitions().items():
        write_text(folder / f"{name}.yaml", text)


def load_pipeline(path: Path, root: Path, settings: Settings) -> Pipeline:
    """A pipeline of a bundle, not warmed up.

    Args:
        root: folder that the paths inside are relative to.
        settings: cache, and how replies sound: risk, length, address, tone and links are the operator's.

    Raises:
        BundleError: the definition cannot be read, or names a class that is not ours.
    """
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
        for component in value["components"].values():
            _resolve(component["init_parameters"], root, settings)
        return Pipeline.loads(yaml.safe_dump(value), allowed_modules=["pipelines"])
    except (*_UNREADABLE, *_UNUSABLE) as error:
        raise BundleError(
            f"The pipeline {path.name} of the bundle cannot be loaded ({type(error).__name__}).",
            mend="Freeze it again: souffleur bundle",
        ) from error


def _resolve(parameters: dict[str, Any], root: Path, settings: Settings) -> None:
    ours: Mapping[str, Any] = {
        "risk": settings.risk, "max_chars": settings.max_chars,
        "address": settings.address, "tone": settings.tone,
        "links": [domain.strip() for domain in settings.links.split(",") if domain.strip()],
        "cache": str(settings.cache),
    }  # fmt: skip
    for name, value in parameters.items():
        if name in ours:
            parameters[name] = ours[name]
        elif isinstance(value, dict) and "init_parameters" in value:
            _resolve(value["init_parameters"], root, settings)
        elif isinstance(value, str) and (name == "path" or name.endswith("_path")):
            parameters[name] = str(root / value)


if __name__ == "__main__":
    write_definitions()
