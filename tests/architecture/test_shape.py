"""The shape of each module: it says what it owns, bears a telling name, and is small."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.repository import Source, assert_kept, faults_of

_FILE_LINES = 400
_FUNCTION_LINES = 60
_SAYS_NOTHING = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}


def missing_docstring(source: Source) -> Iterator[str]:
    if source.tree.body and not ast.get_docstring(source.tree):
        yield "1: no module docstring; say in one to three lines what it owns and what it does not"


def empty_names(source: Source) -> Iterator[str]:
    for part in source.path.removesuffix(".py").split("/"):
        if _SAYS_NOTHING & set(part.split("_")):
            yield f"1: the name {part!r} says nothing; name the thing, or the action"


def long_files(source: Source) -> Iterator[str]:
    lines = len(source.lines) - 1
    if lines > _FILE_LINES and not any(_gives_reason(line) for line in source.lines[:12]):
        yield f"1: {lines} lines, over {_FILE_LINES}; split it, or say why near the top: # long: reason"


def long_functions(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        count = (node.end_lineno or node.lineno) - node.lineno + 1
        signature = source.lines[node.lineno : node.body[0].lineno]
        if count > _FUNCTION_LINES and not any(_gives_reason(line) for line in signature):
            yield f"{node.lineno}: {count} lines in {node.name}, over {_FUNCTION_LINES}; or # long: reason"


def _gives_reason(line: str) -> bool:
    _, _, reason = line.partition("# long: ")
    return len(reason.strip()) >= 10


@pytest.mark.parametrize("rule", [missing_docstring, empty_names, long_files, long_functions])
def test_every_module_keeps(rule: object) -> None:
    assert callable(rule)
    assert_kept(rule)


def test_a_module_without_docstring_is_found() -> None:
    assert faults_of(missing_docstring, "x = 1\n")
    assert not faults_of(missing_docstring, '"""Owns x."""\nx = 1\n')
    assert not faults_of(missing_docstring, "")


@pytest.mark.parametrize("path", ["a/utils.py", "a/date_helpers.py", "common/dates.py", "a/lane_manager.py"])
def test_a_name_that_says_nothing_is_found(path: str) -> None:
    assert faults_of(empty_names, "", path=path)


def test_a_telling_name_passes() -> None:
    assert not faults_of(empty_names, "", path="orchestrator/domain/commonhold.py")


def test_a_long_file_is_found() -> None:
    assert faults_of(long_files, "x = 1\n" * 401)
    assert not faults_of(long_files, "x = 1\n" * 400)
    assert not faults_of(long_files, '"""Doc."""\n# long: one table of facts\n' + "x = 1\n" * 400)


def test_a_long_function_is_found() -> None:
    assert faults_of(long_functions, "def f():\n" + "    x = 1\n" * 60)
    assert not faults_of(long_functions, "def f():\n" + "    x = 1\n" * 59)
    assert not faults_of(long_functions, "def f():  # long: one table of cases\n" + "    x = 1\n" * 60)
    hidden = "def f():\n    x = 1\n    # long: hidden far inside\n"
    assert faults_of(long_functions, hidden + "    y = 1\n" * 60)
