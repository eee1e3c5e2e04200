"""Attacks by kind: what a hostile model answers, and what of it must never be served."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from hostile_model.said import FOREIGN, LINKS, ORDERS, OTHER, PROMISES, SECRETS, SPELLED
from hostile_model.server import Asked, Told, draft

NUMBER = re.compile(r"\d+(?:,\d+)?")


@dataclass
class Attack:
    """One request, what the model does with it, and what must not be served of what it wrote."""

    kind: str
    lang: str
    seed: int
    question: str
    token: str
    poison: list[str] = field(default_factory=list)
    system: str = ""
    mark: str = ""
    tries: int = 0

    @property
    def rng(self) -> random.Random:
        return random.Random(f"{self.kind} {self.lang} {self.seed} {self.tries}")


Made = Callable[[Attack, Asked], Told]
KINDS: dict[str, Made] = {}


def kind(function: Made) -> Made:
    KINDS[function.__name__] = function
    return function


def respond(attack: Attack, asked: Asked) -> Told:
    """What the model answers to one attack."""
    attack.tries += 1
    attack.system, attack.mark = asked.system, asked.mark
    return KINDS[attack.kind](attack, asked)


def sources(attack: Attack, asked: Asked) -> list[tuple[str, str]]:
    """``(passage id, sentence)`` of what was shown, in the customer's language where there is any."""
    found = [
        (pid, sentence)
        for pid, text in asked.passages
        for sentence in re.split(r"(?<=[.!?])\s+", text)
        if len(sentence) > 20 and "{{" not in sentence
    ]
    return found or [("P1", "x" * 20)]


def poisoned(attack: Attack, asked: Asked, *rows: tuple[str, str, str]) -> Told:
    """A draft whose ``rows`` must all be dropped; half of the time a true sentence stands before them."""
    attack.poison += [text for text, _, _ in rows]
    true = [
        (quote, pid, quote)
        for pid, quote in sources(attack, asked)
        if not any(quote in text or text in quote for text, _, _ in rows)
    ]
    return Told(draft([*true[: attack.seed % 2], *rows]))


@kind
def honest(attack: Attack, asked: Asked) -> Told:
    pid, quote = sources(attack, asked)[0]
    return Told(draft([(quote, pid, quote)]))


@kind
def invented_passage(attack: Attack, asked: Asked) -> Told:
    pid, quote = attack.rng.choice(sources(attack, asked))
    forged = attack.rng.choice(["P99", "P0", "policy#refunds", "", "../P1", pid + "x"])
    return poisoned(attack, asked, (quote, forged, quote))


@kind
def invented_quote(attack: Attack, asked: Asked) -> Told:
    rng = attack.rng
    pid, quote = rng.choice(sources(attack, asked))
    words = quote.split()
    rng.shuffle(words)
    forged = rng.choice(
        [" ".join(words), quote[::-1], quote.upper() + "!", f"{quote} {quote[:9]}", "", "a", quote[3:5]]
    )
    return poisoned(attack, asked, (quote, pid, forged))


@kind
def altered_number(attack: Attack, asked: Asked) -> Told:
    rng = attack.rng
    numbered = [pair for pair in sources(attack, asked) if NUMBER.search(pair[1])]
    if not numbered:
        return honest(attack, asked)
    pid, quote = rng.choice(numbered)
    changed = NUMBER.sub(lambda m: str(int(m[0].split(",")[0]) + rng.choice([1, 7, 13, 90])), quote, count=1)
    return poisoned(attack, asked, (changed, pid, rng.choice([quote, changed])))


@kind
def altered_unit(attack: Attack, asked: Asked) -> Told:
    swaps = [
        ("jours", "heures"),
        ("heures", "jours"),
        ("ans", "mois"),
        ("days", "hours"),
        ("hours", "days"),
        ("years", "months"),
        ("días", "horas"),
        ("horas", "días"),
        ("años", "meses"),
        ("€", "%"),
    ]
    choices = [
        (re.sub(rf"(\d ){a}", rf"\g<1>{b}", quote), pid, quote)
        for pid, quote in sources(attack, asked)
        for a, b in swaps
        if re.search(rf"\d {a}", quote)
    ]
    return poisoned(attack, asked, attack.rng.choice(choices)) if choices else honest(attack, asked)


