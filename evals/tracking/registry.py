"""Bundles and prompts in MLflow's registries, with the aliases ``champion`` and ``challenger``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from evals.tracking.store import client
from pipelines.errors import DataError
from pipelines.settings import Settings

if TYPE_CHECKING:
    from mlflow import MlflowClient

MODEL = "souffleur"
Alias = Literal["champion", "challenger"]


def register_bundle(bundle_id: str, mlflow_run: str, alias: Alias, settings: Settings) -> int:
    """Give a bundle its version of the registered model and an alias; returns the version.

    The version's source is the run that measured it; the bundle itself stays under HOME/bundles, where its
    hashes are checked at each start.
    """
    with client(settings) as made:
        _model(made)
        found = made.search_model_versions(f"name = '{MODEL}'")
        version = next((v for v in found if v.tags.get("bundle") == bundle_id), None)
        if version is None:
            source = f"runs:/{mlflow_run}/rows"
            version = made.create_model_version(MODEL, source, mlflow_run, tags={"bundle": bundle_id})
        made.set_registered_model_alias(MODEL, alias, version.version)
        return int(version.version)


def bundle_of(alias: Alias, settings: Settings) -> str:
    """The bundle that an alias points to.

    Raises:
        DataError: nothing was registered under that alias.
    """
    with client(settings) as made:
        _model(made)
        for version in made.search_model_versions(f"name = '{MODEL}'"):
            full = made.get_model_version(MODEL, version.version)
            if alias in full.aliases:
                return str(full.tags["bundle"])
    raise DataError(f"No bundle is registered as {alias}.", mend="Promote one: souffleur promote RUN")


def mirror_prompt(name: str, text: str, digest: str, alias: Alias, settings: Settings) -> int:
    """A prompt in the registry, a new version only when its hash is new; returns the version."""
    with client(settings) as made:
        import mlflow

        known = made.search_prompts(f"name = '{name}'")
        versions = list(made.search_prompt_versions(name)) if known else []
        version = next((v.version for v in versions if (v.tags or {}).get("sha256") == digest), None)
        if version is None:
            # MLflow knows {{name}} alone: a template with statements is kept as the text that it is.
            registered = mlflow.genai.register_prompt(name, template=text, tags={"sha256": digest})
            version = registered.version
        mlflow.genai.set_prompt_alias(name, alias=alias, version=int(version))
        return int(version)


def _model(made: MlflowClient) -> None:
    if not made.search_registered_models(f"name = '{MODEL}'"):
        made.create_registered_model(
            MODEL, description="The bundles of Souffleur that were measured and gated."
        )
