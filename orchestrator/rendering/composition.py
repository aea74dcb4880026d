"""Puts phrases and parts in their places in a template, once, and compiles the whole. Renders nothing, reads no file.

`{{ opening }}` becomes the lines of that phrase, as an if-chain over their conditions; what the place already answers
(voice, channel, template) is decided here, so that a message costs one template and no look-up.
"""

from collections.abc import Iterator, Mapping

import msgspec
from jinja2 import Template, nodes
from markupsafe import escape

from channels import gsm7
from channels.contract import Channel
from orchestrator.domain.campaign import Purpose
from orchestrator.domain.errors import TemplateError
from orchestrator.domain.voice import Voice
from orchestrator.rendering.facts import FACTS, ROW
from orchestrator.rendering.phrasebook import Condition, Line, Phrasebook
from orchestrator.rendering.reading import Fact, Value
from orchestrator.rendering.sandbox import environment, parse, place, unknown
from orchestrator.rendering.typography import Typography

_MAX_DEPTH = 8


class Place(msgspec.Struct, frozen=True):
    """Where words will stand: everything about a message that is known before its facts."""

    template: str
    purpose: Purpose
    voice: Voice
    channel: Channel
    shows_amounts: bool

    def answers(self, condition: Condition) -> bool:
        """Whether a condition on the place holds."""
        return str(getattr(self, condition.name)) in condition.values


class Source(msgspec.Struct, frozen=True):
    """A text and where it stands, for errors. `is_phrase`: typed by a writer, so typography and escaping apply."""

    text: str
    path: str
    first_line: int = 1
    is_phrase: bool = False


class Compiled(msgspec.Struct, frozen=True):
    """A template ready to render with the facts it names."""

    template: Template
    facts: tuple[Fact, ...]

    def render(self, values: Mapping[str, Value]) -> str:
        """The text for these values, which hold at least those of `facts`."""
        template = self.template
        return "".join(template.root_render_func(template.new_context(values, shared=True)))  # type: ignore[arg-type]  # a Mapping serves


