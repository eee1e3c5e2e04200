"""An OpenAI-compatible server on loopback that answers as told: well, badly, slowly or not at all.

It reads the prompt as a model would: passages and thread out of their marks. What it does is chosen by a
behaviour for each request.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PASSAGE = re.compile(r"^(P\d+) \[([^\n]*?)\] (.*?)(?=^P\d+ \[|\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"<<(\w+):(\w+)>>\n(.*?)\n<</\1:\2>>", re.DOTALL)


@dataclass(frozen=True)
class Asked:
    """One request as the model sees it."""

    body: dict[str, Any]
    key: str

    @property
    def messages(self) -> list[dict[str, str]]:
        return list(self.body["messages"])

    @property
    def text(self) -> str:
        return "\n".join(str(message["content"]) for message in self.messages)

    @property
    def system(self) -> str:
        return next((m["content"] for m in self.messages if m["role"] == "system"), "")

    @property
    def mark(self) -> str:
        found = BLOCK.search(self.text)
        return found[1] if found else ""

    def block(self, name: str) -> str:
        return next((m[3] for m in BLOCK.finditer(self.text) if m[2] == name), "")

    @property
    def passages(self) -> list[tuple[str, str]]:
        return [(m[1], m[3].strip()) for m in PASSAGE.finditer(self.block("passages"))]

    @property
    def thread(self) -> str:
        return self.block("thread")


@dataclass
class Told:
    """What to answer: a status, or a text in pieces with pauses, and how it ends."""

    text: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    error: str = ""
    piece: int = 24
    pause_s: float = 0.0
    first_pause_s: float = 0.0
    drop_at: int | None = None
    usage: bool = True
    forever: str = ""
    mark_after: str = ""


Behaviour = Callable[[Asked], Told]


def draft(*replies: list[tuple[str, str, str]], cannot: bool = False) -> str:
    """The JSON of a draft: replies of ``(text, passage, quote)``."""
    return json.dumps(
        {
            "cannot_answer": cannot,
            "replies": [
                {"sentences": [{"text": t, "passage": p, "quote": q} for t, p, q in reply]}
                for reply in replies
            ],
        },
        ensure_ascii=False,
    )


class HostileModel:
    """Serves until closed; ``received`` holds all requests, ``done`` and ``gone`` count streams."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.received: list[Asked] = []
        self.marked_at: list[float] = []
        self.gone = self.done = 0
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def __enter__(self) -> HostileModel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is what is being tested."""


def _handler(model: HostileModel) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Silence."""

        def do_POST(self) -> None:
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = self.headers.get("Authorization", "").removeprefix("Bearer ")
            asked = Asked(body, key)
            model.received.append(asked)
            if self.path != "/v1/chat/completions":
                self._refuse(Told(status=404, error="no such route"))
                return
            told = model.behaviour(asked)
            try:
                if told.status != 200:
                    self._refuse(told)
                else:
                    self._stream(told)
            except (BrokenPipeError, ConnectionResetError):
                model.gone += 1
                self.close_connection = True

        def _refuse(self, told: Told) -> None:
            body = json.dumps({"error": {"message": told.error or "refused", "type": "error"}}).encode()
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _stream(self, told: Told) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            time.sleep(told.first_pause_s)
            written = ""
            for number, piece in enumerate(_pieces(told)):
                if told.drop_at is not None and number >= told.drop_at:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self._event({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]})
                written += piece
                if told.mark_after and told.mark_after in written:
                    model.marked_at.append(time.perf_counter())
                    told.mark_after = ""
                if told.pause_s:
                    time.sleep(told.pause_s)
            self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
            if told.usage:
                counts = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
                self._event({"choices": [], "usage": counts})
            self._chunk(b"data: [DONE]\n\n")
            self.wfile.write(b"0\r\n\r\n")
            model.done += 1

        def _event(self, value: dict[str, Any]) -> None:
            whole = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "hostile", **value}
            self._chunk(f"data: {json.dumps(whole, ensure_ascii=False)}\n\n".encode())

        def _chunk(self, data: bytes) -> None:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

    return Handler


def _pieces(told: Told) -> Iterator[str]:
    for start in range(0, len(told.text), told.piece):
        yield told.text[start : start + told.piece]
    while told.forever:
        yield told.forever
