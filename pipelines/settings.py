"""The one settings object of a process, and the switches that keep every library quiet and offline.

Call :func:`load_settings` before importing anything heavy: some libraries read their switches at import.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSetting

from pipelines.errors import SettingsError

QUIET = {
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "HAYSTACK_PIPELINE_SNAPSHOT_SAVE_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "RAGAS_DO_NOT_TRACK": "true",
    "BENTOML_DO_NOT_TRACK": "True",
    "DO_NOT_TRACK": "true",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "DSPY_CACHEDIR": ".cache/dspy",
    # One BLAS thread: exact vector search is 10 times faster at 10,000 passages than with two.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
"""Telemetry off, hubs offline, threads fixed. A value already set by the operator is kept."""


class Settings(BaseSettings):
    """Settings from ``SOUFFLEUR_*`` variables and ``.env``.

    Example:
        >>> Settings(_env_file=None).risk
        0.1
    """

    model_config = SettingsConfigDict(
        env_prefix="SOUFFLEUR_", env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    cache: Path = Field(default_factory=lambda: Path(platformdirs.user_cache_dir("souffleur")))
    """Where the embedding models are built, once."""
    home: Path = Path("var")
    """Where indexes and bundles live."""
    bundle: Path | None = None
    """The bundle to serve; ``HOME/bundles/current`` when unset."""
    datasets: Path = Path("datasets")
    mlruns: Path = Path("mlruns")
    """MLflow's home: its database and its artefacts."""

    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=1, le=65535)
    api_keys: str = ""
    """SHA-256 hashes (hex) of the bearer keys, separated by commas. Empty: loopback only."""
    max_body_bytes: int = Field(default=1_000_000, ge=1_000)
    timeout_s: float = Field(default=10.0, gt=0)
    threads: int = Field(default=2, ge=1, le=64)

    risk: float = Field(default=0.10, gt=0, lt=1)
    """Target share of wrong suggestions among those shown."""
    max_chars: int = Field(default=350, ge=80, le=1024)
    address: Literal["vous", "tu"] = "vous"
    """How the customer is addressed, in the languages that choose."""
    tone: Literal["warm", "neutral"] = "warm"
    brand: str = "Cerfeuil"
    links: str = "cerfeuil.example"
    """Domains that a reply may link to, separated by commas."""

    judge_base_url: str = ""
    """OpenAI-compatible endpoint of the model that judges in evaluations; the service never asks it."""
    judge_model: str = ""
    judge_api_key: SecretStr = SecretStr("")
    judge_timeout_s: float = Field(default=60.0, gt=0)
    judge_price_in: float = Field(default=0.0, ge=0)
    """Price of a million tokens that the judge reads; ``judge_price_out``: that it writes."""
    judge_price_out: float = Field(default=0.0, ge=0)

    llm_base_url: str = ""
    """Address of an OpenAI-compatible API (it usually ends in /v1). Empty: replies are extracted."""
    llm_model: str = ""
    llm_api_key: SecretStr = SecretStr("")
    llm_fallback_base_url: str = ""
    """A second model, asked when the first one fails."""
    llm_fallback_model: str = ""
    llm_fallback_api_key: SecretStr = SecretStr("")
    llm_deadline_s: float = Field(default=8.0, ge=0.2, le=600)
    """Longest time for all that is asked of models for one answer; then the extracted replies are taken."""
    llm_retries: int = Field(default=2, ge=0, le=10)
    llm_breaker: int = Field(default=5, ge=0, le=1000)
    """Failures in a row after which a model is left alone for some seconds; 0: never."""
    llm_context_tokens: int = Field(default=8_000, ge=2_000, le=2_000_000)
    llm_options: dict[str, Any] = Field(default_factory=lambda: {"temperature": 0, "max_tokens": 900})
    """What else is sent with each request."""
    llm_prices: Path | None = None
    """Price table; the packaged one when unset."""

    @field_validator("llm_prices", mode="before")
    @classmethod
    def _unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("api_keys")
    @classmethod
    def _hashes(cls, value: str) -> str:
        for item in filter(None, (part.strip() for part in value.split(","))):
            if len(item) != 64 or any(c not in "0123456789abcdef" for c in item.lower()):
                raise ValueError("each key must be a SHA-256 in hex; make one with: souffleur key")
        return value.lower()

    @property
    def bundle_dir(self) -> Path:
        """The bundle that is served."""
        return self.bundle or self.home / "bundles" / "current"

    @property
    def index_dir(self) -> Path:
        """The knowledge store."""
        return self.home / "index"


def quiet() -> None:
    """Set the switches of :data:`QUIET` that the operator did not set."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def load_settings(**overrides: object) -> Settings:
    """Quiet the libraries, then read the settings.

    Raises:
        SettingsError: names the setting that is wrong, never its value.
    """
    quiet()
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic-settings checks each value at run time
    except ValidationError as error:
        fields = "; ".join(f"SOUFFLEUR_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise SettingsError(
            f"Settings are wrong: {fields}.", mend="See .env.example for the allowed values."
        ) from None
    except UnreadableSetting as error:
        field = next((name for name in Settings.model_fields if f'"{name}"' in str(error)), "")
        raise SettingsError(
            f"Settings are wrong: SOUFFLEUR_{field.upper()} is no JSON.",
            mend="See .env.example for the allowed values.",
        ) from None