class Composer:
    """Composes templates for one place in one language."""

    def __init__(
        self, book: Phrasebook, place: Place, hand: Typography, *, constants: Mapping[str, str], is_html: bool = False
    ) -> None:
        self._book = book
        self._place = place
        self._hand = hand
        self._constants = constants
        self._is_html = is_html
        self._named: set[str] = set()
        self._asked: list[str] = []  # phrases that an enclosing `if` has asked for: they may have nothing to say

    def compile(self, source: Source) -> Compiled:
        """Raises TemplateError, with the place in the file, for anything that cannot be said."""
        tree, facts = self.compose(source)
        env = environment(is_html=self._is_html)
        tree.set_environment(env)
        tree.set_lineno(1)  # the code generator wants one; places in files were checked while composing
        return Compiled(env.from_string(tree), facts)

    def compose(self, source: Source) -> tuple[nodes.Template, tuple[Fact, ...]]:
        """The composed template and the facts it names, not compiled: enough to know that it can be said."""
        body = self._body(parse(source.text, path=source.path, first_line=source.first_line), source, (), ())
        return nodes.Template(body), tuple(FACTS[name] for name in sorted(self._named))

    # ------------------------------------------------------------ statements

    def _body(
        self, body: list[nodes.Node], source: Source, scope: tuple[str, ...], trail: tuple[str, ...]
    ) -> list[nodes.Node]:
        out: list[nodes.Node] = []
        for node in body:
            if isinstance(node, nodes.Output):
                for part in node.iter_child_nodes():
                    self._output(part, source, scope, trail, out)
            elif isinstance(node, nodes.If):
                out += self._if(node, source, scope, trail)
            elif isinstance(node, nodes.For):
                out.append(self._for(node, source, trail))
        return out

    def _output(
        self, part: nodes.Node, source: Source, scope: tuple[str, ...], trail: tuple[str, ...], out: list[nodes.Node]
    ) -> None:
        if isinstance(part, nodes.TemplateData):
            _add(out, nodes.TemplateData(self._set(part.data, source)))
        elif isinstance(part, nodes.Name) and part.name in self._constants:
            _add(out, nodes.TemplateData(self._constants[part.name]))
        elif isinstance(part, nodes.Name) and part.name in self._book.names:
            self._merge(out, self._phrase(part.name, _where(part, source), scope, trail))
        else:
            _add(out, self._expression(part, source, scope))

    def _merge(self, out: list[nodes.Node], body: list[nodes.Node]) -> None:
        for node in body:
            if isinstance(node, nodes.Output):
                for part in node.nodes:
                    _add(out, part)
            else:
                out.append(node)

    def _if(self, node: nodes.If, source: Source, scope: tuple[str, ...], trail: tuple[str, ...]) -> list[nodes.Node]:
        branches: list[tuple[nodes.Expr, list[nodes.Node]]] = []
        for test_node, body in [(node.test, node.body), *((inner.test, inner.body) for inner in node.elif_)]:
            test = self._expression(test_node, source, scope)
            if isinstance(test, nodes.Const) and not test.value:
                continue
            asked = [name.name for name in _names_in(test_node) if name.name in self._book.names]
            self._asked += asked
            branches.append((test, self._body(body, source, scope, trail)))
            del self._asked[len(self._asked) - len(asked) :]
        return _chain(branches, self._body(node.else_, source, scope, trail))

    def _for(self, node: nodes.For, source: Source, trail: tuple[str, ...]) -> nodes.Node:
        assert isinstance(node.iter, nodes.Name)  # noqa: S101 - sandbox.parse has checked the shape of a loop
        self._named.add(node.iter.name)
        fields = FACTS[node.iter.name].fields
        target = nodes.Tuple([nodes.Name(_row(field), "store") for field in fields], "store")
        body = self._body(node.body, source, fields, trail)
        return nodes.For(target, nodes.Name(node.iter.name, "load"), body, [], None, False)

    def _phrase(self, name: str, where: str, scope: tuple[str, ...], trail: tuple[str, ...]) -> list[nodes.Node]:
        if name in trail or len(trail) >= _MAX_DEPTH:
            raise TemplateError(f'the phrase "{name}" leads back to itself', where=where)
        chain: list[tuple[nodes.Expr, list[nodes.Node]]] = []
        for line, terms in self._lines(name):
            source = Source(line.text.value, line.text.where.rsplit(":", 2)[0], line.text.line, is_phrase=True)
            parsed = parse(source.text, path=source.path, first_line=source.first_line)
            body = self._body(parsed, source, scope, (*trail, name))
            if not terms:
                return _chain(chain, body)
            chain.append((self._all(terms), body))
        if name in self._asked:
            return _chain(chain, [])
        raise TemplateError(
            f'the phrasebook "{self._book.language}" has no line of "{name}" that always fits',
            where=self._book.path,
            hint=f"{self._described()}: add a last line without `when`, or say it inside {{% if {name} %}} in {where}",
            code="phrase_missing",
        )

    def _lines(self, name: str) -> list[tuple[Line, list[Condition]]]:
        """The lines that this place leaves possible, with the conditions that remain to be asked."""
        place = self._place
        lines = self._book.lines(name, template=place.template, purpose=place.purpose, voice=place.voice)
        return [
            (line, [term for term in line.when if term.kind != "place"])
            for line in lines
            if all(place.answers(term) for term in line.when if term.kind == "place")
        ]

    # ------------------------------------------------------------ expressions

    def _expression(self, node: nodes.Node, source: Source, scope: tuple[str, ...]) -> nodes.Expr:
        if isinstance(node, nodes.Name):
            return self._name(node, source)
        if isinstance(node, nodes.Getattr):
            if node.attr not in scope:
                raise unknown(
                    f"{ROW}.{node.attr}", _where(node, source), frozenset(f"{ROW}.{field}" for field in scope)
                )
            return nodes.Name(_row(node.attr), "load")

        def again(inner: nodes.Node) -> nodes.Expr:
            return self._expression(inner, source, scope)

        if isinstance(node, nodes.Not):
            return nodes.Not(again(node.node))
        if isinstance(node, nodes.And | nodes.Or):
            return type(node)(again(node.left), again(node.right))
        if isinstance(node, nodes.Compare):
            return nodes.Compare(again(node.expr), node.ops)
        if isinstance(node, nodes.CondExpr):
            other = again(node.expr2) if node.expr2 else nodes.Const("")
            return nodes.CondExpr(again(node.test), again(node.expr1), other)
        assert isinstance(node, nodes.Expr)  # noqa: S101 - sandbox.parse leaves words and lists of words
        return node

    def _name(self, node: nodes.Name, source: Source) -> nodes.Expr:
        if node.name == "shows_amounts":
            return nodes.Const(self._place.shows_amounts)
        if node.name in self._book.names:
            return self._is_said(node.name)
        if node.name not in FACTS:
            raise unknown(node.name, _where(node, source), self._book.names)
        self._named.add(node.name)
        return nodes.Name(node.name, "load")

    def _is_said(self, name: str) -> nodes.Expr:
        """Whether a phrase says anything: its first line that fits is not empty."""
        said: nodes.Expr = nodes.Const(False)
        for line, terms in reversed(self._lines(name)):
            speaks = nodes.Const(bool(line.text.value))
            said = nodes.CondExpr(self._all(terms), speaks, said) if terms else speaks
        return said

    def _all(self, terms: list[Condition]) -> nodes.Expr:
        test = self._test(terms[0])
        for term in terms[1:]:
            test = nodes.And(test, self._test(term))
        return test

    def _test(self, term: Condition) -> nodes.Expr:
        self._named.add(term.name)
        name = nodes.Name(term.name, "load")
        if term.kind == "words":
            words = nodes.Tuple([nodes.Const(word) for word in term.values], "load")
            return nodes.Compare(name, [nodes.Operand("in", words)])
        return name if term.wanted else nodes.Not(name)

    # ------------------------------------------------------------ text

    def _set(self, text: str, source: Source) -> str:
        """A writer's words as they will be read: spaces, apostrophes, the SMS alphabet, HTML escapes."""
        if self._place.channel is Channel.SMS:
            return gsm7.to_gsm7(text).text
        if self._is_html and not source.is_phrase:
            return text
        return str(escape(self._hand.spaced(text))) if self._is_html else self._hand.spaced(text)

    def _described(self) -> str:
        return f"template {self._place.template}, voice {self._place.voice}, {self._place.channel}"


