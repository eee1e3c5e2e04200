"""Where MLflow keeps things, and what its failures mean."""

from __future__ import annotations

import errno
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pipelines.errors import DataError
from pipelines.settings import Settings

if TYPE_CHECKING:
    from mlflow import MlflowClient

DATABASE = "mlflow.db"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
GUIDE = """One run is an evaluation; below it, one a slice. A description says what changed, and the verdict.

Each metric has its interval (`_ci_low`, `_ci_high`), its rows (`_n`) and its measured share (`_coverage`); of
a run that asked several times also the share that is right every time (`_pass_hat_k`) and the `_spread`
between the epochs.
Under Artifacts: `report.md` with all of it on one page, `figures`, `tables/predictions.json` with every
sentence, `tables/regressions.json` with what was fixed and what broke, and `rows`, from which the run can be
read again. What is personal is redacted."""
"""What a reviewer reads on an experiment's page."""


def uri(settings: Settings) -> str:
    """The tracking address: always given, since MLflow's own guess depends on stray folders."""
    return f"sqlite:///{(settings.mlruns / DATABASE).resolve()}"


@contextmanager
def client(settings: Settings) -> Iterator[MlflowClient]:
    """A client on the local store, which is made at the first use.

    Raises:
        DataError: the database is locked, of an older schema, damaged, or the disk refuses.
    """
    settings.mlruns.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        # MLflow warns of its own future; nothing of it is ours to mend.
        warnings.simplefilter("ignore")
        import mlflow

        logging.getLogger("mlflow").setLevel(logging.ERROR)
        logging.getLogger("alembic").setLevel(logging.ERROR)
        try:
            mlflow.set_tracking_uri(uri(settings))
            yield mlflow.MlflowClient(tracking_uri=uri(settings))
        except Exception as error:
            # SQLAlchemy's own pass through MLflow here and there; it is MLflow's dependency and not ours.
            full = isinstance(error, OSError) and error.errno in FULL
            if not full and type(error).__module__.partition(".")[0] not in ("mlflow", "sqlalchemy"):
                raise
            raise _named(error, settings) from None


def experiment(made: MlflowClient, name: str, settings: Settings) -> str:
    """The id of an experiment; its artefacts lie beside the database, wherever the process was started."""
    found = made.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    place = (settings.mlruns / "artifacts" / name).resolve()
    tags = {"mlflow.note.content": GUIDE}
    return str(made.create_experiment(name, artifact_location=place.as_uri(), tags=tags))


def _named(error: Exception, settings: Settings) -> DataError:
    text = str(error)
    database = settings.mlruns / DATABASE
    if "out-of-date database schema" in text or "Can't locate revision" in text:
        return DataError(
            f"The MLflow database {database} has the schema of another version.",
            mend=f"Back it up, then run: mlflow db upgrade sqlite:///{database}",
        )
    if "locked" in text:
        return DataError(
            f"The MLflow database {database} is locked by another program.",
            mend="Close it, or wait, and log the run again: souffleur track RUN",
        )
    full = isinstance(error, OSError) and error.errno in FULL
    if full or ("disk" in text and ("full" in text or "I/O" in text)):
        return DataError(
            f"The disk of {settings.mlruns} is full.",
            mend="Make room, then log the run again: souffleur track RUN; it is kept under HOME/runs.",
        )
    if "malformed" in text or "not a database" in text:
        return DataError(
            f"The MLflow database {database} is damaged.", mend="Move it away; a new one is made."
        )
    kind: Any = getattr(error, "error_code", type(error).__name__)
    return DataError(f"MLflow refused ({kind}).", mend="The run is kept under HOME/runs; see its files.")
