"""The examples in the docstrings hold: each module's are run."""

from __future__ import annotations

import ast
import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def with_examples() -> list[str]:
    """Modules in which a docstring shows an example; found without importing any."""
    found = []
    for room in ("pipelines", "service", "evals"):
        for path in sorted((ROOT / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if ">>> " in text and any(">>> " in words for words in docstrings(ast.parse(text))):
                found.append(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    return found


def docstrings(tree: ast.Module) -> list[str]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, kinds)]


@pytest.mark.parametrize("name", with_examples())
def test_examples_of_docstrings_hold(name: str) -> None:
    failed, attempted = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert attempted, "an example that doctest does not find"
    assert not failed
