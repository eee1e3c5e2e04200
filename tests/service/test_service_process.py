"""The service as a real process: swaps, a taken port, a bad bundle, the end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from real import environment, free_port, serve_command, wait_ready
from tiny import make_bundle

from pipelines.settings import Settings

ROOT = Path(__file__).parents[2]


def start(home: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    env = {**os.environ, "PYTHONPATH": path, "SOUFFLEUR_API_KEYS": ""}
    with log.open("wb") as stream:
        return subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("serve_tiny.py")), str(home), str(port)],
            env=env, stderr=stream, cwd=home,
        )  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    home = tmp_path_factory.mktemp("served")
    make_bundle(home)
    port, log = free_port(), home / "log.txt"
    process = start(home, port, log)
    url = f"http://127.0.0.1:{port}"
    wait_ready(process, url, log)
    yield {"url": url, "home": home, "port": port, "log": log, "process": process}
    process.terminate()
    process.wait(20)


@pytest.mark.server
def test_a_real_server_answers_swaps_and_counts_without_a_failed_request(server: dict[str, Any]) -> None:
    body = {"thread": [{"role": "customer", "text": "Quand ?"}]}
    with httpx.Client(base_url=server["url"]) as http, ThreadPoolExecutor(4) as pool:
        first = http.get("/health").json()["bundle"]
        jobs = [pool.submit(http.post, "/suggest", json=body) for _ in range(100)]
        second = make_bundle(server["home"], "Version 2. Fin.").name
        end = time.monotonic() + 10
        while http.get("/health").json()["bundle"] == first:
            assert time.monotonic() < end
            jobs.append(pool.submit(http.post, "/suggest", json=body))
            time.sleep(0.02)
        assert {job.result().status_code for job in jobs} == {200}
        assert http.post("/suggest", json=body).json()["bundle"]["id"] == second
        metrics = http.get("/metrics").text
        assert f'souffleur_bundle_info{{id="{second}"}} 1.0' in metrics
        assert http.get("/livez").status_code == 200
        big = http.post("/suggest", content=b" " * 2_000_000, headers={"content-type": "application/json"})
        assert big.status_code == 413
        make_bundle(server["home"])


@pytest.mark.server
def test_a_taken_port_and_a_bad_bundle_are_told_in_one_line(server: dict[str, Any], tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    process = start(server["home"], server["port"], log)
    assert process.wait(60) == 1
    assert re.fullmatch(
        rf"PortError: Port {server['port']} is taken on 127\.0\.0\.1\. .*--port \d+\n", log.read_text()
    )
    process = start(tmp_path, free_port(), log)
    assert process.wait(60) == 1
    assert re.fullmatch(r"BundleError: There is no bundle at .*souffleur setup\n", log.read_text())


@pytest.mark.server
def test_sigterm_lets_a_request_in_flight_end(tmp_path: Path) -> None:
    make_bundle(tmp_path)
    port, log = free_port(), tmp_path / "log.txt"
    process = start(tmp_path, port, log)
    end = time.monotonic() + 60
    while "is ready" not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(
            httpx.post,
            f"http://127.0.0.1:{port}/suggest",
            json={"thread": [{"role": "customer", "text": "slow ?"}]},
        )
        time.sleep(0.15)
        process.send_signal(signal.SIGTERM)
        assert slow.result().status_code == 200
    assert process.wait(20) == 0
    assert "Traceback" not in log.read_text()


@pytest.mark.server
def test_the_real_service_as_a_person_starts_and_stops_it(real: Settings, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log.txt"
    with log.open("wb") as stream:
        process = subprocess.Popen(serve_command(port), env=environment(real), stderr=stream, cwd=tmp_path)
    url = f"http://127.0.0.1:{port}"
    wait_ready(process, url, log)
    assert httpx.get(f"{url}/health").json()["status"] == "ready"
    taken = subprocess.run(
        serve_command(port), env=environment(real), cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert taken.returncode == 2
    assert taken.stderr.strip() == (
        f"Port {port} is taken on 127.0.0.1. "
        f"Stop what uses it, or choose another: souffleur serve --port {port + 1}"
    )
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert "Traceback" not in log.read_text()
    empty = subprocess.run(
        serve_command(port), env=environment(real, SOUFFLEUR_HOME=str(tmp_path / "none")), cwd=tmp_path,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert empty.returncode == 2
    assert "There is no bundle" in empty.stderr
    assert "souffleur setup" in empty.stderr
    assert len(empty.stderr.strip().splitlines()) == 1
