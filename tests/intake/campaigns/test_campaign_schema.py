"""The JSON schema of campaign files: what editors check and show must be what we accept."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest

from orchestrator.domain.condition import FIELDS
from orchestrator.intake.campaigns.campaign_yaml import campaign_schema
from orchestrator.intake.campaigns.words import EVENTS
from orchestrator.intake.strict_yaml.source import parse, read
from tests.intake.campaigns.campaign_fixtures import EXAMPLE, ROOT, SHIPPED, edited, load_text

SCHEMA = campaign_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", [*SHIPPED, EXAMPLE], ids=lambda path: path.stem)
def test_the_schema_accepts_what_ships(path: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(read(path).data)] == []


@pytest.mark.parametrize(
    "edit, place",
    [
        (("gap: 5d", "gap: 5 jours"), ["gap"]),
        (("at: due + 5d", "at: J+5"), ["steps", 1, "at"]),
        (("voice: firm", "voice: ferme"), ["steps", 3, "send", "voice"]),
        (("rate: 20/s", "rate: 20"), ["limits", "rate"]),
        (("over: 0.3 %", "over: 0.3"), ["guards", 0, "over"]),
        (("promise.broken:", "promise.brocken:"), ["reactions"]),
        (("priority: 20 ", 'priority: "20" '), ["priority"]),
        (("steps:\n", "steps: []\nsteppes:\n"), []),
        (("event: promise.made", "event: promise.maid"), ["tests", 1, "when", 0, "event"]),
    ],
)
def test_the_schema_refuses_what_we_refuse(edit: tuple[str, str], place: list[str | int]) -> None:
    data = parse(edited(edit), name="c.yaml").data
    assert place in [list(error.absolute_path) for error in VALIDATOR.iter_errors(data)]


def keys(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key that the schema describes, with its own schema."""
    if isinstance(node, list):
        for each in node:
            yield from keys(each, path)
    elif isinstance(node, dict):
        for name, value in node.get("properties", {}).items():
            yield f"{path}.{name}", value
            yield from keys(value, f"{path}.{name}")
        for name, value in node.items():
            if name != "properties":
                yield from keys(value, f"{path}/{name}" if name not in ("$defs", "anyOf") else path)


def test_every_key_has_a_sentence_for_the_reader() -> None:
    """R1: an editor explains each key."""
    described = dict(keys(SCHEMA))
    assert len(described) > 120
    assert [path for path, node in described.items() if len(node.get("description", "")) < 8] == []


def test_no_key_takes_null_or_a_name_that_python_needs() -> None:
    for path, node in keys(SCHEMA):
        assert not path.endswith("_"), path
        assert "title" not in node or path.endswith("title"), path
        assert {"type": "null"} not in node.get("anyOf", []), path


def test_every_event_and_every_word_of_a_condition_is_in_the_schema() -> None:
    assert set(SCHEMA["$defs"]["ReactionsModel"]["properties"]) == set(EVENTS)
    assert set(FIELDS) <= set(SCHEMA["$defs"]["ConditionFile"]["properties"])


def test_editors_may_write_yes_or_true() -> None:
    text = edited(("phone: yes, email: no", "phone: true, email: false"))
    assert load_text(text).tests[0].given.has_phone
    assert VALIDATOR.is_valid(parse(text, name="c.yaml").data)


def test_the_schema_beside_the_campaigns_is_the_one_of_the_code() -> None:
    """Editors read the file: a new key or word must be there too."""
    beside = json.loads((ROOT / "campaigns" / "campaign.schema.json").read_text("utf-8"))
    remade = "run: relance campaign schema --output campaigns/campaign.schema.json"
    assert beside == json.loads(json.dumps(SCHEMA)), remade


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_campaign_points_editors_to_the_schema(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert "# yaml-language-server: $schema=campaign.schema.json" in lines
