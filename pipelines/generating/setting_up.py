"""The drafting that the settings ask for, or none."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from haystack import Pipeline

from pipelines.errors import SettingsError
from pipelines.generating.desk import Manner
from pipelines.generating.drafting import Drafting
from pipelines.generating.failures import Say, warn
from pipelines.generating.prices import Prices
from pipelines.generating.prompts import FOLDER, PromptBook
from pipelines.generating.protecting import Pseudonymiser
from pipelines.generating.provider import Endpoint, GuardedChatGenerator
from pipelines.settings import Settings

FIRST_SHARE = 0.6
"""Of the time left that the first model may use where a second one stands behind it."""


def endpoints(settings: Settings) -> list[Endpoint]:
    """The endpoints that are set up, the first one first; none without SOUFFLEUR_LLM_BASE_URL.

    Raises:
        SettingsError: a model or an address is missing or is none, or the deadline is none.
    """
    pairs = [
        ("LLM", settings.llm_base_url, settings.llm_model, settings.llm_api_key),
        ("LLM_FALLBACK", settings.llm_fallback_base_url, settings.llm_fallback_model,
         settings.llm_fallback_api_key),
    ]  # fmt: skip
    wanted = [pair for pair in pairs if pair[1] or pair[2]]
    if wanted and wanted[0][0] != "LLM":
        raise SettingsError(
            "SOUFFLEUR_LLM_FALLBACK_MODEL is set without SOUFFLEUR_LLM_MODEL.",
            mend="Set the first one first.",
        )
    for name, url, model, _ in wanted:
        _check(name, url, model)
    if wanted and settings.llm_deadline_s >= settings.timeout_s:
        raise SettingsError(
            f"SOUFFLEUR_LLM_DEADLINE_S ({settings.llm_deadline_s:g}) leaves no time to answer within "
            f"SOUFFLEUR_TIMEOUT_S ({settings.timeout_s:g}).",
            mend="Make it smaller, or the other one larger.",
        )
    return [
        Endpoint(
            url.rstrip("/"), model, key.get_secret_value(), dict(settings.llm_options), settings.llm_retries,
            settings.llm_breaker, FIRST_SHARE if place < len(wanted) - 1 else 1.0,
        )
        for place, (_, url, model, key) in enumerate(wanted)
    ]  # fmt: skip


def drafting_of(
    settings: Settings, root: Path, pipeline: Pipeline, say: Say = warn,
    pseudonymiser: Pseudonymiser | None = None,
) -> Drafting | None:  # fmt: skip
    """The drafting of a bundle, or None when no model is set up.

    Raises:
        SettingsError: the settings of the model are wrong.  PromptError: a prompt was changed.
    """
    wanted = endpoints(settings)
    if not wanted:
        return None
    folder = root / "prompts"
    prompts = PromptBook.load(folder if folder.is_dir() else FOLDER)
    prices = Prices.load(settings.llm_prices)
    for endpoint in wanted:
        if endpoint.model not in prices.models:
            say(
                f"The price table has no model {endpoint.model!r}: what it costs is unknown.",
                "Add it to a table of your own and name that in SOUFFLEUR_LLM_PRICES.",
            )
    answer_tokens = settings.llm_options.get("max_tokens", settings.llm_options.get("max_completion_tokens"))
    manner = Manner(
        settings.brand, settings.address, settings.llm_context_tokens,
        answer_tokens if isinstance(answer_tokens, int) else 900, settings.llm_deadline_s,
    )  # fmt: skip
    chain = [GuardedChatGenerator(endpoint, say) for endpoint in wanted]
    drafting = Drafting(chain, pipeline, prompts, prices, manner, pseudonymiser)
    drafting.warm_up()
    return drafting


def _check(name: str, url: str, model: str) -> None:
    if not url or not model:
        missing = "MODEL" if url else "BASE_URL"
        raise SettingsError(
            f"SOUFFLEUR_{name}_{missing} is missing.", mend="Set both the address and the model, or neither."
        )
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good:
        raise SettingsError(
            f"SOUFFLEUR_{name}_BASE_URL is no http(s) address.",
            mend="Give it like https://api.mistral.ai/v1",
        )
