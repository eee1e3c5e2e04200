"""``souffleur llm``: whether the language model that is set up can be used, in a line."""

from __future__ import annotations

import time
from typing import Any

import typer

from evals.cli.report import Json, reporting
from pipelines.errors import ProviderError, SettingsError
from pipelines.settings import Settings

app = typer.Typer(help="The language model that drafts, if one is set up.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """The language model that drafts, if one is set up."""


@app.command(epilog="Example: souffleur llm check")
def check(context: typer.Context, json: Json = False) -> None:
    """Make one small call to each model that is set up, and say what is wrong or missing."""
    from pipelines.generating.provider import GuardedChatGenerator
    from pipelines.generating.setting_up import endpoints

    settings: Settings = context.obj
    wanted = endpoints(settings)
    if not wanted:
        raise SettingsError(
            "No language model is set up.", mend="Set SOUFFLEUR_LLM_BASE_URL and SOUFFLEUR_LLM_MODEL."
        )
    with reporting(json) as report:
        said: list[str] = []
        rows = []
        for endpoint in wanted:
            generator = GuardedChatGenerator(endpoint, lambda what, mend: said.append(f"{what} {mend}"))
            rows.append(_called(generator, settings))
        for line in dict.fromkeys(said):
            report.say(line)
        lines = [f"{row['model']}: answers in {row['seconds']} s, {row['money']}" for row in rows]
        report.result({"models": rows}, lambda console: console.print("\n".join(lines)))


def _called(generator: Any, settings: Settings) -> dict[str, Any]:
    from pipelines.generating.calls import CURRENT, Call, ModelFailure
    from pipelines.generating.failures import line
    from pipelines.generating.prices import Prices
    from pipelines.generating.prompts import PromptBook
    from pipelines.generating.quoting import new_mark, quoted
    from pipelines.generating.reading import read_object
    from pipelines.generating.schemas import response_format

    prices, mark, pieces = Prices.load(settings.llm_prices), new_mark(), []
    messages = PromptBook.load()["rewrite_query"].render(
        brand=settings.brand, mark=mark, language="French",
        thread=quoted("thread", "M1 customer: bonjour, quel est le délai de livraison ?", mark),
    )  # fmt: skip

    async def collect(chunk: Any) -> None:
        pieces.append(chunk.content)

    call = Call(time.monotonic() + settings.llm_deadline_s)
    CURRENT.set(call)
    began = time.monotonic()
    try:
        generator.run(
            messages, collect, {"response_format": response_format("rewrite_query")},
        )  # fmt: skip
    except ModelFailure as failure:
        raise ProviderError(*line(generator.endpoint, failure.kind)) from None
    text = "".join(pieces)
    if "query" not in (read_object(text) or {}):
        raise ProviderError(*line(generator.endpoint, "unreadable" if text.strip() else "empty"))
    usage = prices.usage(call.spent, call.attempts)
    money = "cost unknown" if usage.money is None else f"{usage.money:g} {usage.currency}"
    if generator.endpoint.model not in prices.models:
        money += f" (the price table has no model {generator.endpoint.model!r})"
    return {
        "model": generator.endpoint.model, "seconds": round(time.monotonic() - began, 2), "money": money,
        "without": sorted(generator.without), "usage": usage.model_dump(),
    }  # fmt: skip
