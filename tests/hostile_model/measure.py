"""Figures of drafting with a model as one JSON report: ``python tests/hostile_model/measure.py OUT HOME``.

``HOME`` is one that ``souffleur setup`` made: the good model answers the questions labelled for it.
"""

from __future__ import annotations

import asyncio
import json
import platform
import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from pipelines.settings import Settings, load_settings  # noqa: E402

load_settings()

import httpx  # noqa: E402
import numpy as np  # noqa: E402
from hostile_model.centre import QUESTIONS, make_home, settings_over  # noqa: E402
from hostile_model.running import make_attacks, run_attacks  # noqa: E402
from hostile_model.server import Asked, HostileModel, Told, draft  # noqa: E402
from hostile_model.serving import served  # noqa: E402

from pipelines.assistant import Assistant  # noqa: E402
from pipelines.contracts import BundleRef, SuggestRequest  # noqa: E402
from pipelines.text import fold, sentences  # noqa: E402
from pipelines.writing import write_json  # noqa: E402

ROWS = 300
DEADLINE_S = 0.5
OPENINGS = {
    "fr": ["Oui, ", "Bien sûr : ", ""],
    "en": ["Yes, ", "Of course: ", ""],
    "es": ["Sí, ", "Claro: ", ""],
}
TAILS = re.compile(r"\s*\([^)]*\)(?=[ .]|$)")


def labelled() -> list[dict[str, Any]]:
    """Answerable questions of train and dev, round and round until there are enough."""
    rows = [
        json.loads(line)
        for part in ("train", "dev")
        for line in (ROOT / "datasets" / "answers" / f"{part}.jsonl").read_text("utf-8").splitlines()
    ]
    good = [row for row in rows if row["answerable"] and row["quotes"]]
    return [good[number % len(good)] for number in range(ROWS)]


def faithful(row: dict[str, Any], asked: Asked, rng: random.Random) -> list[tuple[str, str, str]]:
    """A good model: its sources' sentences, reworded a little, and the reference where it is theirs."""
    written: list[tuple[str, str, str]] = []
    for quote in row["quotes"]:
        pid = next((pid for pid, text in asked.passages if quote in text), None)
        if pid is None or "{{" in quote:
            continue
        opening = rng.choice(OPENINGS[row["lang"]])
        said = TAILS.sub("", quote) if rng.random() < 0.5 else quote
        written.append((opening + (said[0].lower() + said[1:] if opening else said), pid, quote))
        written += [
            (sentence, pid, quote)
            for sentence in sentences(row["reference"])
            if _rests_on(sentence, quote) and not any(sentence == one for one, _, _ in written)
        ]
    return written[:6]


def _rests_on(sentence: str, quote: str) -> bool:
    """Whether a reference sentence is of this quote: its numbers, and three of four of its long words."""
    own = {word[:5] for word in re.findall(r"[^\W\d_]{4,}", fold(sentence))}
    held = {word[:5] for word in re.findall(r"[^\W\d_]{4,}", fold(quote))}
    numbers = set(re.findall(r"\d+", sentence)) <= set(re.findall(r"\d+", quote))
    return numbers and len(own) >= 3 and len(own & held) / len(own) >= 0.75


def good_model(home: Path) -> dict[str, Any]:
    """How much of the truth survives, and what prompt, reading and checking cost."""
    rows = {f"r{chr(97 + n // 26)}{chr(97 + n % 26)}": row for n, row in enumerate(labelled())}

    def behaviour(asked: Asked) -> Told:
        token = re.search(r"ref: (\w+)", asked.block("facts"))
        assert token
        return Told(draft(faithful(rows[token[1]], asked, random.Random(token[1]))))

    kept, written, dropped, spent = 0, 0, Counter[str](), []
    with HostileModel(behaviour) as model:
        settings = Settings(
            _env_file=None, home=home, cache=load_settings().cache, llm_base_url=model.url, llm_model="good",
            max_chars=1024, llm_deadline_s=5,
        )  # type: ignore[call-arg]  # fmt: skip
        assistant = Assistant(settings.bundle_dir.resolve(), BundleRef(id="b"), settings, lambda *_: None)
        assistant.warm_up()
        for token, row in rows.items():
            body = {"thread": row["thread"], "context": {**row["context"], "ref": token}}
            answer = assistant.suggest(SuggestRequest.model_validate(body))
            if answer.engine.name != "llm":
                continue
            kept += answer.engine.sentences - sum(answer.engine.dropped.values())
            written += answer.engine.sentences
            dropped += Counter(answer.engine.dropped)
            spent.append(answer.timing_ms["prompt"] + answer.timing_ms["check"])
        assert assistant.drafting
        assistant.drafting.close()
    return {
        "rows": len(rows), "asked": len(spent), "sentences": written, "survived": kept,
        "survived_share": round(kept / written, 4), "dropped": dict(dropped),
        "overhead_ms": _quantiles(spent),
    }  # fmt: skip


