"""What every test has: quiet libraries, no network but loopback, and a home of its own."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from pipelines.settings import Settings, load_settings, quiet

quiet()  # before any library reads its switches

if TYPE_CHECKING:
    from pipelines.assistant import Assistant
    from pipelines.embedding import Encoder

ROOT = Path(__file__).resolve().parents[1]
MadeOnce = Callable[[str, Callable[[Path], object]], Path]
LOCAL_NAMES = {"localhost", "localhost.localdomain", "ip6-localhost", "::1", "", None, socket.gethostname()}


SLOW_FIRST = ("notebooks", "data", "service", "behaviour")
"""Folders whose files take longest: what a worker starts last should be short."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow folders first, each in its own order."""
    order = {name: place for place, name in enumerate(SLOW_FIRST)}
    items.sort(key=lambda item: order.get(item.path.parent.name, len(order)))


class NetworkBlocked(RuntimeError):
    """A test tried to leave this machine."""


def _is_local(host: object) -> bool:
    text = host.decode() if isinstance(host, bytes) else host
    return text in LOCAL_NAMES or (isinstance(text, str) and text.startswith("127.")) or text == "0.0.0.0"


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Look-ups and connections to anything but this machine fail at once, naming what was wanted."""
    with pytest.MonkeyPatch.context() as patch:
        real_look_up = socket.getaddrinfo
        real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}

        def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
            if not _is_local(host):
                raise NetworkBlocked(f"a test looked up {host!r}")
            return real_look_up(host, *args, **kwargs)

        def guarded(name: str) -> Any:
            def connect(self: socket.socket, address: Any) -> Any:
                if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
                    raise NetworkBlocked(f"a test connected to {address[0]!r}")
                return real[name](self, address)

            return connect

        patch.setattr(socket, "getaddrinfo", look_up)
        for name in real:
            patch.setattr(socket.socket, name, guarded(name))
        yield


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Indexes and bundles of a test go to a folder of its own; the operator's settings do not reach it."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SOUFFLEUR_{name.upper()}", raising=False)
    monkeypatch.setenv("SOUFFLEUR_HOME", str(home))
    monkeypatch.setenv("SOUFFLEUR_DATASETS", str(ROOT / "datasets"))
    monkeypatch.setenv("SOUFFLEUR_CACHE", str(ROOT / ".cache"))
    return home


@pytest.fixture
def settings(own_home: Path) -> Settings:
    """The settings of this test."""
    return load_settings()


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> MadeOnce:
    """``made_once(name, make)``: a folder that ``make`` filled, for all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    run = base.parent if hasattr(request.config, "workerinput") else base

    def folder_of(name: str, make: Callable[[Path], object]) -> Path:
        folder, done = run / f"once-{name}", run / f"once-{name}.done"
        with FileLock(run / f"once-{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return folder_of


@pytest.fixture(scope="session")
def small_bundle(made_once: MadeOnce) -> Path:
    """A bundle over eight articles that are nothing of the demo's; nobody may write into it."""
    from small import make_bundle

    return made_once("small", lambda folder: make_bundle(folder / "bundle")) / "bundle"


@pytest.fixture(scope="session")
def centre(made_once: MadeOnce) -> Path:
    """A home with the bundle of a help centre in three languages, for models to be asked about."""
    from hostile_model.centre import make_home

    return made_once("centre", make_home)


@pytest.fixture(scope="session")
def assistant(small_bundle: Path) -> Assistant:
    """The assistant over :func:`small_bundle`, warm; it holds no state of a request."""
    from small import assistant_over

    return assistant_over(small_bundle)


@pytest.fixture(scope="session")
def real(made_once: MadeOnce) -> Settings:
    """Settings of a home with a small bundle of the real assistant; made once, written to by no test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SOUFFLEUR_")]:
            patch.delenv(name)
        from real import make_home, settings_of

        return settings_of(made_once("real", make_home))


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The embedding model, loaded once."""
    from pipelines.embedding import Encoder

    made = Encoder(ROOT / ".cache")
    made.warm_up()
    return made
