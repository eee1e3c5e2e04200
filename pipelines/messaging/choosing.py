"""Which approved template to send: by intent, language, and words shared with the end of the thread."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pipelines.contracts import Lang, Message
from pipelines.messaging.templates import ANY_INTENT, VARIABLE, Template
from pipelines.text import terms

INTENT: Final = 0.6
WORDS: Final = 0.35
GENERAL: Final = 0.08
"""What a template for any intent is worth: after every one that fits, before every one that does not."""
LACKING: Final = 0.1
"""What a missing value costs: a template that can be sent and also serves the intent goes before one that was
written for it and cannot be sent."""

FLOOR: Final = 0.08
RECENT: Final = 6
"""How many messages at the end of the thread tell what the template is about."""

ASKED_CATEGORIES: Final = {"marketing": "MARKETING", "authentication": "AUTHENTICATION"}
"""Support sends UTILITY only. An intent that is the name of another category asks for that category."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A template and how well it fits, in [0, 1].

    Example:
        >>> hello = Template(name="a", lang="fr", language="fr", category="UTILITY", body="Bonjour.")
        >>> Choice(hello, 0.5).score
        0.5
    """

    template: Template
    score: float


def rank_templates(
    templates: Sequence[Template],
    thread: Sequence[Message],
    lang: Lang,
    intent: str | None = None,
    known: Collection[str] = (),
) -> tuple[list[Choice], str | None]:
    """Approved templates of the language that fit, best first, and the reason when there is none.

    Args:
        known: context keys that have a value; a template that asks for one of them is left out, and one
            that lacks a value goes behind its equals.
    """
    category = ASKED_CATEGORIES.get((intent or "").lower(), "UTILITY")
    pool = [t for t in templates if t.lang == lang and t.status == "APPROVED" and t.category == category]
    if not pool:
        return [], _why_none(templates, lang, category)
    pool = [template for template in pool if template.asks not in known] or pool
    served = bool(intent) and any(intent in template.intents for template in pool)
    choices, similar = [], _similarities(pool, thread, lang)
    for template, likeness in zip(pool, similar, strict=True):
        score = WORDS * likeness if served else (INTENT + WORDS) * likeness
        if category != "UTILITY":
            score += INTENT
        elif intent in template.intents:
            # The first intent is what a template was written for; the next ones it also serves.
            score += INTENT * (1.0 if template.intents[0] == intent else 0.85)
        elif ANY_INTENT in template.intents:
            score += GENERAL
        if score >= FLOOR:
            lacking = any(not _has_value(template, name, known) for name in template.placeholders())
            score = min(1.0, max(0.0, score - LACKING * lacking))
            choices.append(Choice(template, round(score, 4)))
    choices.sort(key=lambda choice: (-choice.score, choice.template.name))
    return choices, None if choices else "No approved template fits this thread: name an intent."


def _has_value(template: Template, name: str, known: Collection[str]) -> bool:
    """Whether a placeholder can be filled, by its own name or by that of its variable's source."""
    sources = {variable.name: variable.source or variable.name for variable in template.variables}
    return name in known or sources.get(name, name) in known


def _why_none(templates: Sequence[Template], lang: str, category: str) -> str:
    if not templates:
        return "The template library is empty."
    of_lang = [template for template in templates if template.lang == lang]
    if not of_lang:
        return f"The library has no template in '{lang}'."
    if not any(template.category == category for template in of_lang):
        return f"The library has no {category} template in '{lang}'."
    return f"No {category} template in '{lang}' is approved."


def _similarities(pool: Sequence[Template], thread: Sequence[Message], lang: str) -> list[float]:
    """Cosine of each template with the end of the thread (tf-idf); the last customer burst counts double."""
    query: Counter[str] = Counter()
    for message in thread[-RECENT:]:
        query.update(terms(message.text[:2_000], lang))
    for message in last_customer_burst(thread):
        query.update(terms(message.text[:2_000], lang))
    bags = [_template_terms(template, lang) for template in pool]
    documents = Counter(term for bag in bags for term in bag)
    rarity = {term: math.log(1 + len(pool) / count) for term, count in documents.items()}
    return [_cosine(query, bag, rarity) for bag in bags]


def last_customer_burst(thread: Sequence[Message]) -> list[Message]:
    """The customer's last messages in a row, whatever the agent wrote after them."""
    end = len(thread)
    while end and thread[end - 1].role != "customer":
        end -= 1
    start = end
    while start and thread[start - 1].role == "customer":
        start -= 1
    return list(thread[start:end])


def _template_terms(template: Template, lang: str) -> Counter[str]:
    header = template.header.text if template.header else ""
    bag = Counter(terms(VARIABLE.sub(" ", f"{header} {template.body}"), lang))
    for term, count in Counter(terms(template.purpose, lang)).items():
        bag[term] += 2 * count
    return bag


def _cosine(query: Mapping[str, int], bag: Mapping[str, int], rarity: Mapping[str, float]) -> float:
    def weigh(counts: Mapping[str, int]) -> dict[str, float]:
        return {term: (1 + math.log(n)) * rarity[term] for term, n in counts.items() if term in rarity}

    a, b = weigh(query), weigh(bag)
    norm = math.sqrt(sum(v * v for v in a.values())) * math.sqrt(sum(v * v for v in b.values()))
    return sum(value * b.get(term, 0.0) for term, value in a.items()) / norm if norm else 0.0
