"""Fit the section weights of the summariser: ridge regression on what each sentence gives to a reference."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals.benches.summary_rows import SummaryRow, read_summary_rows
from evals.scorers.rouge import rouge
from pipelines.contracts import LANGS
from pipelines.summarizing.candidates import Candidate, candidates
from pipelines.summarizing.features import NAMES, features
from pipelines.summarizing.sections import SECTIONS, Section, SectionWeights, choose
from pipelines.writing import write_json

RIDGE = 8.0
FIRST = tuple(np.arange(0.05, 0.76, 0.05).round(2).tolist())
GAP = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3)

Prepared = tuple[SummaryRow, list[Candidate], NDArray[np.float64]]
Rules = dict[Section, SectionWeights]


def fit_weights(train: Sequence[Path], out: Path) -> Rules:
    """Fit on annotated threads of all languages and write the weights as JSON.

    Raises:
        DataError: a file cannot be used.
    """
    rows = [(row, lang) for path in train for lang in LANGS for row in _rows(path, lang)]
    data: list[Prepared] = []
    for row, lang in rows:
        found = candidates(row.thread, lang)
        data.append((row, found, features(found, row.thread, lang)))
    rules = _thresholds(data, {section: _ridge(data, section) for section in SECTIONS})
    write_json(out, {section: _plain(rule) for section, rule in rules.items()})
    return rules


def _rows(path: Path, lang: str) -> list[SummaryRow]:
    languages = {
        json.loads(line).get("lang") for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    }
    return read_summary_rows(path, lang) if lang in languages else []


def _ridge(data: Sequence[Prepared], section: Section) -> SectionWeights:
    matrix = np.vstack([np.hstack([x, np.ones((len(x), 1))]) for _, _, x in data])
    target = np.concatenate([_gain(row, found, section) for row, found, _ in data])
    penalty = RIDGE * np.eye(matrix.shape[1])
    penalty[-1, -1] = 0.0
    solution = np.linalg.solve(matrix.T @ matrix + penalty, matrix.T @ target)
    return SectionWeights(dict(zip(NAMES, solution[:-1].tolist(), strict=True)), float(solution[-1]))


def _gain(row: SummaryRow, found: Sequence[Candidate], section: Section) -> NDArray[np.float64]:
    """What a sentence gives: half for standing in an evidence turn, the rest by ROUGE-L."""
    reference, evidence = row.sections[section], (row.evidence or {}).get(section, frozenset())
    gains = np.zeros(len(found))
    for i, candidate in enumerate(found if reference else ()):
        in_evidence = candidate.message in evidence
        overlap = min(1.5, 2 * rouge(candidate.text, [reference])["rougeL"])
        gains[i] = 0.5 + overlap if in_evidence else overlap / 2
    return gains


def _thresholds(data: Sequence[Prepared], rules: Rules) -> Rules:
    for section in SECTIONS:
        rules[section] = SectionWeights(rules[section].weights, rules[section].bias, 0.3, 0.4)
    for _ in range(2):
        for section in SECTIONS:
            options = [
                SectionWeights(rules[section].weights, rules[section].bias, first, round(first + gap, 2))
                for first in FIRST
                for gap in GAP
            ]
            rules[section] = max(options, key=lambda option: _quality(data, {**rules, section: option}))
    return rules


def _quality(data: Sequence[Prepared], rules: Rules) -> float:
    """Overlap, right pointers and right emptiness together, each section alike."""
    total = 0.0
    for row, found, matrix in data:
        chosen = choose(found, matrix, rules)
        for section in SECTIONS:
            reference, evidence = row.sections[section], (row.evidence or {}).get(section, frozenset())
            text = " ".join(found[i].text for i in chosen[section])
            right = [found[i].message in evidence for i in chosen[section]]
            total += 0.3 * (bool(text) == bool(reference)) + 0.5 * (sum(right) / len(right) if right else 0.0)
            total += rouge(text, [reference])["rougeL"] if text and reference else 0.0
    return total


def _plain(rule: SectionWeights) -> dict[str, object]:
    weights = {name: round(value, 3) for name, value in rule.weights.items() if abs(value) >= 0.0005}
    return {"weights": weights, "bias": round(rule.bias, 3), "first": rule.first, "second": rule.second}
