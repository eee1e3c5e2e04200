"""The demo templates: within every limit, the same in each language, of the brand's intents."""

import json
import re
from collections import defaultdict
from pathlib import Path

from pipelines.messaging.filling import fill
from pipelines.messaging.limits import rendered_problems, template_problems
from pipelines.messaging.payload import create_payload, send_payload
from pipelines.messaging.templates import load_templates

ROOT = Path(__file__).parents[2] / "datasets"
TEMPLATES = load_templates(ROOT / "templates" / "templates.jsonl")


def test_every_template_is_within_the_limits() -> None:
    assert {
        template.name: template_problems(template) for template in TEMPLATES if template_problems(template)
    } == {}
    assert all(1 <= len(template.variables) <= 6 for template in TEMPLATES)


def test_every_name_has_three_languages_with_the_same_variables() -> None:
    by_name = defaultdict(list)
    for template in TEMPLATES:
        by_name[template.name].append(template)
    assert len(by_name) >= 28
    for versions in by_name.values():
        assert {template.language for template in versions} == {"fr", "en_GB", "es_ES"}
        assert (
            len({frozenset(variable.name for variable in template.variables) for template in versions}) == 1
        )
        assert len({(template.category, *template.intents) for template in versions}) == 1


def test_intents_are_those_of_the_card() -> None:
    labels = set(
        re.findall(r"^\| (\w+) \|", (ROOT / "cards" / "intents.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert {intent for template in TEMPLATES for intent in template.intents} <= labels | {"*"}


def test_examples_fill_every_template() -> None:
    for template in TEMPLATES:
        filled = fill(template, {variable.name: variable.example for variable in template.variables}, [])
        assert filled.missing == ()
        assert rendered_problems("", filled.body, [], []) == []
        assert "{{" not in json.dumps(send_payload(template, filled.values, "33639984117"))
        assert create_payload(template)["components"]
