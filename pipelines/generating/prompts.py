"""Prompts as data: role blocks in ``*.jinja``, each pinned by its SHA-256 with where it comes from.

    FOLDER/prompts.json    {"format": 1, "prompts": {NAME: {"sha256": ..., "origin": {"kind": ..., ...}}}}
    FOLDER/NAME.jinja      a string template of Haystack's ChatPromptBuilder

What stands in the system message between ``{% raw %}`` and ``{% endraw %}`` are the instructions: the part
that an optimiser may write anew (:mod:`evals.optimise`); what is data and the form of the answer stay fixed.

A template gets texts only; what customers, agents and documents wrote comes already quoted
(:mod:`pipelines.generating.quoting`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import PromptError
from pipelines.hashing import sha256_text
from pipelines.writing import write_json, write_text

if TYPE_CHECKING:
    from haystack.components.builders import ChatPromptBuilder
    from haystack.dataclasses import ChatMessage

FORMAT = 1
FOLDER = Path(__file__).parents[1] / "prompts"
MANIFEST = "prompts.json"
VARIABLES: Mapping[str, frozenset[str]] = {
    "draft": frozenset(
        {"brand", "mark", "language", "address", "variants", "max_chars", "passages", "context", "thread"}
    ),
    "summarize": frozenset({"brand", "mark", "language", "thread"}),
    "classify": frozenset({"brand", "mark", "labels", "text"}),
    "route": frozenset({"brand", "mark", "labels", "thread"}),
    "fill_template": frozenset({"brand", "mark", "body", "variables", "context", "thread"}),
    "rewrite_query": frozenset({"brand", "mark", "language", "thread"}),
}
"""Each prompt, and the variables that it may use."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One pinned prompt.

    Attributes:
        origin: ``{"kind": "hand"}``, or ``{"kind": "optimiser", "run": ..., ...}``.

    Example:
        >>> prompt = Prompt("p", '{% message role="user" %}Bonjour {{ name }}{% endmessage %}', "", {})
        >>> [(m.role.value, m.text) for m in prompt.render(name="Odile")]
        [('user', 'Bonjour Odile')]
    """

    name: str
    template: str
    sha256: str
    origin: Mapping[str, Any]

    def render(self, **variables: str) -> list[ChatMessage]:
        """The chat messages of this prompt; whitespace around each is trimmed.

        Raises:
            PromptError: a variable is missing, or the template is no template.
        """
        try:
            messages: list[ChatMessage] = _builder(self.template).run(template_variables=variables)["prompt"]
        except Exception as error:  # a template may fail in any way
            raise PromptError(
                f"The prompt {self.name!r} cannot be rendered ({type(error).__name__}).",
                mend="Check its role blocks and variables, then pin it: souffleur prompts pin",
            ) from None
        return messages


class PromptBook:
    """The prompts of one folder, none of them changed since it was pinned.

    Example:
        >>> sorted(PromptBook.load().hashes) == sorted(VARIABLES)
        True
    """

    def __init__(self, prompts: Mapping[str, Prompt]) -> None:
        self._prompts = dict(prompts)

    @classmethod
    def load(cls, folder: Path = FOLDER) -> PromptBook:
        """Read and verify them.

        Raises:
            PromptError: the manifest is missing or damaged, or a file is missing, changed or not pinned.
        """
        entries = _entries(folder)
        prompts = {name: _read(folder, name, entry) for name, entry in entries.items()}
        astray = sorted({path.stem for path in folder.glob("*.jinja")} - set(prompts))
        if astray:
            raise PromptError(
                f"The prompt file {astray[0]}.jinja is not pinned in {MANIFEST}.",
                mend="Pin it: souffleur prompts pin",
            )
        return cls(prompts)

    def __getitem__(self, name: str) -> Prompt:
        """One prompt by name.

        Raises:
            PromptError: there is none of that name.
        """
        if name not in self._prompts:
            raise PromptError(f"There is no prompt {name!r}.", mend="Pin one: souffleur prompts pin")
        return self._prompts[name]

    @property
    def hashes(self) -> dict[str, str]:
        """Name -> SHA-256."""
        return {name: prompt.sha256 for name, prompt in sorted(self._prompts.items())}


def write_prompt(name: str, template: str, origin: Mapping[str, Any], folder: Path = FOLDER) -> Prompt:
    """Write a prompt and pin it; the template first: a crash between both leaves a refusal, not a mix.

    Args:
        origin: ``kind`` ("hand" or "optimiser") and whatever says where it comes from, as JSON values.

    Raises:
        PromptError: the name is none of ours, or the template cannot be used for it.
    """
    if not _NAME.fullmatch(name) or name not in VARIABLES:
        raise PromptError(f"There is no use for a prompt {name!r}.", mend=f"Use {', '.join(VARIABLES)}.")
    unknown = _variables(name, template) - VARIABLES[name]
    if unknown:
        raise PromptError(
            f"The prompt {name!r} uses {', '.join(sorted(unknown))}, which nothing fills.",
            mend=f"Use {', '.join(sorted(VARIABLES[name]))}.",
        )
    entries = _entries(folder) if (folder / MANIFEST).exists() else {}
    prompt = Prompt(name, template, sha256_text(template), dict(origin))
    write_text(folder / f"{name}.jinja", template)
    entries[name] = {"sha256": prompt.sha256, "origin": dict(origin)}
    write_json(folder / MANIFEST, {"format": FORMAT, "prompts": entries})
    return prompt


def pin(folder: Path = FOLDER) -> dict[str, str]:
    """Pin the files as they stand, those that changed as made by hand; returns the new hashes by name.

    Raises:
        PromptError: a file cannot be used as a prompt.
    """
    entries = _entries(folder) if (folder / MANIFEST).exists() else {}
    changed: dict[str, str] = {}
    for path in sorted(folder.glob("*.jinja")):
        template = path.read_text(encoding="utf-8")
        if sha256_text(template) != entries.get(path.stem, {}).get("sha256"):
            changed[path.stem] = write_prompt(path.stem, template, {"kind": "hand"}, folder).sha256
    return changed


def _entries(folder: Path) -> dict[str, Any]:
    try:
        value = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        entries: dict[str, Any] = value["prompts"]
        good = value["format"] == FORMAT and all(
            _NAME.fullmatch(name) and isinstance(entry["sha256"], str) and isinstance(entry["origin"], dict)
            for name, entry in entries.items()
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        good = False
    if not good:
        raise PromptError(
            f"The prompts in {folder.name}/ have no readable {MANIFEST}.",
            mend="Put it back, or pin the prompts: souffleur prompts pin",
        )
    return entries


def _read(folder: Path, name: str, entry: Mapping[str, Any]) -> Prompt:
    try:
        template = (folder / f"{name}.jinja").read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise PromptError(
            f"The prompt file {name}.jinja cannot be read ({type(error).__name__}).",
            mend="Put it back, or freeze a new bundle: souffleur bundle",
        ) from None
    if sha256_text(template) != entry["sha256"]:
        raise PromptError(
            f"The prompt file {name}.jinja was changed since it was pinned.",
            mend="Put it back, or pin it as it is now: souffleur prompts pin",
        )
    return Prompt(name, template, entry["sha256"], entry["origin"])


def _variables(name: str, template: str) -> set[str]:
    try:
        return set(_builder(template).variables)
    except Exception as error:  # a template may fail in any way
        raise PromptError(
            f"The prompt {name!r} is no template ({type(error).__name__}).",
            mend='Write it as {% message role="system" %} ... {% endmessage %} blocks.',
        ) from None


@lru_cache(maxsize=32)
def _builder(template: str) -> ChatPromptBuilder:
    from haystack.components.builders import ChatPromptBuilder

    return ChatPromptBuilder(template=template)
