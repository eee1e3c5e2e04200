"""Who may ask: holders of a key, or, while no key is set, clients on this very machine."""

from __future__ import annotations

import hmac
import ipaddress
from hashlib import sha256

from starlette.types import Scope

from service.problems import ProblemError

PROBES = frozenset({"/livez", "/readyz", "/healthz"})
FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip"})


class Access:
    """Decides on a request before its body is read.

    Args:
        hashes: SHA-256 (hex) of the keys, separated by commas; empty means loopback only.

    Example:
        >>> Access("").loopback_only
        True
        >>> Access(sha256(b"k1").hexdigest()).knows("Bearer k1")
        True
    """

    def __init__(self, hashes: str) -> None:
        self._hashes = [part.strip().encode() for part in hashes.lower().split(",") if part.strip()]
        self.loopback_only = not self._hashes

    def check(self, scope: Scope) -> None:
        """Let the request pass, or raise.

        Raises:
            ProblemError: 401 without a known key, 403 from elsewhere while there is no key.
        """
        path = scope["path"]
        if path in PROBES:
            return
        if self.loopback_only:
            if not is_local(scope):
                raise ProblemError(403, "Without keys this service answers its own machine only.")
            return
        # The page holds nothing private and must load before a key can be typed into it.
        if path == "/" or path.startswith("/console/") or (path == "/metrics" and is_local(scope)):
            return
        if not self.knows(_header(scope, b"authorization")):
            raise ProblemError(401, "The key is missing or unknown.", {"WWW-Authenticate": "Bearer"})

    def knows(self, authorization: str) -> bool:
        """Whether the header presents one of the keys; takes the same time whichever it is."""
        scheme, _, key = authorization.partition(" ")
        presented = sha256(key.strip().encode("latin-1")).hexdigest().encode()
        found = False
        for known in self._hashes:
            found |= hmac.compare_digest(known, presented)
        return found and scheme.lower() == "bearer"


def is_local(scope: Scope) -> bool:
    """Whether the request comes from this machine, by name and by address, and was not passed on by a proxy.

    The Host header is checked because a hostile page can point its own name at 127.0.0.1 (DNS rebinding).
    """
    client = scope.get("client")
    if not client or not _is_loopback(client[0]):
        return False
    if any(name in FORWARDED for name, _ in scope["headers"]):
        return False
    host = _header(scope, b"host").lower()
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name == "localhost" or _is_loopback(name)


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


def _header(scope: Scope, wanted: bytes) -> str:
    values = [value for name, value in scope["headers"] if name == wanted]
    return values[0].decode("latin-1") if len(values) == 1 else ""
