"""A judge on loopback that speaks as OpenAI does: it answers in the schema it is given, or misbehaves."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

SCHEMA = "as specified in JSON Schema:\n"


class JudgeServer(ThreadingHTTPServer):
    """``mode``: echo, no (verdicts of 0), off (of 7), nan, empty (lists of nothing), garbage, 500, slow.

    ``prompts`` keeps what it was asked; ``verdict_of`` may choose the verdict by the prompt.
    """

    daemon_threads = True
    mode = "echo"
    verdict_of: Any = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.prompts: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Answering(BaseHTTPRequestHandler):
    server: JudgeServer

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        # A second attempt repeats the first prompt, and adds what was wrong with the answer.
        prompt = next(m["content"] for m in asked["messages"] if SCHEMA in m["content"])
        self.server.prompts.append(prompt)
        mode = self.server.mode
        if mode == "slow":
            time.sleep(1.5)
        if mode == "500":
            self._send(500, {"error": {"message": "overloaded"}})
            return
        content = "I would say: yes!" if mode == "garbage" else self._filled(prompt)
        message = {"role": "assistant", "content": content}
        self._send(
            200,
            {
                "id": "x", "object": "chat.completion", "created": 0, "model": asked["model"],
                "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
            },
        )  # fmt: skip

    def _filled(self, prompt: str) -> str:
        schema, _ = json.JSONDecoder().raw_decode(prompt.partition(SCHEMA)[2])
        verdict: Any = {"off": 7, "no": 0, "nan": float("nan")}.get(self.server.mode, 1)
        if self.server.verdict_of is not None:
            verdict = self.server.verdict_of(prompt)
        return json.dumps(fill(schema, schema.get("$defs", {}), verdict, self.server.mode == "empty"))

    def _send(self, status: int, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # whoever asked has given up

    def log_message(self, format: str, *args: Any) -> None:
        pass


def fill(schema: dict[str, Any], defs: dict[str, Any], verdict: Any, empty: bool) -> Any:
    """A value that conforms to a JSON Schema, with ``verdict`` in the place of every integer."""
    if "$ref" in schema:
        return fill(defs[schema["$ref"].rsplit("/", 1)[1]], defs, verdict, empty)
    match schema.get("type"):
        case "object":
            return {
                name: 0 if name == "noncommittal" and verdict == 1 else fill(part, defs, verdict, empty)
                for name, part in schema["properties"].items()
            }
        case "array":
            return [] if empty else [fill(schema["items"], defs, verdict, empty)]
        case "integer" | "number":
            return verdict
        case _:
            return "Sous trois jours ?"


@contextmanager
def judging() -> Iterator[JudgeServer]:
    """A running judge; it stops with the block."""
    server = JudgeServer()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
