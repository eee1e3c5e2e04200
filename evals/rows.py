"""The rows of the workbench: what is asked, what was answered, how it was scored, and the run of them all.

All types are frozen and closed: an unknown key is an error, NaN is refused, and a row written as JSONL and
read again is the same text. What a run keeps on disk: ``run.json``, ``examples.jsonl``,
``predictions.jsonl``, ``scores.jsonl``.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.hashing import canonical

Split = Literal["train", "dev", "test", "all"]
Status = Literal["value", "unmeasured", "error"]
Direction = Literal["higher", "lower"]

ALL = "all"
"""The slice that is the whole."""


class Row(BaseModel):
    """Base of all rows: frozen, closed, without NaN, and silent about an input that it refuses."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)

    def line(self) -> str:
        """The row as one line of canonical JSON."""
        return canonical(self.model_dump(mode="json"))


class Example(Row):
    """One thing that is asked of a system.

    Attributes:
        inputs: what the system sees; its columns are those of the row's kind (thread, text, query, ...).
        expected: what only a scorer may see (gold, intent, reference, answerable, ...).
        slices: facet -> value (``{"lang": "fr"}``); figures are also given by each.
        cluster: examples that resample together (a conversation, a document); its own id when alone.
        source: where the row comes from, ``SET/SPLIT`` of the manifest or a file's name.

    Example:
        >>> Example(id="q1", inputs={"query": "délai ?"}, slices={"lang": "fr"}).cluster
        'q1'
    """

    id: str = Field(min_length=1)
    inputs: dict[str, Any]
    expected: dict[str, Any] = Field(default_factory=dict)
    slices: dict[str, str] = Field(default_factory=dict)
    cluster: str = ""
    source: str = ""

    @model_validator(mode="after")
    def _alone(self) -> Self:
        if not self.cluster:
            object.__setattr__(self, "cluster", self.id)
        return self


class Usage(Row):
    """What a prediction cost besides time; all zero for what runs locally."""

    calls: int = Field(default=0, ge=0)
    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    money: float = Field(default=0.0, ge=0, description="In the currency of the price table")

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            money=self.money + other.money,
        )


class Prediction(Row):
    """What a system answered to one example in one epoch, or the error that kept it from answering.

    Attributes:
        output: the answer as JSON; empty when there is an ``error``.
        documents: ids of what was retrieved, best first.
        confidence: the system's own probability of being right; None when it gives none.
        error: type and mend of what failed, never the customer's words.
        cached: read from a cache and not computed in this run.
        stood_in: something else answered in the place of the model that was set up: it failed or refused.
    """

    example_id: str
    epoch: int = Field(default=0, ge=0)
    output: dict[str, Any] = Field(default_factory=dict)
    documents: tuple[str, ...] = ()
    confidence: float | None = Field(default=None, ge=0, le=1)
    latency_ms: float | None = Field(default=None, ge=0)
    usage: Usage = Usage()
    error: str | None = None
    cached: bool = False
    stood_in: bool = False


class Score(Row):
    """One scorer's judgement of one prediction: a value, or why there is none.

    An answer withheld is ``unmeasured`` for a metric of answers, never 0; a scorer that failed is ``error``.

    Example:
        >>> Score(name="token_f1", example_id="q1", value=0.5).status
        'value'
        >>> Score.unmeasured("token_f1", "q1", "silence").value is None
        True
    """

    name: str
    example_id: str
    epoch: int = Field(default=0, ge=0)
    value: float | None = None
    status: Status = "value"
    reason: str = ""
    cost: float = Field(default=0.0, ge=0)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.value is not None) != (self.status == "value"):
            raise ValueError("a score has a value exactly when its status is 'value'")
        return self

    @classmethod
    def unmeasured(cls, name: str, example_id: str, reason: str, epoch: int = 0) -> Score:
        """A score that could not be taken, with its reason."""
        return cls(name=name, example_id=example_id, epoch=epoch, status="unmeasured", reason=reason)

    @classmethod
    def failed(cls, name: str, example_id: str, reason: str, epoch: int = 0) -> Score:
        """A score whose scorer failed, with the type of the failure."""
        return cls(name=name, example_id=example_id, epoch=epoch, status="error", reason=reason)


class Slice(Row):
    """A named part of a run's examples; ``all`` is the whole."""

    name: str
    example_ids: tuple[str, ...]


class DatasetRef(Row):
    """Which rows were asked: a set and split of the manifest or a file, and the hash of their content."""

    name: str
    split: Split
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    rows: int = Field(ge=0)


class Run(Row):
    """One evaluation of one system on one data set: identity and circumstances; rows are kept beside it.

    Attributes:
        id: ``YYYYMMDD-HHMMSS-xxxxxxxx``.  question: the experiment it belongs to ("which replies are right").
        system: name and parameters of what was run, and ``pipeline_sha256``.
        prompts: prompt name -> SHA-256.  lock_sha256: of ``requirements.lock``.
        complete: false when a budget or an interruption left rows unasked.
        notes: what changed, in a person's words.
    """

    id: str
    name: str
    question: str
    created: str
    dataset: DatasetRef
    system: dict[str, Any]
    prompts: dict[str, str] = Field(default_factory=dict)
    seeds: dict[str, int] = Field(default_factory=dict)
    epochs: int = Field(default=1, ge=1)
    commit: str = ""
    lock_sha256: str = ""
    complete: bool = True
    asked: int = Field(default=0, ge=0, description="Predictions made, errors included")
    errors: int = Field(default=0, ge=0)
    notes: str = ""
