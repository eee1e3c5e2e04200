"""What was learned about answering: the ranker of sentences and the confidence in drafts, one JSON file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.deciding.confidence import ConfidenceModel
from pipelines.deciding.unwritten import Unwritten
from pipelines.drafting.ranker import Ranker
from pipelines.errors import ModelError
from pipelines.writing import write_json

FORMAT = 4
PACKAGED = Path(__file__).with_name("weights.json")
"""Made by ``souffleur train answering``: a weight a sign, none of them about one brand,
a weight a column of the letters that questions are written in, and what their embeddings say."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Ranker, confidence and what is known of unanswerable questions, fitted together on labelled ones.

    Example:
        >>> Answering.untrained().confidence.threshold(0.1)
        0.9
    """

    ranker: Ranker
    confidence: ConfidenceModel
    unwritten: Unwritten = field(default_factory=Unwritten)

    @classmethod
    def untrained(cls) -> Answering:
        """Before any labels: sensible weights and a high bar."""
        return cls(Ranker.hand_made(), ConfidenceModel.untrained())

    def save(self, path: Path) -> None:
        """Write it."""
        value = {
            "format": FORMAT, "ranker": self.ranker.to_json(), "confidence": self.confidence.to_json(),
            "unwritten": self.unwritten.to_json(),
        }  # fmt: skip
        write_json(path, value)

    @classmethod
    def load(cls, path: Path) -> Answering:
        """From a file; where it is absent, the packaged weights, fitted on the demo's questions.

        Raises:
            ModelError: the file is damaged or of another version.
        """
        path = path if path.exists() else PACKAGED
        if not path.exists():
            return cls.untrained()
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
            if value["format"] != FORMAT:
                raise ModelError(
                    f"{path.name} is of format {value['format']!r}.", mend="Fit it again: souffleur setup"
                )
            return cls(
                Ranker.from_json(value["ranker"]), ConfidenceModel.from_json(value["confidence"]),
                Unwritten.from_json(value["unwritten"]),
            )  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path.name} cannot be read ({type(error).__name__}).", mend="Fit it again: souffleur setup"
            ) from error
