"""What a model lets a file say at a place: keys, choices and meanings, read from the model's JSON schema."""

from functools import cache
from typing import Any

import pydantic
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

Path = tuple[str | int, ...]
Node = dict[str, Any]


class _FileSchema(GenerateJsonSchema):
    """As pydantic's, but an absent key is absent: no file ever writes null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if made.get("default", "") is None:
            del made["default"]
        return made

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False


def schema_of(model: type[pydantic.BaseModel]) -> dict[str, Any]:
    """The JSON schema of the files of a model, for editors and for our own sentences."""
    return model.model_json_schema(by_alias=True, mode="validation", schema_generator=_FileSchema)


@cache
def _schema_once(model: type[pydantic.BaseModel]) -> Node:
    return schema_of(model)  # a tenth of a second for packs, and a file with one fault often has more


class Shape:
    """The JSON schema of a model, walked along the data of a file."""

    def __init__(self, model: type[pydantic.BaseModel]) -> None:
        self._root: Node = _schema_once(model)
        self._definitions: dict[str, Node] = self._root.get("$defs", {})

    def path_of(self, location: tuple[str | int, ...], data: Any) -> Path:
        """The place in the file of a pydantic location, which also names union members and wrapped items."""
        path: list[str | int] = []
        node, value = self._resolved(self._root), data
        for index, part in enumerate(location):
            if part in _mapping_of(node):
                node = self._definition(_mapping_of(node)[str(part)])
                continue
            is_last = index == len(location) - 1
            if not _is_in(value, part) and not (is_last and isinstance(value, dict) and isinstance(part, str)):
                continue
            path.append(part)
            node = self._child(node, part, value)
            value = value[part] if _is_in(value, part) else None
        return tuple(path)

    def keys(self, path: Path, data: Any) -> list[str]:
        """The keys that may stand in the group at this path."""
        node, value = self._at(path, data)
        return list(self._chosen(node, value).get("properties", {}))

    def tags(self, path: Path, data: Any) -> list[str]:
        """The choices of the key that tells what the group at this path is."""
        return list(_mapping_of(self._at(path, data)[0]))

    def meaning(self, path: Path, data: Any) -> str:
        """What the schema says that the value at this path is, or its choices; empty when it says nothing."""
        node = self._at(path, data)[0]
        if "description" not in node and "enum" in node:
            return "one of " + ", ".join(str(each) for each in node["enum"])
        return str(node.get("description", "")).removesuffix(".")

    def _at(self, path: Path, data: Any) -> tuple[Node, Any]:
        node, value = self._resolved(self._root), data
        for part in path:
            node = self._child(node, part, value)
            value = value[part] if _is_in(value, part) else None
        return node, value

    def _child(self, node: Node, part: str | int, value: Any) -> Node:
        node = self._chosen(node, value)
        if isinstance(part, int):
            return self._resolved(node.get("items", {}))
        found = node.get("properties", {}).get(part) or node.get("additionalProperties") or {}
        return self._resolved(found) if isinstance(found, dict) else {}

    def _chosen(self, node: Node, value: Any) -> Node:
        """The alternative that fits the value: by its tag, else by whether it is a group or a list."""
        mapping = _mapping_of(node)
        if mapping and isinstance(value, dict):
            tag = value.get(node["discriminator"]["propertyName"])
            return self._definition(mapping[tag]) if isinstance(tag, str) and tag in mapping else {}
        wanted = "object" if isinstance(value, dict) else "array" if isinstance(value, list) else ""
        for each in (*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("allOf", ())):
            alternative = self._chosen(self._resolved(each), value)
            if alternative.get("type") == wanted:
                return alternative
        return node

    def _resolved(self, node: Node) -> Node:
        """The node behind a reference; what stands beside the reference (a description) wins."""
        if "$ref" in node:
            return {**self._definition(node["$ref"]), **{key: node[key] for key in node if key != "$ref"}}
        return node

    def _definition(self, reference: str) -> Node:
        return self._resolved(self._definitions[reference.rpartition("/")[2]])


def _mapping_of(node: Node) -> dict[str, str]:
    found = node.get("discriminator", {}).get("mapping", {})
    return found if isinstance(found, dict) else {}


def _is_in(value: Any, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)
