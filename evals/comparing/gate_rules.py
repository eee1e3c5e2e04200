"""The rules of a gate, read from a TOML file that is fixed before the runs that it judges."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.errors import DataError

DEFAULT = Path(__file__).with_name("gate.toml")


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


class Primary(_Table):
    """What must be better: ``superior``, or ``not_inferior`` by more than ``delta`` while something falls.

    Attributes:
        latency_falls, cost_falls: share by which p95 latency or money a row must fall, for ``not_inferior``.
    """

    metric: str
    rule: Literal["superior", "not_inferior"] = "superior"
    delta: float = Field(default=0.0, ge=0)
    latency_falls: float | None = Field(default=None, gt=0, lt=1)
    cost_falls: float | None = Field(default=None, gt=0, lt=1)
    minimum_pairs: int = Field(default=100, ge=1)
    minimum_coverage: float = Field(default=0.98, ge=0, le=1)

    @model_validator(mode="after")
    def _declared(self) -> Primary:
        if self.rule == "not_inferior" and (
            self.delta <= 0 or (self.latency_falls is None and self.cost_falls is None)
        ):
            raise ValueError("not_inferior needs a delta above 0, and latency_falls or cost_falls")
        return self


class Guard(_Table):
    """What must not be lost: at most ``delta`` over all rows, and no significant harm in any slice.

    Attributes:
        floor: what the challenger's own mean must reach, whatever the champion's is; None is no floor.
    """

    metric: str
    delta: float = Field(ge=0)
    floor: float | None = None


class Canaries(_Table):
    """Rows that must not regress."""

    required: bool = True


class Ceilings(_Table):
    """Limits of the new run alone; None is no limit."""

    p95_ms: float | None = Field(default=None, gt=0)
    money_per_row: float | None = Field(default=None, ge=0)
    error_rate: float | None = Field(default=None, ge=0, le=1)


class Judges(_Table):
    """Judged metrics count only when the judge agrees with people; ``metrics``: besides ``judged_*``."""

    metrics: tuple[str, ...] = ()
    kappa: float = Field(default=0.6, ge=0, le=1)


class Numbers(_Table):
    """How the statistics are done."""

    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    draws: int = Field(default=10_000, ge=100)
    seed: int = 0
    minimum_slice: int = Field(default=30, ge=1)


class GateRules(_Table):
    """All rules of one gate.

    Example:
        >>> read_rules().primary.metric
        'utility'
    """

    primary: Primary
    guards: tuple[Guard, ...] = ()
    canaries: Canaries = Canaries()
    ceilings: Ceilings = Ceilings()
    judges: Judges = Judges()
    statistics: Numbers = Numbers()


def read_rules(path: Path = DEFAULT) -> GateRules:
    """Rules from a file.

    Raises:
        DataError: it cannot be read; the key that is wrong is named.
    """
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise DataError(f"The gate file {path.name!r} cannot be read.", mend="Check the path.") from None
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"The gate file {path.name!r} is no TOML: {error}.", mend="Correct it.") from None
    try:
        return GateRules.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "a table"
        raise DataError(
            f"The gate file {path.name!r}: {key}: {first['msg']}.", mend="See evals/comparing/gate.toml."
        ) from None
