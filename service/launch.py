"""Starting the service from the command line: one process, little noise, a clear word when it cannot."""

from __future__ import annotations

import errno
import ipaddress
import logging
import signal
import socket
import sys
from collections.abc import Callable

import uvicorn

from pipelines.errors import SouffleurError
from pipelines.settings import Settings
from service.bundle import open_bundle
from service.runtime import Runtime, bundle_path

GRACE_S = 10
"""How long requests in flight may take to end once the service is asked to stop."""


class _Ended(Exception):
    """SIGTERM, once the requests in flight are finished."""


def _ended(number: int, frame: object) -> None:
    raise _Ended


class _Announcing(uvicorn.Server):
    """Says once that it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Bind, then announce."""
        await super().startup(sockets)
        if self.started:
            self._ready()


class PortError(SouffleurError):
    """The address to listen on is taken or not ours."""


def say_on_stderr(line: str) -> None:
    """The default for what the person who starts the service should read."""
    sys.stderr.write(line + "\n")


def serve(
    settings: Settings,
    host: str | None = None,
    port: int | None = None,
    runtime: Runtime | None = None,
    say: Callable[[str], None] = say_on_stderr,
) -> None:
    """Serve until Ctrl-C or SIGTERM; requests in flight are finished.

    Raises:
        PortError: the port is taken, or the host is not an address of this machine.
        BundleError: the bundle is missing or damaged.
    """
    host, port = host or settings.host, port or settings.port
    listener = listen(host, port)
    try:
        bundle = open_bundle(bundle_path(settings))
        say(f"Loading the bundle {bundle.id} ...")
        _run(settings, listener, runtime, lambda: say(_welcome(settings, host, port)))
    finally:
        listener.close()


def listen(host: str, port: int) -> socket.socket:
    """The socket to serve on, taken before anything is loaded.

    Raises:
        PortError: the port is taken, or the host is not an address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; else an answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Listening at once makes a second service on the same port fail at its start, not at a request.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortError(
                f"Port {port} is taken on {host}.",
                mend=f"Stop what uses it, or choose another: souffleur serve --port {port + 1}",
            ) from None
        if error.errno == errno.EACCES:
            raise PortError(
                f"Port {port} may not be used without root.",
                mend="Choose one above 1023: souffleur serve --port 3000",
            ) from None
        raise PortError(
            f"{host} is not an address of this machine.", mend="Use 127.0.0.1, or 0.0.0.0 for all addresses."
        ) from None
    return listener


def _run(
    settings: Settings, listener: socket.socket, runtime: Runtime | None, ready: Callable[[], None]
) -> None:
    # BentoML's `serve` command adds a supervising process of 94 MB and its lines; one worker needs neither.
    from service.app import define

    app = define(settings, runtime).to_asgi()
    logging.getLogger("bentoml").setLevel(logging.WARNING)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S, timeout_keep_alive=30, lifespan="on",
    )  # fmt: skip
    server = _Announcing(config, ready)
    before = signal.signal(signal.SIGTERM, _ended)
    try:
        server.run(sockets=[listener])
    except (KeyboardInterrupt, _Ended):
        return
    finally:
        signal.signal(signal.SIGTERM, before)
    if not server.started:
        raise SouffleurError("The service did not start.", mend="See the lines above.")


def _welcome(settings: Settings, host: str, port: int) -> str:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    lines = [f"Souffleur is ready: http://{shown}:{port}  (Ctrl-C stops it)"]
    if not settings.api_keys:
        lines.append("No keys are set: it answers this machine only.")
        if not _loopback(host):
            lines.append(
                f"It listens on {host}, but other machines are refused until SOUFFLEUR_API_KEYS is set."
            )
    return "\n".join(lines)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