async def failing(home: Path) -> dict[str, Any]:
    """How long an answer takes when the model is down, slow or refusing, and whether it comes back."""
    behaviours = {
        "stalls": Told("{}", first_pause_s=2), "dribbles": Told("x" * 2000, piece=1, pause_s=0.05),
        "refuses_key": Told(status=401), "no_room": Told(status=429), "fails": Told(status=500),
        "breaks_off": Told("{" * 500, drop_at=2), "writes_for_ever": Told("", forever="a" * 64),
    }  # fmt: skip
    found: dict[str, Any] = {}
    with (
        HostileModel(lambda asked: Told("{}")) as model,
        served(settings_over(home, model.url, llm_deadline_s=DEADLINE_S)) as (url, _),
    ):
        async with httpx.AsyncClient(base_url=url, timeout=30) as http:
            for name, told in behaviours.items():
                model.behaviour = lambda asked, told=told: told  # type: ignore[misc]
                found[name] = await _timed(http)
            model.close()
            found["down"] = await _timed(http)
    slowest = max(row["max_ms"] for row in found.values())
    return {"deadline_ms": DEADLINE_S * 1000, "slowest_ms": slowest, "by_failure": found}


async def _timed(http: httpx.AsyncClient, count: int = 10) -> dict[str, Any]:
    times, engines = [], Counter[str]()
    for number in range(count):
        question = QUESTIONS["fr"][number % 6]
        began = time.perf_counter()
        response = await http.post("/suggest", json={"thread": [{"role": "customer", "text": question}]})
        times.append((time.perf_counter() - began) * 1000)
        engines[f"{response.status_code} {response.json()['engine']['name']}"] += 1
    return {"max_ms": round(max(times), 1), "answers": dict(engines)}


async def recovery(home: Path) -> dict[str, Any]:
    """Seconds from the model being well again to its first reply."""

    def good(asked: Asked) -> Told:
        pid, text = asked.passages[0]
        return Told(
            draft([(text.split(". ")[0].rstrip(".") + ".", pid, text.split(". ")[0].rstrip(".") + ".")])
        )

    with HostileModel(lambda asked: Told(status=500)) as model:
        settings = settings_over(home, model.url, llm_breaker=3, llm_retries=0)
        with served(settings) as (url, _):
            async with httpx.AsyncClient(base_url=url, timeout=30) as http:
                await _timed(http)
                calls = len(model.received)
                model.behaviour, began = good, time.perf_counter()
                while "200 llm" not in (await _timed(http, 1))["answers"]:
                    await asyncio.sleep(0.1)
    return {
        "asked_while_failing": calls,
        "of_requests": 10,
        "back_after_s": round(time.perf_counter() - began, 2),
    }


async def streaming(home: Path) -> dict[str, Any]:
    """Milliseconds from the model's last character of a sentence to its event at the client."""

    def slowly(asked: Asked) -> Told:
        pid, text = asked.passages[0]
        quote = text.split(". ")[0].rstrip(".") + "."
        return Told(
            draft([(quote, pid, quote)] * 3), piece=4, pause_s=0.005, mark_after=f'"quote": "{quote}"'
        )

    waits = []
    with (
        HostileModel(slowly) as model,
        served(settings_over(home, model.url, llm_deadline_s=5)) as (url, _),
    ):
        async with httpx.AsyncClient(base_url=url, timeout=30) as http:
            for number in range(40):
                body = {"thread": [{"role": "customer", "text": QUESTIONS["fr"][number % 6]}]}
                async with http.stream("POST", "/suggest/stream", json=body) as response:
                    async for line in response.aiter_lines():
                        if line == "event: sentence":
                            waits.append((time.perf_counter() - model.marked_at[-1]) * 1000)
                            break
    return {"streams": len(waits), "first_sentence_ms": _quantiles(waits)}


def _quantiles(values: list[float]) -> dict[str, float]:
    return {
        "p50": round(float(np.quantile(values, 0.5)), 2), "p95": round(float(np.quantile(values, 0.95)), 2),
        "max": round(max(values), 2),
    }  # fmt: skip


def main(out: Path, home: Path) -> None:
    """Measure everything and write the report."""
    with tempfile.TemporaryDirectory() as folder:
        centre = make_home(Path(folder) / "home")
        report = {
            "command": "python tests/hostile_model/measure.py evals/reports/llm-hostile.json var",
            "machine": f"{platform.machine()}, Python {platform.python_version()}",
            "hostile": asyncio.run(run_attacks(centre, make_attacks(1000))),
            "good_model": good_model(home),
            "failing_model": asyncio.run(failing(centre)),
            "recovery": asyncio.run(recovery(centre)),
            "streaming": asyncio.run(streaming(centre)),
        }
    write_json(out, report)
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
