"""Every rule that is set aside names itself and says why: on the line, or in pyproject.toml."""

import re
import tomllib
from collections.abc import Iterator

from tests.architecture.repository import ROOT, Source, assert_kept, faults_of

_SETS_ASIDE = re.compile(r"(?i)#\s*(noqa|type:\s*ignore|ruff:|mypy:|pyright|pylint|pragma|nosec)")
_REASON = r"[\s#:—–-]+[^\s#:—–-].{4,}"
_NAMED_WITH_REASON = (
    re.compile(r"# noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*" + _REASON),
    re.compile(r"# type: ignore\[[a-z-]+(, ?[a-z-]+)*\]\s+#" + _REASON),
)
_IGNORE_LISTS = re.compile(r"^(?:ignore|\"[^\"]+\") = \[\n(.*?)^\]", re.MULTILINE | re.DOTALL)


def unexplained_exceptions(source: Source) -> Iterator[str]:
    for line, comment in source.comments:
        if _SETS_ASIDE.search(comment) and not any(form.search(comment) for form in _NAMED_WITH_REASON):
            yield f"{line}: {comment!r}: write # noqa: CODE - reason, or # type: ignore[code]  # reason"


def test_every_exception_on_a_line_names_its_rule_and_reason() -> None:
    assert_kept(unexplained_exceptions)


def test_an_unexplained_exception_is_found() -> None:
    for comment in (
        "# noqa",
        "# noqa: S101",
        "# noqa: S101 - why",
        "# type: ignore",
        "# type: ignore[arg-type]",
        "# ruff: noqa",
        "# mypy: ignore-errors",
        "# pragma: no cover",
    ):
        assert faults_of(unexplained_exceptions, f"x = 1  {comment}\n"), comment


def test_an_explained_exception_passes() -> None:
    for comment in (
        "# noqa: S101 - the invariant of the loop above",
        "# noqa: S101, B008 - the invariant of the loop above",
        "# type: ignore[arg-type]  # the stub forgets None",
    ):
        assert not faults_of(unexplained_exceptions, f"x = 1  {comment}\n"), comment
    assert not faults_of(unexplained_exceptions, 'x = "# noqa"\n')


def test_every_rule_ignored_in_pyproject_carries_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    section = text.partition("[tool.ruff.lint]")[2].partition("[tool.ruff.lint.flake8-builtins]")[0]
    lines = [line for block in _IGNORE_LISTS.findall(section) for line in block.splitlines()]
    assert len(lines) > 10, "the lists of ignored rules were not found"
    assert [line for line in lines if not re.search(r"# .{10,}", line)] == []


def test_every_module_mypy_is_soft_on_is_another_distribution() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert config["strict"] is True
    soft = [module for override in config["overrides"] for module in override["module"]]
    assert [name for name in soft if name.startswith(("orchestrator", "channels", "tests"))] == []