def _names_in(test: nodes.Node) -> Iterator[nodes.Name]:
    if isinstance(test, nodes.Name):
        yield test
    yield from test.find_all(nodes.Name)


def _row(field: str) -> str:
    return f"{ROW}_{field}"


def _where(node: nodes.Node, source: Source) -> str:
    return place(node, source.path, source.first_line)


def _add(out: list[nodes.Node], part: nodes.Expr) -> None:
    """Joins what follows each other: one Output, and one text where two meet."""
    if not out or not isinstance(out[-1], nodes.Output):
        out.append(nodes.Output([]))
    last = out[-1]
    assert isinstance(last, nodes.Output)  # noqa: S101 - the line above made it so
    before = last.nodes[-1] if last.nodes else None
    if isinstance(part, nodes.TemplateData) and isinstance(before, nodes.TemplateData):
        last.nodes.pop()
        part = nodes.TemplateData(before.data + part.data)
    last.nodes.append(part)


def _chain(branches: list[tuple[nodes.Expr, list[nodes.Node]]], otherwise: list[nodes.Node]) -> list[nodes.Node]:
    """if / elif / else, with what is already known left out."""
    open_branches: list[tuple[nodes.Expr, list[nodes.Node]]] = []
    for test, body in branches:
        if isinstance(test, nodes.Const):
            if test.value:
                otherwise = body
                break
            continue
        open_branches.append((test, body))
    if not open_branches:
        return otherwise
    (test, body), *rest = open_branches
    elifs = [nodes.If(inner, inner_body, [], []) for inner, inner_body in rest]
    return [nodes.If(test, body, elifs, otherwise)]
