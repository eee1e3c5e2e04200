"""Personal values planted in threads: what of them reaches the model, and what comes back in the answer.

``python tests/hostile_model/planting.py > evals/reports/llm-planted.json`` measures it on 500 threads.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from hostile_model.centre import QUESTIONS, settings_over  # noqa: E402
from hostile_model.server import Asked, HostileModel, Told, draft  # noqa: E402

from pipelines.assistant import Assistant  # noqa: E402
from pipelines.contracts import BundleRef, SuggestRequest  # noqa: E402

KINDS = ("name", "email", "phone", "iban", "card", "order", "tracking", "address")
FIRST = "Camille Odile Yannick Inès Marc Soraya Étienne Lucía Javier Nerea Andrés Grace Callum Priya Owen"
LAST = "Rostang Le_Goff Benali Vasseur Okafor Delmas Quiroga Ferrer Ibarra Hughes Whitaker Nair Bauer Moreau"
STREETS = {
    "fr": ("{n} rue des Tanneurs, 54000 Nancy", "{n} bis avenue Jean-Jaurès, 69007 Lyon",
           "{n} chemin du Moulin, 38410 Uriage"),
    "en": ("{n} Albert Road, Leeds LS6 2QF", "{n} Mill Lane, Bristol BS3 4TT",
           "{n} Queen Street, Cardiff CF10 2AF"),
    "es": ("calle Mayor {n}, 28013 Madrid", "avenida de la Paz {n}, 46022 Valencia",
           "calle del Sol {n}, 41003 Sevilla"),
}  # fmt: skip
SAID = {
    "fr": {
        "name": ("je m'appelle {v}", "C'est {v} à l'appareil", "Cordialement,\n{v}", "mon nom : {v}"),
        "email": ("mon mail c'est {v}", "{v}", "ecrivez moi sur {v} svp", "adresse mail : {v}"),
        "phone": ("rappelez-moi au {v}", "mon num {v}", "tel. {v}", "joignable au {v} après 18h"),
        "iban": ("voici l'iban {v}", "remboursez sur {v}", "IBAN : {v}"),
        "card": ("j'ai payé avec la carte {v}", "carte {v}", "numéro de carte : {v}"),
        "order": ("commande {v}", "ma commande c'est la {v}", "réf {v} svp"),
        "tracking": ("numéro de suivi {v}", "le colis {v} n'avance pas", "suivi : {v}"),
        "address": ("j'habite {v}", "livrez au {v}", "mon adresse : {v}"),
    },
    "en": {
        "name": ("my name is {v}", "This is {v}", "Regards,\n{v}", "name: {v}"),
        "email": ("my email is {v}", "{v}", "write to {v} please", "email: {v}"),
        "phone": ("call me on {v}", "my number's {v}", "tel. {v}", "reach me at {v} after 6"),
        "iban": ("here's the iban {v}", "refund to {v}", "IBAN: {v}"),
        "card": ("I paid with card {v}", "card {v}", "card number: {v}"),
        "order": ("order {v}", "my order is {v}", "ref {v} pls"),
        "tracking": ("tracking number {v}", "parcel {v} is stuck", "tracking: {v}"),
        "address": ("I live at {v}", "deliver to {v}", "my address: {v}"),
    },
    "es": {
        "name": ("me llamo {v}", "Soy {v}", "Un saludo,\n{v}", "nombre: {v}"),
        "email": ("mi correo es {v}", "{v}", "escribanme a {v}", "email: {v}"),
        "phone": ("llamenme al {v}", "mi numero {v}", "tel. {v}", "estoy en el {v} por la tarde"),
        "iban": ("este es el iban {v}", "devolver a {v}", "IBAN: {v}"),
        "card": ("pagué con la tarjeta {v}", "tarjeta {v}", "número de tarjeta: {v}"),
        "order": ("pedido {v}", "mi pedido es el {v}", "ref {v}"),
        "tracking": ("número de seguimiento {v}", "el paquete {v} no avanza", "seguimiento: {v}"),
        "address": ("vivo en {v}", "entreguen en {v}", "mi dirección: {v}"),
    },
}
STAND_IN = re.compile(r"\[[A-Z]+_\d+\]")
ASKED = {"fr": "C'est bien {v} ?", "en": "Is it {v}?", "es": "¿Es {v}?"}


@dataclass(frozen=True)
class Planted:
    """One thread, and the values of each kind that stand in it."""

    lang: str
    thread: tuple[dict[str, str], ...]
    values: tuple[tuple[str, str], ...]


def plant(count: int, seed: int = 0) -> Iterator[Planted]:
    """Threads with four values each, all kinds alike often, each value another."""
    rng = random.Random(seed)
    for number in range(count):
        lang = ("fr", "en", "es")[number % 3]
        kinds = [KINDS[(4 * number + place) % len(KINDS)] for place in range(4)]
        rng.shuffle(kinds)
        values = tuple((kind, value_of(kind, lang, rng)) for kind in kinds)
        said = [rng.choice(SAID[lang][kind]).format(v=value) for kind, value in values]
        turns = [{"role": "customer", "text": text} for text in said]
        turns.insert(2, {"role": "agent", "text": {"fr": "Merci.", "en": "Thanks.", "es": "Gracias."}[lang]})
        turns.append({"role": "customer", "text": QUESTIONS[lang][number % len(QUESTIONS[lang])]})
        yield Planted(lang, tuple(turns), values)


def value_of(kind: str, lang: str, rng: random.Random) -> str:
    """A value of one kind, with a check digit where there is one."""
    digits = lambda n: "".join(rng.choice("0123456789") for _ in range(n))  # noqa: E731
    first, last = rng.choice(FIRST.split()), rng.choice(LAST.split()).replace("_", " ")
    if kind == "name":
        return f"{first} {last}"
    if kind == "email":
        plain = re.sub(r"\W", "", last.lower())
        return (
            f"{rng.choice('abcdefghijlm')}.{plain}{digits(3)}@{rng.choice(('mail.example', 'poste.example'))}"
        )
    if kind == "phone":
        made = {"fr": f"06 {digits(2)} {digits(2)} {digits(2)} {digits(2)}", "en": f"07700 900{digits(3)}",
                "es": f"6{digits(2)} {digits(3)} {digits(3)}"}[lang]  # fmt: skip
        return made if rng.random() < 0.6 else made.replace(" ", "")
    if kind == "iban":
        country, size = {"fr": ("FR", 23), "en": ("DE", 18), "es": ("ES", 20)}[lang]
        body = digits(size)
        shifted = int("".join(str(int(c, 36)) for c in f"{body}{country}00"))
        whole = f"{country}{98 - shifted % 97:02d}{body}"
        return whole if rng.random() < 0.5 else " ".join(re.findall(".{1,4}", whole))
    if kind == "card":
        body = f"4970{digits(11)}"
        total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(body))
        whole = f"{body}{-total % 10}"
        return whole if rng.random() < 0.5 else " ".join(re.findall(".{4}", whole))
    if kind == "order":
        return f"CF-{digits(8)}"
    if kind == "tracking":
        return f"{rng.choice(('XY', 'LB', '6A'))}{digits(9)}FR"
    return rng.choice(STREETS[lang]).format(n=rng.randint(1, 199))


def measure_planted(home: Path, count: int = 500, seed: int = 0) -> dict[str, Any]:
    """Ask all threads through a model on loopback that repeats each stand-in; counts of values by kind.

    ``restored``: values that come back when what the model was sent is restored; ``left_in_answers``:
    stand-ins that an agent would read; ``seen_in_answers``: real values in what was shown of the model's.
    """
    sent, leaked, restored = Counter[str](), Counter[str](), Counter[str]()
    left = seen = 0
    with HostileModel(_repeats) as model:
        settings = settings_over(home, model.url, llm_deadline_s=5, max_chars=1024)
        assistant = Assistant(settings.bundle_dir.resolve(), BundleRef(id="b"), settings, lambda *_: None)
        assistant.warm_up()
        for one in plant(count, seed):
            before = len(model.received)
            request = SuggestRequest.model_validate({"thread": list(one.thread), "lang": one.lang})
            answer = assistant.suggest(request)
            asked = "\n".join(message["content"] for a in model.received[before:] for message in a.messages)
            said = "\n".join(suggestion.text for suggestion in answer.suggestions)
            left += len(STAND_IN.findall(said))
            back = _restored(assistant, request)
            for kind, value in one.values:
                sent[kind] += bool(asked)
                leaked[kind] += _holds(asked, value)
                restored[kind] += value in back
                seen += value in said
        assert assistant.drafting
        assistant.drafting.close()
    return {
        "threads": count, "seed": seed, "values": sum(sent.values()), "leaked": sum(leaked.values()),
        "restored": sum(restored.values()), "left_in_answers": left, "seen_in_answers": seen,
        "by_kind": {
            kind: {"values": sent[kind], "leaked": leaked[kind], "restored": restored[kind]}
            for kind in KINDS
        },
    }  # fmt: skip


def _restored(assistant: Assistant, request: SuggestRequest) -> str:
    """The thread as a model sees it, with its real values put back."""
    assert assistant.drafting
    protected = assistant.drafting.desk.protect(assistant.prepare(request))
    return "\n".join(protected.restore(message.text) for message in protected.messages)


def _repeats(asked: Asked) -> Told:
    """What the help centre says, and a question about each stand-in."""
    lang = next((code for code, name in (("fr", "French"), ("en", "English"), ("es", "Spanish"))
                 if f"write in {name}" in asked.system), "fr")  # fmt: skip
    pid, text = asked.passages[0]
    quote = text.split(". ")[0].rstrip(".") + "."
    marks = list(dict.fromkeys(STAND_IN.findall(asked.thread)))
    return Told(draft([(quote, pid, quote), *((ASKED[lang].format(v=mark), "", "") for mark in marks)]))


def _holds(text: str, value: str) -> bool:
    """Whether a text holds a value, spaces and case apart."""
    flat = re.sub(r"[\s.]", "", text).lower()
    return re.sub(r"[\s.]", "", value).lower() in flat


if __name__ == "__main__":
    import tempfile

    from hostile_model.centre import make_home

    with tempfile.TemporaryDirectory() as folder:
        found = measure_planted(make_home(Path(folder) / "home"), seed=1)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
