"""Bodies that say what a YAML file may say: crises, scopes. Read by the same model, refused in the same words."""

from typing import Any, TypeVar

import pydantic

from orchestrator.domain.errors import InputError
from orchestrator.intake.strict_yaml.source import FileErrors, Source, validate

Model = TypeVar("Model", bound=pydantic.BaseModel)

# Conditions nest; nobody writes them deeper than this, and reading walks them.
_DEEPEST = 12


def as_written(model: type[Model], body: dict[str, Any]) -> Model:
    """The body as that model. Raises InputError: the first fault with its path, and the others after it."""
    check_depth(body)
    source = Source(name="body", data=body, places={(): ((1, 1), (1, 1))}, text="")
    try:
        return validate(model, source)
    except FileErrors as errors:
        first, *others = errors.errors
        more = "; ".join(error.message for error in others[:5])
        hint = "; ".join(filter(None, (first.hint, more)))
        raise InputError(first.message, hint=hint, where="body") from None


def check_depth(body: object, depth: int = 0) -> None:
    """Raises InputError for a body nested deeper than anybody writes, or with a name that is empty."""
    if depth > _DEEPEST:
        raise InputError("the body is nested too deep", hint="write it flatter", where="body")
    if isinstance(body, dict) and "" in body:
        raise InputError("a name is empty", hint="give it one, or leave it out", where="body")
    values = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    for value in values:
        check_depth(value, depth + 1)
