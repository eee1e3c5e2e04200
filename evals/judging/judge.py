"""The configured judge: any OpenAI-compatible chat endpoint, its limits, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evals.rows import Usage
from pipelines.errors import SettingsError

if TYPE_CHECKING:
    from pipelines.settings import Settings

DEPTH = 5
"""Retrieved contexts that a judge reads: one call each for context precision."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Which model judges, where, for how long and at which price.

    Args:
        timeout_s: of one metric of one row, all its calls and retries together, in seconds.
        price_in: of a million tokens read; ``price_out``: written; in the currency of the bill.

    Example:
        >>> Judge("http://127.0.0.1:8012/v1", "small", "key", price_in=2.0).money(500_000, 0)
        1.0
    """

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    timeout_s: float = 60.0
    price_in: float = 0.0
    price_out: float = 0.0

    @classmethod
    def from_settings(cls, settings: Settings) -> Judge:
        """The judge of the settings.

        Raises:
            SettingsError: none is configured.
        """
        if not (settings.judge_base_url and settings.judge_model):
            raise SettingsError(
                "No judge is configured.", mend="Set SOUFFLEUR_JUDGE_BASE_URL and SOUFFLEUR_JUDGE_MODEL."
            )
        return cls(
            settings.judge_base_url, settings.judge_model, settings.judge_api_key.get_secret_value(),
            settings.judge_timeout_s, settings.judge_price_in, settings.judge_price_out,
        )  # fmt: skip

    def money(self, input_tokens: int, output_tokens: int) -> float:
        """What so many tokens cost; 0 without prices."""
        return (input_tokens * self.price_in + output_tokens * self.price_out) / 1_000_000


@dataclass(slots=True)
class Meter:
    """Counts the calls and tokens of one metric of one row, retries among them.

    Example:
        >>> meter = Meter()
        >>> meter.count(120, 30)
        >>> meter.usage(Judge("u", "m", price_in=1, price_out=1)).money
        0.00015
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def count(self, input_tokens: int, output_tokens: int) -> None:
        """One answer of the endpoint."""
        self.calls += 1
        self.input_tokens += max(0, input_tokens)
        self.output_tokens += max(0, output_tokens)

    def usage(self, judge: Judge) -> Usage:
        """The same with its price."""
        money = judge.money(self.input_tokens, self.output_tokens)
        return Usage(
            calls=self.calls, input_tokens=self.input_tokens, output_tokens=self.output_tokens, money=money
        )
