"""What may stand in a template or a phrase: names, if, for over a list, comparisons with words. Nothing else.

The sandbox of Jinja2 stops tricks with attributes, not `'a' * 100000000` nor nested loops: the list below does.
"""

from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from orchestrator.domain.errors import TemplateError, did_you_mean
from orchestrator.rendering.facts import FACTS, ROW, ROW_FIELDS

_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.CondExpr, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Const, nodes.Tuple, nodes.List, nodes.For, nodes.Getattr,
)  # fmt: skip
_COMPARISONS = ("eq", "ne", "in", "notin")
_MAX_WORD = 100
_WORDING = {
    nodes.Call: "a function call",
    nodes.Filter: "a filter",
    nodes.Test: "a test",
    nodes.Getitem: "an index",
    nodes.Assign: "set",
    nodes.Macro: "a macro",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "import",
    nodes.Extends: "extends",
    nodes.Block: "a block",
}


@cache
def environment(*, is_html: bool) -> ImmutableSandboxedEnvironment:
    """The Jinja2 environment of HTML (values are escaped) or of plain text. Without globals, filters or tests."""
    env = ImmutableSandboxedEnvironment(
        autoescape=is_html, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, cache_size=0
    )
    for tools in (env.globals, env.filters, env.tests):
        tools.clear()
    return env


@lru_cache(maxsize=4096)
def _parsed(source: str) -> tuple[nodes.Template, nodes.Node | None, str]:
    """The tree of a source, with its first node that may not stand there and why."""
    tree = environment(is_html=False).parse(source)
    for node in _walk(tree):
        fault = _fault(node)
        if fault:
            return tree, node, fault
    return tree, None, ""


def parse(source: str, *, path: str, first_line: int = 1) -> list[nodes.Node]:
    """The nodes of a source, each one allowed. Raises TemplateError with `path:line`.

    They are shared: whoever transforms them builds new ones.
    """
    try:
        tree, node, fault = _parsed(source)
    except TemplateSyntaxError as error:
        where = f"{path}:{first_line + error.lineno - 1}"
        raise TemplateError(f"this template cannot be read: {error.message}", where=where) from None
    if node is not None:
        hint = "templates hold names, if, for, and comparisons with words; see templates/README.md"
        raise TemplateError(fault, where=place(node, path, first_line), hint=hint)
    return tree.body


def check_names(
    source: str, *, path: str, first_line: int = 1, known: Callable[[str], bool], names: frozenset[str]
) -> None:
    """Raises TemplateError for a name that is no fact, no field of a row and not `known`; `names` are for hints."""
    for node in _walk(nodes.Template(parse(source, path=path, first_line=first_line), lineno=1)):
        where = place(node, path, first_line)
        if isinstance(node, nodes.Getattr) and node.attr not in ROW_FIELDS:
            hint = did_you_mean(node.attr, ROW_FIELDS)
            raise TemplateError(f'a row has no "{node.attr}"', where=where, hint=hint, code="unknown_variable")
        if isinstance(node, nodes.Name) and node.name not in FACTS and node.name != ROW and not known(node.name):
            raise unknown(node.name, where, names)


def place(node: nodes.Node, path: str, first_line: int) -> str:
    """`path:line` of a node of a template whose first line is `first_line` of its file."""
    return f"{path}:{first_line + node.lineno - 1}"


def unknown(name: str, where: str, names: frozenset[str]) -> TemplateError:
    """The error for a name that nothing has."""
    hint = did_you_mean(name, names | FACTS.keys()) or "the facts are listed in templates/README.md"
    return TemplateError(f'unknown variable "{name}"', where=where, hint=hint, code="unknown_variable")


def _walk(tree: nodes.Node) -> Iterator[nodes.Node]:
    for child in tree.iter_child_nodes():
        line: int | None = child.lineno
        if line is None:  # the parser leaves operators without a line
            child.lineno = tree.lineno
        yield child
        yield from _walk(child)


def _fault(node: nodes.Node) -> str:
    """Why a node may not stand in a template, or an empty string."""
    if not isinstance(node, _ALLOWED):
        return f"{_WORDING.get(type(node), type(node).__name__)} may not stand in a template"
    if isinstance(node, nodes.Const):
        return (
            ""
            if isinstance(node.value, str) and len(node.value) <= _MAX_WORD
            else "only short words may be compared with"
        )
    if isinstance(node, nodes.Operand) and node.op not in _COMPARISONS:
        return "only ==, != and in may compare"
    if isinstance(node, nodes.Tuple | nodes.List) and not all(isinstance(item, nodes.Const) for item in node.items):
        return "a list holds words only"
    if isinstance(node, nodes.Getattr):
        is_row = isinstance(node.node, nodes.Name) and node.node.name == ROW
        return "" if is_row else f"only {ROW} has parts ({ROW}.reference)"
    return _loop_fault(node) if isinstance(node, nodes.For) else ""


def _loop_fault(loop: nodes.For) -> str:
    is_row = isinstance(loop.target, nodes.Name) and loop.target.name == ROW
    over = loop.iter.name if isinstance(loop.iter, nodes.Name) else ""
    if not is_row or over not in FACTS or FACTS[over].kind != "rows":
        lists = ", ".join(fact.name for fact in FACTS.values() if fact.kind == "rows")
        return f"a loop is written `for {ROW} in` one of {lists}"
    if loop.else_ or loop.test or loop.recursive:
        return "a loop has no else, if or recursive"
    if any(isinstance(inner, nodes.For) for inner in _walk(loop)):
        return "a loop holds no other loop"
    return ""
