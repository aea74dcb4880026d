"""A YAML file read as plain texts, lists and maps that know their line. Owns no meaning of any key.

Nothing is guessed: `yes`, `01` and `12:30` stay the texts they are; a key written twice, an anchor or a tag is refused.
"""

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from orchestrator.domain.errors import TemplateError, did_you_mean

_MAX_CHARACTERS = 400_000
_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in "str int float bool null timestamp seq map".split()}


class Text(msgspec.Struct, frozen=True):
    """A scalar, always text. `line` is where its first character stands (1 is the first)."""

    value: str
    where: str
    line: int


class Items(msgspec.Struct, frozen=True):
    """A sequence."""

    value: "tuple[Located, ...]"
    where: str


class Map(msgspec.Struct, frozen=True):
    """A mapping with text keys, in the order of the file; `key_places` is where each key stands."""

    value: "dict[str, Located]"
    where: str
    key_places: dict[str, str]

    def only(self, *known: str) -> None:
        """Raises TemplateError when a key is none of these."""
        for key in self.value:
            if key not in known:
                hint = did_you_mean(key, known) or f"known here: {', '.join(known)}"
                raise TemplateError(f'"{key}" means nothing here', where=self.key_places[key], hint=hint)

    def text(self, key: str) -> str:
        """The text of a required key."""
        return text_of(self.required(key)).value

    def required(self, key: str) -> "Located":
        """The value of a key that must be there."""
        if key not in self.value:
            raise TemplateError(f'"{key}" is missing', where=self.where)
        return self.value[key]


Located = Text | Items | Map


def read(text: str, path: str) -> Map:
    """The map that a file holds. Raises TemplateError with file:line:column."""
    if len(text) > _MAX_CHARACTERS:
        raise TemplateError(f"the file is larger than {_MAX_CHARACTERS} characters", where=path)
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
        raise TemplateError(f"this is not YAML: {error.problem}", where=place) from None
    return map_of(_located(node, path)) if node is not None else Map({}, path, {})


def map_of(value: Located) -> Map:
    """The value as a map, or TemplateError."""
    if not isinstance(value, Map):
        raise TemplateError("a map of `key: value` is expected here", where=value.where)
    return value


def text_of(value: Located) -> Text:
    """The value as a text, or TemplateError."""
    if not isinstance(value, Text):
        raise TemplateError("a text is expected here", where=value.where)
    return value


def texts_of(value: Located) -> tuple[Text, ...]:
    """A list of texts, or one text alone."""
    if isinstance(value, Items):
        return tuple(text_of(item) for item in value.value)
    return (text_of(value),)


def _refuse_tricks(node: Node, where: str) -> None:
    """Anchors and tags change what a text means out of its sight."""
    if node.anchor or str(node.tag) not in _PLAIN_TAGS:
        raise TemplateError(
            "anchors and tags are not used here",
            where=where,
            hint="put the text in quotes if it begins with & or !",
        )


def _located(node: Node, path: str) -> Located:
    mark = node.start_mark
    where = f"{path}:{mark.line + 1}:{mark.column + 1}"
    _refuse_tricks(node, where)
    if isinstance(node, ScalarNode):
        is_block = node.style in ("|", ">")
        return Text(node.value, where, mark.line + (2 if is_block else 1))
    if isinstance(node, SequenceNode):
        return Items(tuple(_located(item, path) for item in node.value), where)
    assert isinstance(node, MappingNode)  # noqa: S101 - compose gives these three kinds only
    found: dict[str, Located] = {}
    places: dict[str, str] = {}
    for key_node, value_node in node.value:
        key_mark = key_node.start_mark
        place = f"{path}:{key_mark.line + 1}:{key_mark.column + 1}"
        if not isinstance(key_node, ScalarNode):
            raise TemplateError("a key is a text", where=place)
        if key_node.value in found:
            raise TemplateError(f'"{key_node.value}" stands twice in this map', where=place)
        found[key_node.value] = _located(value_node, path)
        places[key_node.value] = place
    return Map(found, where, places)
