"""Scopes of pauses as people and requests give them: names, and conditions as in an audience. Owns no other shape."""

from typing import Any

import pydantic

from orchestrator.domain.condition import ALWAYS, Condition
from orchestrator.domain.errors import InputError
from orchestrator.intake.strict_yaml.conditions import read_condition
from orchestrator.intake.strict_yaml.source import parse


def read_scope(named: dict[str, Any], where: str | None = None) -> Condition:
    """One condition of what is named and what `where` adds, a YAML mapping; everything when both are empty.

    Raises FileError for what is no YAML, InputError for a condition that does not exist.
    """
    data = dict(named)
    if where:
        added = parse(where, name="the scope").data
        if not isinstance(added, dict):
            raise InputError(
                "a scope is written {field: value}", where="scope", hint="as in the audience of a campaign"
            )
        data.update(added)
    if not data or data == {"all": True}:
        return ALWAYS
    try:
        return read_condition(data)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "scope"
        raise InputError(f"this scope is not understood: {first['msg']}", where=place) from None
