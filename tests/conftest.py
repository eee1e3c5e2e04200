"""What every test has: quiet libraries, no network but loopback, and a home of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.settings import Settings, load_settings, quiet

quiet()  # before any library reads its switches

if TYPE_CHECKING:
    from pipelines.assistant import Assistant
    from pipelines.embedding import Encoder

ROOT = Path(__file__).resolve().parents[1]
LOCAL_NAMES = {"localhost", "localhost.localdomain", "ip6-localhost", "::1", "", None, socket.gethostname()}


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
def small_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle over eight articles that are nothing of the demo's; nobody may write into it."""
    from small import make_bundle

    return make_bundle(tmp_path_factory.mktemp("small") / "bundle")


@pytest.fixture(scope="session")
def assistant(small_bundle: Path) -> Assistant:
    """The assistant over :func:`small_bundle`, warm; it holds no state of a request."""
    from small import assistant_over

    return assistant_over(small_bundle)


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a home with a small bundle of the real assistant; made once, written to by no test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SOUFFLEUR_")]:
            patch.delenv(name)
        from real import make_home

        return make_home(tmp_path_factory.mktemp("real") / "home")


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The embedding model, loaded once."""
    from pipelines.embedding import Encoder

    made = Encoder(ROOT / ".cache")
    made.warm_up()
    return made