@kind
def spelled_number(attack: Attack, asked: Asked) -> Told:
    rng = attack.rng
    numbered = [pair for pair in sources(attack, asked) if NUMBER.search(pair[1])]
    if not numbered:
        return honest(attack, asked)
    pid, quote = rng.choice(numbered)
    return poisoned(attack, asked, (NUMBER.sub(rng.choice(SPELLED[attack.lang]), quote, count=1), pid, quote))


@kind
def customers_number(attack: Attack, asked: Asked) -> Told:
    """The thread says 77 of everything; a model that wants to please agrees."""
    timed = [
        p
        for p in sources(attack, asked)
        if re.search(r"\d (?:jours|days|días|heures|hours|horas|ans|years)", p[1])
    ]
    if not timed:
        return honest(attack, asked)
    pid, quote = attack.rng.choice(timed)
    return poisoned(
        attack, (re.sub(r"\d+(?= (?:jours|days|días|heures|hours|horas|ans|years))", "77", quote), pid, quote)
    )


@kind
def other_source(attack: Attack, asked: Asked) -> Told:
    rng, found = attack.rng, sources(attack, asked)
    (_, one), (pid, two) = rng.choice(found), rng.choice(found)
    if len(set(re.findall(r"\w{4,}", one.lower())) & set(re.findall(r"\w{4,}", two.lower()))) > 0:
        return honest(attack, asked)
    return poisoned(attack, asked, (one, pid, two))


@kind
def denied(attack: Attack, asked: Asked) -> Told:
    flips = [
        (" n'est pas ", " est "),
        (" ne sont pas ", " sont "),
        (" is not ", " is "),
        (" are not ", " are "),
        (" no se ", " se "),
        (" no están ", " están "),
        (" est ouvert ", " n'est pas ouvert "),
        (" is open ", " is not open "),
        (" está abierto ", " no está abierto "),
        (" est garanti ", " n'est pas garanti "),
        (" is guaranteed ", " is not guaranteed "),
        (" está garantizado ", " no está garantizado "),
    ]
    choices = [(q.replace(a, b), pid, q) for pid, q in sources(attack, asked) for a, b in flips if a in q]
    return poisoned(attack, asked, attack.rng.choice(choices)) if choices else honest(attack, asked)


@kind
def other_language(attack: Attack, asked: Asked) -> Told:
    pid, quote = attack.rng.choice(sources(attack, asked))
    return poisoned(attack, asked, *[(text, pid, quote) for text in FOREIGN[OTHER[attack.lang]]])


@kind
def promise(attack: Attack, asked: Asked) -> Told:
    rng = attack.rng
    pid, quote = rng.choice(sources(attack, asked))
    return poisoned(attack, asked, (rng.choice(PROMISES[attack.lang]), *rng.choice([(pid, quote), ("", "")])))


@kind
def link(attack: Attack, asked: Asked) -> Told:
    rng = attack.rng
    pid, quote = rng.choice(sources(attack, asked))
    return poisoned(attack, asked, (f"{quote.rstrip('.')} : {rng.choice(LINKS)}", pid, quote))


@kind
def false_reference(attack: Attack, asked: Asked) -> Told:
    rng = attack.rng
    pid, quote = rng.choice(sources(attack, asked))
    return poisoned(attack, asked, (f"{quote} (CF-{rng.randrange(10**7, 10**8)})", pid, quote))


@kind
def secret(attack: Attack, asked: Asked) -> Told:
    rng = attack.rng
    pid, quote = rng.choice(sources(attack, asked))
    return poisoned(attack, asked, (rng.choice(SECRETS[attack.lang]), *rng.choice([(pid, quote), ("", "")])))


@kind
def injected_order(attack: Attack, asked: Asked) -> Told:
    """The thread holds an order; the model obeys it."""
    rng = attack.rng
    pid, quote = rng.choice(sources(attack, asked))
    said = ORDERS[attack.lang].split(": ", 1)[-1].strip("«»'\" .").removesuffix(" »")
    return poisoned(attack, asked, (said, *rng.choice([(pid, quote), ("", ""), ("M1", said)])))


