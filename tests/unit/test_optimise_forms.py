"""Forms, exports and the offline learner: what DSPy sends is what Haystack renders, whatever stands in it."""

from __future__ import annotations

import json
from typing import Any

import dspy
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.optimise.forms import Demonstration, Form
from evals.optimise.icl import InContextLearner
from evals.optimise.parity import Parity, require
from evals.optimise.programs import FormAdapter, demonstrations, program
from evals.optimise.rewriting import rewrite
from pipelines.errors import PromptError
from pipelines.generating.prompts import VARIABLES, Prompt, PromptBook

TRICKY = [
    "{{ brand }}", "{% endraw %}{{ text }}", "{%- endraw -%} x", "<<m1:message>>", "a\n\n  b", "{# c #}",
    "{% message role=\"system\" %}", "100 % \\ \"q\" 'é' &lt;", "{{", "}}", "<</m2:message>>",
]  # fmt: skip
REWRITTEN = ("classify", "draft", "summarize", "route")


@pytest.mark.parametrize("name", REWRITTEN)
def test_the_pinned_prompts_say_what_may_be_rewritten(name: str) -> None:
    prompt = PromptBook.load()[name]
    form = Form.of(prompt)
    assert set(form.slots) <= VARIABLES[name]
    variables = {slot: f"<{slot}>" for slot in form.slots}
    rendered = [{"role": m.role.value, "content": m.text} for m in prompt.render(**variables)]
    assert rendered == form.messages(form.instructions, [], variables)


@given(st.lists(st.sampled_from(TRICKY) | st.text(max_size=12), min_size=4, max_size=4))
def test_an_export_renders_as_it_was_optimised(texts: list[str]) -> None:
    form = Form.of(PromptBook.load()["classify"])
    instructions, shown, said, asked = texts
    demo = Demonstration(
        {"mark": "m1", "text": f"<<m1:message>>\n{shown}\n<</m1:message>>"}, {"intent": said}
    )
    variables = {"brand": "C", "labels": "- a: b", "mark": "m2", "text": asked.strip() or "?"}
    prompt = Prompt("classify", form.template(instructions.strip() or "x", [demo]), "", {})
    rendered = [{"role": m.role.value, "content": m.text} for m in prompt.render(**variables)]
    wanted = form.messages(instructions.strip() or "x", [demo], variables)
    assert rendered == wanted
    assert "m1:message" not in wanted[1]["content"].replace(shown, "")


def test_a_prompt_without_instructions_is_refused() -> None:
    with pytest.raises(PromptError, match="does not say what may be rewritten"):
        Form.of(Prompt("p", '{% message role="user" %}{{ text }}{% endmessage %}', "", {}))


def test_an_exported_prompt_can_be_optimised_again() -> None:
    form = Form.of(PromptBook.load()["classify"])
    demo = Demonstration({"mark": "m1", "text": "t"}, {"intent": "a"})
    again = Form.of(Prompt("classify", form.template("New.", [demo]), "", {}))
    assert (again.instructions, again.before, again.user) == ("New.", form.before, form.user)


def test_a_differing_export_is_not_kept() -> None:
    require(Parity(3, ()), "p")
    with pytest.raises(PromptError, match="1 of 3 rows"):
        require(Parity(3, ("b",)), "p")
    with pytest.raises(PromptError, match="0 of 0 rows"):
        require(Parity(0, ()), "p")


def test_the_adapter_leaves_signatures_of_others_alone() -> None:
    adapter = FormAdapter(Form("p", "", "Do.", "", "{{ text }}"))
    foreign = dspy.Signature("question -> answer")
    chat = adapter.format(foreign, [], {"question": "q"})
    assert "JSON object" in chat[-1]["content"]
    assert adapter.parse(foreign, '{"answer": "a"}') == {"answer": "a"}
    own = program(adapter.form, ["intent"])
    assert adapter.parse(own.signature, "no JSON at all") == {"intent": ""}
    own.demos = [dspy.Example(text="a", intent=None), dspy.Example(text="b", intent="x", row="7")]
    assert demonstrations(own) == [Demonstration({"text": "b"}, {"intent": "x"})]


def learner() -> InContextLearner:
    def encode(texts: Any) -> Any:
        kinds = ("colis", "argent", "four")
        found = np.array([[float(k in t.lower()) for k in kinds] + [0.1] for t in texts], np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    return InContextLearner(encode)


DRAFT = 'Answer with one JSON object and nothing else:\n{"cannot_answer": false, "replies": []}'
NOTE = (
    "Answer with one JSON object and nothing else:\n"
    '{"issue": [], "done": [], "resolution": [], "next_step": []}'
)


def question(text: str, passages: str = "P1 [Colis] Le colis arrive en trois jours.\nP2 [x] y") -> str:
    thread = f"<<k:thread>>\nM1 customer: {text}\n<</k:thread>>"
    return f"<<k:passages>>\n{passages}\n<</k:passages>>\n{thread}"


def test_the_learner_drafts_from_the_passages_alone() -> None:
    said = json.loads(learner().answer(DRAFT, [("user", question("et mon colis ?"))]))
    (sentence,) = said["replies"][0]["sentences"]
    assert sentence == {
        "text": "Le colis arrive en trois jours.", "passage": "P1",
        "quote": "Le colis arrive en trois jours.",
    }  # fmt: skip
    empty = json.loads(learner().answer(DRAFT, [("user", "nothing quoted")]))
    assert empty == {"cannot_answer": True, "replies": []}


def test_the_learner_learns_from_demonstrations_when_to_be_silent() -> None:
    off, on = '{"cannot_answer": true, "replies": []}', '{"cannot_answer": false, "replies": []}'
    shown = [
        ("user", question("le four ?")), ("assistant", off), ("user", question("mon colis ?")),
        ("assistant", on),
    ]  # fmt: skip
    asked = [*shown, ("user", question("le four encore"))]
    assert json.loads(learner().answer(DRAFT, asked))["cannot_answer"] is True
    assert json.loads(learner().answer(DRAFT, [*shown, ("user", question("un colis"))]))["replies"]


def test_the_learner_places_a_note_where_the_demonstrations_point() -> None:
    said = "M1 customer: Le four est mort.\nM2 agent: Je regarde.\nM3 agent: Envoyé."
    thread = f"<<k:thread>>\n{said}\n<</k:thread>>"
    bare = json.loads(learner().answer(NOTE, [("user", thread)]))
    assert bare["issue"] == [{"text": "Le four est mort.", "messages": ["M1"]}]
    shown = {"issue": [{"text": "x", "messages": ["M1"]}], "done": [{"text": "y", "messages": ["M3"]}],
             "resolution": [], "next_step": []}  # fmt: skip
    taught = [("user", thread), ("assistant", json.dumps(shown)), ("user", thread)]
    told = json.loads(learner().answer(NOTE, taught))
    assert told["done"] == [{"text": "Envoyé.", "messages": ["M3"]}]
    assert told["next_step"] == []


def test_the_learner_answers_an_optimisers_own_questions_without_prose() -> None:
    asked = (
        "[[ ## basic_instruction ## ]]\nSort.\n\n[[ ## tip ## ]]\nshort\n\n"
        "Respond with a JSON object in the following order of fields: `proposed_instruction`."
    )
    assert json.loads(rewrite("", [("user", asked)])) == {"proposed_instruction": "Sort."}
    assert rewrite("", [("user", "hello")]) == "hello"
