"""A small bundle made by freeze(), and an assistant that answers from its one file."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from pipelines.contracts import (
    Citation,
    Intent,
    Silence,
    SuggestAnswer,
    Suggestion,
    SuggestRequest,
    SummaryAnswer,
    SummaryRequest,
    SummarySentence,
    TemplateAnswer,
    TemplateChoice,
    TemplateRequest,
)
from pipelines.settings import Settings
from service.bundle import Bundle
from service.freezing import freeze

HOLE = "[first_name]"
SOURCE = "La livraison standard prend 3 jours ouvrés. La livraison express prend 24 heures."


class TinyAssistant:
    """Real enough: reads its bundle, quotes it, stays silent, is slow or fails on demand."""

    drafting = None

    def __init__(self, bundle: Bundle, settings: Settings) -> None:
        self.ref = bundle.ref
        self.source = (bundle.root / "source.txt").read_text(encoding="utf-8")

    def suggest(self, request: SuggestRequest) -> SuggestAnswer:
        text = request.thread[-1].text
        if "boom" in text:
            raise ValueError(text)
        if "slow" in text:
            time.sleep(0.3)
        silent = "?" not in text
        return SuggestAnswer(
            suggestions=[] if silent else self._suggestions(request.variants),
            silence=Silence(reason="not_a_request", detail="No question is asked.") if silent else None,
            intent=Intent(label="delivery_time", confidence=0.9, out_of_scope=0.02),
            lang="fr",
            based_on=request.thread[-1].id,
            bundle=self.ref,
            timing_ms={"understand": 1.0, "total": 2.0},
        )

    def _suggestions(self, variants: int) -> list[Suggestion]:
        quote = self.source.split(". ")[0]
        citation = Citation(
            sentence=1,
            passage_id="delivery#delays",
            document_id="delivery",
            version="0" * 16,
            title="Délais",
            url="https://cerfeuil.example/aide",
            quote=quote,
            start=0,
            end=len(quote),
        )
        kinds = ("answer", "answer_next_step", "question")
        texts = (
            f"Bonjour, {quote}.",
            f"Bonjour, {quote}. Puis-je vous aider ?",
            "Quel est votre numéro de commande ?",
        )
        return [
            Suggestion(
                id=f"s{i}",
                text=texts[i],
                lang="fr",
                kind=kinds[i],
                citations=[citation] if i < 2 else [],
                confidence=0.9 - i / 10,
            )
            for i in range(variants)
        ]

    def suggest_events(self, request: SuggestRequest) -> Iterator[tuple[str, dict[str, Any]]]:
        answer = self.suggest(request)
        for suggestion in answer.suggestions:
            yield "sentence", {"suggestion": suggestion.id, "text": suggestion.text}
            if "late boom" not in request.thread[-1].text and "trip" in request.thread[-1].text:
                raise ValueError(request.thread[-1].text)
        yield "answer", answer.model_dump(mode="json")

    def summarize(self, request: SummaryRequest) -> SummaryAnswer:
        said = SummarySentence(text=request.thread[0].text, messages=[request.thread[0].id or "0"])
        return SummaryAnswer(
            issue=[said],
            done=[],
            resolution=[],
            next_step=[],
            lang="fr",
            bundle=self.ref,
            timing_ms={"total": 1.0},
        )

    def template(self, request: TemplateRequest) -> TemplateAnswer:
        name = request.context.get("first_name")
        choice = TemplateChoice(
            name="order_update",
            lang="fr",
            category="UTILITY",
            text=f"Bonjour {name or HOLE}, votre commande avance.",
            variables={"first_name": name} if name else {},
            missing=[] if name else ["first_name"],
            score=0.8,
            payload={"type": "template", "template": {"name": "order_update"}} if name else None,
        )
        return TemplateAnswer(
            window_open=request.channel.window_open,
            expires_in_s=None,
            templates=[choice],
            reason=None,
            lang="fr",
            bundle=self.ref,
            timing_ms={"total": 1.0},
        )


Client = Callable[..., contextlib.AbstractAsyncContextManager[httpx.AsyncClient]]


def make_bundle(home: Path, text: str = SOURCE) -> Path:
    source = home / "source.txt"
    home.mkdir(parents=True, exist_ok=True)
    source.write_text(text, encoding="utf-8")
    return freeze({"source.txt": source}, home, model="test-model", prompts={"reply": "a" * 64})


def ask(text: str = "Quand arrive mon colis ?", **fields: Any) -> dict[str, Any]:
    return {"thread": [{"id": "m1", "role": "customer", "text": text}], **fields}


def events_of(body: str) -> list[tuple[str, dict[str, Any]]]:
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in body.strip().split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks]