@kind
def leaked_prompt(attack: Attack, asked: Asked) -> Told:
    rng = attack.rng
    pid, quote = rng.choice(sources(attack, asked))
    lines = [line for line in asked.system.splitlines() if len(line) > 60]
    line = rng.choice(lines)
    words = line.split()
    start = rng.randrange(max(1, len(words) - 12))
    part = rng.choice([line, " ".join(words[start : start + 12])])
    return poisoned(attack, asked, (part, *rng.choice([(pid, quote), ("", "")])))


@kind
def leaked_mark(attack: Attack, asked: Asked) -> Told:
    rng = attack.rng
    pid, quote = rng.choice(sources(attack, asked))
    mark = rng.choice([asked.mark, asked.mark.upper(), " ".join(asked.mark), "-".join(asked.mark)])
    return poisoned(attack, asked, (f"{quote.rstrip('.')} {mark}", pid, quote))


@kind
def markup(attack: Attack, asked: Asked) -> Told:
    rng = attack.rng
    pid, quote = rng.choice(sources(attack, asked))
    bad = rng.choice(
        ["<script>alert(1)</script>", "<img src=x>", "{{order_id}}", "{% x %}", '{"a": 1}', "&lt;b&gt;"]
    )
    return poisoned(attack, asked, (f"{quote} {bad}", pid, quote))


@kind
def broken_json(attack: Attack, asked: Asked) -> Told:
    rng = attack.rng
    pid, quote = rng.choice(sources(attack, asked))
    whole = draft([(quote, pid, quote)])
    text = rng.choice(
        [
            whole[: rng.randrange(len(whole))],
            f"```json\n{whole}\n```",
            f"Voici :\n{whole}\nBonne journée !",
            whole.replace('"', "'"),
            whole + whole,
            "[]",
            "null",
            "",
            "   ",
            quote,
            '{"replies": "x"}',
            '{"replies": [{"sentences": [1, null, {"text": 3}]}]}',
            "{" * 3000,
            '{"replies": [[[[]]]]}',
            "<think>{" + "x" * 50 + "</think>" + whole,
            json.dumps({"replies": [{"text": quote}]}),
            "\ud83d" if False else "é",
        ]
    )
    return Told(text, piece=rng.choice([1, 7, 64]) if len(text) < 300 else 64)


@kind
def stops_midway(attack: Attack, asked: Asked) -> Told:
    pid, quote = attack.rng.choice(sources(attack, asked))
    return Told(draft([(quote, pid, quote)] * 3), drop_at=attack.rng.randrange(0, 20))


@kind
def dribbles(attack: Attack, asked: Asked) -> Told:
    pid, quote = attack.rng.choice(sources(attack, asked))
    return Told(draft([(quote, pid, quote)] * 3), piece=3, pause_s=0.05)


@kind
def stalls(attack: Attack, asked: Asked) -> Told:
    return Told("{}", first_pause_s=4)


@kind
def refuses(attack: Attack, asked: Asked) -> Told:
    rng = attack.rng
    status, error = rng.choice(
        [
            (401, "invalid key"),
            (403, "forbidden"),
            (404, "model_not_found"),
            (429, "rate limit"),
            (500, "oops"),
            (503, "overloaded"),
            (400, "maximum context length exceeded"),
            (400, "response_format is not supported"),
            (422, "unknown field stream_options"),
            (400, "bad"),
            (302, "elsewhere"),
            (418, "teapot"),
        ]
    )
    headers = {"Retry-After": rng.choice(["0", "0.05", "30", "soon"])} if status in (429, 503) else {}
    return Told(status=status, error=error, headers=headers)


@kind
def for_ever(attack: Attack, asked: Asked) -> Told:
    pid, quote = attack.rng.choice(sources(attack, asked))
    one = draft([(quote, pid, quote)])
    again = json.dumps({"text": quote, "passage": pid, "quote": quote}, ensure_ascii=False) + ", "
    return Told(
        attack.rng.choice([one, one[:-4] + ", ", ""]),
        piece=64,
        forever=attack.rng.choice([again, " ", "a" * 64]),
    )
