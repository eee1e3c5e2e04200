"""A form as a DSPy program, and a program's prompt as the messages of its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dspy

from evals.optimise.forms import Chat, Demonstration, Form
from pipelines.generating.reading import read_object


def program(form: Form, fields: Sequence[str]) -> dspy.Predict:
    """A predictor of a form's answer; its instructions and demonstrations are what an optimiser changes.

    Example:
        >>> made = program(Form("p", "", "Choose.", "", "{{ text }}"), ["intent"])
        >>> made.signature.instructions, list(made.signature.output_fields)
        ('Choose.', ['intent'])
    """
    typed: dict[str, Any] = {slot: (str, dspy.InputField()) for slot in form.slots}
    typed |= {field: (Any, dspy.OutputField()) for field in fields}
    return dspy.Predict(dspy.Signature(typed, form.instructions))


def demonstrations(predictor: dspy.Predict) -> list[Demonstration]:
    """The worked examples of a program: those that have a whole answer."""
    inputs, outputs = predictor.signature.input_fields, predictor.signature.output_fields
    found = []
    for demo in predictor.demos:
        values = {name: demo.get(name) for name in (*inputs, *outputs)}
        if all(values[name] is not None for name in outputs):
            variables = {name: str(values[name]) for name in inputs if values[name] is not None}
            found.append(Demonstration(variables, {name: values[name] for name in outputs}))
    return found


class FormAdapter(dspy.JSONAdapter):  # type: ignore[misc]
    """Sends a form's own messages in the place of DSPy's, and reads answers as the service does.

    Signatures that are none of the form's (an optimiser's own) go DSPy's way. An answer that cannot be read
    is an answer with empty fields: it is judged, not retried.

    Example:
        >>> form = Form("p", "", "Choose.", "", "{{ text }}")
        >>> FormAdapter(form).parse(program(form, ["intent"]).signature, 'Sure: {"intent": "a"}')
        {'intent': 'a'}
    """

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form

    def format(self, signature: Any, demos: list[Any], inputs: dict[str, Any]) -> Chat:
        """The messages of one call."""
        if not self._ours(signature):
            return list(super().format(signature, demos, inputs))
        predictor = dspy.Predict(signature)
        predictor.demos = demos
        return self.form.messages(signature.instructions, demonstrations(predictor), inputs)

    def parse(self, signature: Any, completion: str) -> dict[str, Any]:
        """The fields of an answer."""
        if not self._ours(signature):
            return dict(super().parse(signature, completion))
        value = read_object(completion) or {}
        return {name: value.get(name, "") for name in signature.output_fields}

    def _ours(self, signature: Any) -> bool:
        return tuple(signature.input_fields) == self.form.slots


def messages_of(predictor: dspy.Predict, form: Form, variables: Mapping[str, str]) -> Chat:
    """What DSPy sends a model for one row of a program."""
    return FormAdapter(form).format(predictor.signature, predictor.demos, dict(variables))
