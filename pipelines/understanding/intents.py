"""What the customer wants: a classifier over words, characters and embeddings, with calibrated probabilities.

Scores are those of kernel ridge regression (a linear kernel over TF-IDF, folded into one weight matrix, and a
Gaussian kernel over unit embeddings, kept with its training points). Embeddings are those of the English
reading of a text, of the last layer and of middle ones, which keep more of the words, and a multilingual one
of the text as it was written. Inference is numpy alone.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts import Intent
from pipelines.embedding import WIDE, WIDE_VARIANT, Encoder
from pipelines.errors import ModelError
from pipelines.hashing import sha256_file
from pipelines.understanding.gloss import gloss, likely_language
from pipelines.understanding.intent_space import Space
from pipelines.understanding.lexical_features import LexicalFeatures
from pipelines.understanding.nearness import Points
from pipelines.writing import write_json

FORMAT = 4
OOS = "oos"
_MEND = "Train it again: souffleur train intents --train FILE"
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Kernel:
    """Weights of the similarities, sharpness of the Gaussian, and ridge."""

    word: float = 0.5
    char: float = 0.5
    reading: float = 0.5
    dense: float = 4.0
    gamma: float = 2.5
    ridge: float = 0.375


@dataclass(frozen=True, slots=True)
class Calibration:
    """From scores to probabilities: the softmax's slope, and a logistic regression for out of scope.

    Attributes:
        joint: out-of-scope rows were seen, so that the labels share what that probability leaves.
    """

    slope: float = 10.0
    oos_weights: tuple[float, ...] = ()
    oos_bias: float = 0.0
    joint: bool = False


@dataclass(frozen=True, slots=True)
class IntentPrediction:
    """Labels with calibrated probabilities, best first, and the probability of being out of scope.

    Attributes:
        joint: out-of-scope messages were labelled in training; else ``out_of_scope`` stands apart.
    """

    labels: tuple[tuple[str, float], ...]
    out_of_scope: float
    joint: bool = True

    @property
    def label(self) -> str:
        """The best label in scope."""
        return self.labels[0][0]

    @property
    def decision(self) -> str:
        """The best label, or ``oos`` when that is more probable and the model was shown some."""
        return OOS if self.joint and self.out_of_scope >= self.labels[0][1] else self.label

    def intent(self) -> Intent:
        """As the wire carries it."""
        return Intent(label=self.label, confidence=self.labels[0][1], out_of_scope=self.out_of_scope)


@dataclass
class IntentModel:
    """A trained classifier; made by ``train_intents``, kept in a folder as JSON and npz.

    Attributes:
        weights: lexical weights, shape (columns, classes).  points: training embeddings, (n, width).
        duals: dual coefficients of the Gaussian part, shape (n, classes).  outside: out-of-scope points.

    Example:
        >>> IntentModel.reading("où est mon colis", "fr")
        'where is my parcel'
    """

    labels: list[str]
    kernel: Kernel
    calibration: Calibration
    lexical: LexicalFeatures
    weights: Floats
    points: Points
    duals: Floats
    space: Space
    outside: NDArray[np.bool_]
    variant: str = WIDE_VARIANT
    encoder: Encoder | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def reading(text: str, lang: str | None = None) -> str:
        """The text that the English model reads: French and Spanish glossed, others as they stand."""
        return gloss(text, lang or likely_language(text))

    def predict(self, text: str, vector: Floats | None = None, lang: str | None = None) -> IntentPrediction:
        """Labels of one message.

        Args:
            vector: wide embedding (1280,) of the text and ``reading(text, lang)``, which the encoder gives.
            lang: language of the text when it is known.

        Raises:
            ModelError: neither a vector nor an encoder is given.
        """
        scores, similar, coverage = self._compared(text, vector, lang)
        features = oos_features(scores, self._oos_column, similar, self.outside, coverage)
        return self._probabilities(scores, features)

    def scores(self, text: str, lang: str | None = None) -> dict[str, float]:
        """What the regression says of each label: near 1 for one that is sure, near 0 for the others."""
        return dict(zip(self.labels, map(float, self._compared(text, None, lang)[0]), strict=True))

    def _compared(self, text: str, vector: Floats | None, lang: str | None) -> tuple[Floats, Floats, float]:
        """Scores of the labels, cosines with the training points, and the share of known words."""
        reading = self.reading(text, lang)
        if vector is None:
            if self.encoder is None:
                raise ModelError(
                    "The intent model has no encoder.", mend="Give predict() the vector, or an encoder."
                )
            vector = self.encoder.encode_one_wide(text, reading)
        row = self.lexical.row(text, reading)
        similar = self.points.similar(self.space.unit(vector[None])[0])
        scores = self._lexical_scores(row.indices, row.values)
        scores += (self.kernel.dense * np.exp(self.kernel.gamma * (similar - 1))) @ self.duals
        return scores, similar, row.coverage

    def _lexical_scores(self, indices: list[int], values: list[float]) -> Floats:
        if not indices:
            return np.zeros(len(self.labels), np.float32)
        scores: Floats = np.asarray(values, np.float32) @ self.weights[indices]
        return scores

    @property
    def _oos_column(self) -> int | None:
        return self.labels.index(OOS) if OOS in self.labels else None

    def _probabilities(self, scores: Floats, features: Floats) -> IntentPrediction:
        cal = self.calibration
        out = float(sigmoid(features @ np.asarray(cal.oos_weights, np.float32) + cal.oos_bias))
        scores = scores.astype(np.float64)
        if (column := self._oos_column) is not None:
            scores[column] = -np.inf
        exps = np.exp(cal.slope * (scores - scores.max()))
        probabilities = exps / exps.sum() * ((1.0 - out) if cal.joint else 1.0)
        order = np.argsort(-probabilities)
        ranked = tuple((self.labels[i], float(probabilities[i])) for i in order if i != column)
        return IntentPrediction(ranked, out, cal.joint)

    def save(self, folder: Path) -> None:
        """Write ``intents.npz`` and ``intents.json`` (last, with the hash of the former)."""
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".intents.", suffix=".npz")
        try:
            with os.fdopen(handle, "wb") as stream:
                np.savez_compressed(
                    stream,
                    weights=self.weights,
                    points=np.frombuffer(self.points.model, np.uint8),
                    duals=self.duals,
                    middle=self.space.middle,
                    shared=self.space.shared,
                    basis=self.space.basis,
                    outside=self.outside,
                )
            Path(name).replace(folder / "intents.npz")
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        lexical = self.lexical
        write_json(
            folder / "intents.json",
            {
                "format": FORMAT,
                "variant": self.variant,
                "labels": self.labels,
                "kernel": asdict(self.kernel),
                "calibration": asdict(self.calibration),
                "count": lexical.count,
                "blocks": [{"grams": block.grams, "df": block.df.tolist()} for block in lexical.blocks],
                "notes": self.notes,
                "sha256": sha256_file(folder / "intents.npz"),
            },
        )

    @classmethod
    def load(cls, folder: Path, encoder: Encoder | None = None) -> IntentModel:
        """Read a saved model.

        Raises:
            ModelError: missing, damaged, of another format, or made with another embedding model.
        """
        if not (folder / "intents.json").is_file():
            raise ModelError(f"The intent model {folder} is missing.", mend=_MEND)
        try:
            head = json.loads((folder / "intents.json").read_text(encoding="utf-8"))
            if head["format"] != FORMAT or head["variant"] != WIDE_VARIANT:
                raise ModelError(
                    f"The intent model {folder} was made by another version or embedding model.", mend=_MEND
                )
            if sha256_file(folder / "intents.npz") != head["sha256"]:
                raise ModelError(f"The intent model {folder} does not match its own hash.", mend=_MEND)
            with np.load(folder / "intents.npz", allow_pickle=False) as arrays:
                model = cls._from_parts(head, {name: arrays[name] for name in arrays.files}, encoder)
        except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
            raise ModelError(
                f"The intent model {folder} is damaged ({type(error).__name__}).", mend=_MEND
            ) from None
        return model

    @classmethod
    def _from_parts(
        cls, head: dict[str, Any], arrays: dict[str, Any], encoder: Encoder | None
    ) -> IntentModel:
        lexical = LexicalFeatures([(block["grams"], block["df"]) for block in head["blocks"]], head["count"])
        calibration = Calibration(
            **{**head["calibration"], "oos_weights": tuple(head["calibration"]["oos_weights"])}
        )
        space = Space(*(arrays.pop(name) for name in ("middle", "shared", "basis")))
        points = Points(arrays.pop("points").tobytes())
        model = cls(
            head["labels"],
            Kernel(**head["kernel"]),
            calibration,
            lexical,
            encoder=encoder,
            notes=head["notes"],
            space=space,
            points=points,
            **arrays,
        )
        n, classes, width = len(model.outside), len(model.labels), space.basis.shape[1]
        wanted = {
            "weights": (lexical.width, classes), "duals": (n, classes), "points": (n, width),
        }  # fmt: skip
        spaces = 2 * space.middle.shape[1] + len(space.shared) != WIDE or len(space.basis) != WIDE
        if spaces or any(getattr(model, name).shape != shape for name, shape in wanted.items()):
            raise ValueError("shapes")
        return model


def sigmoid(value: Any) -> Any:
    """Logistic function without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * value))


def oos_features(
    scores: Floats, column: int | None, similar: Floats, outside: NDArray[np.bool_], coverage: float
) -> Floats:
    """What tells a message out of scope, shape (7,).

    Score of that class, best other score and its margin; nearest and mean of five neighbours in scope,
    nearest out of scope; share of known words.
    """
    own = float(scores[column]) if column is not None else 0.0
    inside = np.delete(scores, column) if column is not None else scores
    best = np.partition(inside, -2)[-2:] if len(inside) > 1 else np.array([0.0, inside[0]])
    near = similar[~outside]
    top = np.partition(near, -5)[-5:] if len(near) >= 5 else near
    far = float(similar[outside].max()) if column is not None and outside.any() else 0.0
    return np.array(
        [
            own,
            best[1],
            best[1] - best[0],
            top.max() if len(top) else 0.0,
            top.mean() if len(top) else 0.0,
            far,
            coverage,
        ],
        np.float32,
    )
