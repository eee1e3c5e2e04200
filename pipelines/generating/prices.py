"""What tokens cost: a table of prices as data; a model that it lacks has an unknown cost, not none."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.contracts import ModelUsage
from pipelines.errors import SettingsError
from pipelines.generating.calls import Spent

FORMAT = 1
PACKAGED = Path(__file__).with_name("prices.json")


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of tokens.

    Attributes:
        models: name -> (input, output) for one token, in ``currency``.

    Example:
        >>> Prices("EUR", {"m": (0.1, 0.2)}).money([Spent("m", 10, 5)])
        2.0
        >>> Prices("EUR", {}).money([Spent("m", 10, 5)]) is None
        True
    """

    currency: str
    models: Mapping[str, tuple[float, float]]

    @classmethod
    def load(cls, path: Path | None = None) -> Prices:
        """From a file; the packaged one without.

        Raises:
            SettingsError: it is missing or no price table.
        """
        path = path or PACKAGED
        try:
            value: Any = json.loads(path.read_text(encoding="utf-8"))
            if value["format"] != FORMAT:
                raise ValueError
            unit = float(value["per_tokens"])
            models = {
                str(name): (float(price["input"]) / unit, float(price["output"]) / unit)
                for name, price in value["models"].items()
            }
            if not all(math.isfinite(p) and p >= 0 for prices in models.values() for p in prices):
                raise ValueError
            return cls(str(value["currency"]), models)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, ZeroDivisionError) as error:
            raise SettingsError(
                f"The price table {path.name} cannot be read ({type(error).__name__}).",
                mend=f"Write it like the packaged {PACKAGED.name}, or unset SOUFFLEUR_LLM_PRICES.",
            ) from None

    def money(self, spent: Iterable[Spent]) -> float | None:
        """The cost of some exchanges; None when a price or a count is not known."""
        total = 0.0
        for one in spent:
            price = self.models.get(one.model)
            if price is None or one.input_tokens is None or one.output_tokens is None:
                return None
            total += one.input_tokens * price[0] + one.output_tokens * price[1]
        return total

    def usage(self, spent: Iterable[Spent], attempts: int) -> ModelUsage:
        """What an answer says about its cost.

        Args:
            attempts: calls that were made, those that failed included: what they cost is not known.
        """
        exchanges = list(spent)
        whole = len(exchanges) == attempts
        counts = [(one.input_tokens, one.output_tokens) for one in exchanges]
        known = all(a is not None and b is not None for a, b in counts)
        money = self.money(exchanges) if whole else None
        return ModelUsage(
            calls=attempts,
            input_tokens=sum(a or 0 for a, _ in counts) if known else None,
            output_tokens=sum(b or 0 for _, b in counts) if known else None,
            money=None if money is None else round(money, 8),
            currency=self.currency,
        )
