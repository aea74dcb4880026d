"""What pydantic found, in words that a collections lead understands. Owns the sentences, not the places.

Each sentence says what was found and what was expected, and the nearest known word when there is one. The
keys and choices of a place are read from the model's JSON schema, the same one that editors get.
"""

import re
from collections.abc import Iterable
from typing import Any, Literal

import msgspec
import pydantic
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from orchestrator.domain.errors import RelanceError, did_you_mean
from orchestrator.intake.strict_yaml.file_shape import Shape

Path = tuple[str | int, ...]


class Finding(msgspec.Struct, frozen=True):
    """One fault of a document: where in it, what, and what to do. `at` the key or the value."""

    path: Path
    message: str
    hint: str = ""
    at: Literal["key", "value"] = "value"


def refusal(message: str, hint: str = "") -> PydanticCustomError:
    """The exception by which our own field types and models refuse a value, in our own words."""
    return PydanticCustomError("refused", "{message}", {"message": message, "hint": hint})


def refusal_at(path: Path, message: str, hint: str = "") -> pydantic.ValidationError:
    """As `refusal`, but of the value at a path below: for a model that judges several of its keys together."""
    detail: InitErrorDetails = {"type": refusal(message, hint), "loc": path, "input": None}
    return pydantic.ValidationError.from_exception_data("refused", [detail])


def refusal_of(error: RelanceError) -> PydanticCustomError:
    """A refusal of the domain, as a refusal of the field that it was read from."""
    return refusal(error.message, error.hint)


def findings_of(model: type[pydantic.BaseModel], error: pydantic.ValidationError, data: Any) -> list[Finding]:
    """One finding per fault, without the echoes: a misspelt key is not also reported as a missing one."""
    shape = Shape(model)
    details = error.errors(include_url=False)
    found = [_finding(shape, detail, data) for detail in details]
    unknown = [each.path for each in found if each.message == _UNKNOWN_KEY]
    kept: dict[Path, Finding] = {}
    for each in found:
        if not (each.message == _MISSING_KEY and _is_misspelt(each.path, unknown)):
            kept.setdefault(each.path, each)
    return list(kept.values())


_UNKNOWN_KEY = "this key is not known"
_MISSING_KEY = "this key is missing"


def _is_misspelt(missing: Path, unknown: list[Path]) -> bool:
    name = str(missing[-1])
    return any(path[:-1] == missing[:-1] and nearest(str(path[-1]), [name]) for path in unknown)


def _finding(shape: Shape, detail: ErrorDetails, data: Any) -> Finding:
    kind, context = detail["type"], detail.get("ctx", {})
    path = shape.path_of(detail["loc"], data)
    if kind == "missing":
        return Finding(path, _MISSING_KEY, shape.meaning(path, data), at="key")
    if kind == "extra_forbidden":
        name, known = str(path[-1]), shape.keys(path[:-1], data)
        hint = nearest(name, known) or f"known here: {', '.join(known)}"
        return Finding((*path[:-1], name), _UNKNOWN_KEY, hint, at="key")
    if kind == "union_tag_not_found":
        name = str(context["discriminator"]).strip("'")
        return Finding((*path, name), _MISSING_KEY, f"one of {', '.join(shape.tags(path, data))}", at="key")
    if kind == "union_tag_invalid":
        name = str(context["discriminator"]).strip("'")
        return Finding((*path, name), *not_a_choice(detail["input"][name], shape.tags(path, data)))
    if kind in ("enum", "literal_error"):
        choices = re.findall(r"'([^']*)'", str(context["expected"]))
        return Finding(path, *not_a_choice(detail["input"], choices))
    if kind == "refused":
        return Finding(path, str(context["message"]), str(context["hint"]))
    return Finding(path, *_wrong_value(detail, context, shape.meaning(path, data)))


def not_a_choice(value: Any, choices: list[str]) -> tuple[str, str]:
    """The sentence and the hint for a value outside a closed list."""
    message = f"{found(value)} is not one of {', '.join(choices)}"
    return message, nearest(value, choices) if isinstance(value, str) else ""


_EXPECTED = {
    "model_type": "a group of `key: value` lines", "model_attributes_type": "a group of `key: value` lines",
    "dict_type": "a group of `key: value` lines",
    "list_type": "a list", "tuple_type": "a list", "set_type": "a list", "frozen_set_type": "a list",
    "string_type": "a text", "int_type": "a whole number", "int_parsing": "a whole number",
    "int_from_float": "a whole number", "bool_type": "yes or no", "bool_parsing": "yes or no",
}  # fmt: skip
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"), "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"), "less_than": ("less than", "lt"),
}  # fmt: skip


def _wrong_value(detail: ErrorDetails, context: dict[str, Any], meaning: str) -> tuple[str, str]:
    kind, value = detail["type"], detail["input"]
    if kind in _EXPECTED:
        return f"found {found(value)}, expected {_EXPECTED[kind]}", meaning
    if kind in _BOUNDS:
        words, name = _BOUNDS[kind]
        return f"found {found(value)}, expected {words} {context[name]}", meaning
    if kind in ("too_short", "string_too_short"):
        least = context.get("min_length", 1)
        return ("it is empty" if least == 1 else f"it has fewer than {least} items"), meaning
    if kind in ("too_long", "string_too_long"):
        unit = "characters" if kind == "string_too_long" else "items"
        return f"it has more than {context['max_length']} {unit}", meaning
    if kind == "string_pattern_mismatch":
        return f"{found(value)} is not written as expected here", meaning
    if kind == "value_error":
        return str(context.get("error", "this cannot be used here")), meaning
    return f"{found(value)} cannot be used here", meaning


def found(value: Any) -> str:
    """What a value looks like to the person who wrote it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        shown = value if len(value) <= 40 else value[:39] + "…"
        return f'"{shown}"'
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        return "a group of keys"
    return "a list" if isinstance(value, list | tuple) else "nothing"


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean "x"?`, also when only case, spaces or dashes differ; empty when nothing is near."""
    plain = {_plain(each): each for each in known}
    if _plain(word) in plain:
        return f'did you mean "{plain[_plain(word)]}"?'
    suggestion = did_you_mean(_plain(word), plain)
    for each, written in plain.items():
        suggestion = suggestion.replace(f'"{each}"', f'"{written}"')
    return suggestion


def _plain(word: str) -> str:
    return word.strip().casefold().replace("-", "_").replace(" ", "_")


def written_path(path: Path, data: Any) -> str:
    """`rules[1].from ("FR-TIME-01")`: the dotted path, and the id of the innermost list item that has one."""
    text, label, value = "", "", data
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        value = _below(value, part)
        if isinstance(part, int) and isinstance(value, dict) and isinstance(value.get("id"), str):
            label = f' ("{value["id"]}")'
    return text + label


def _below(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(part) if isinstance(part, str) else None
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None
