"""What the repository publishes: its files, their text, their syntax trees and comments. Judges nothing."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_MADE_BY_TOOLS = re.compile(r"(^|/)(\.git|\.venv|\.hypothesis|\.[a-z_]+_cache|__pycache__|build|dist)/|\.egg-info/")

# A rule reads one file and yields "line: what is wrong, and what to do".
Rule = Callable[["Source"], Iterator[str]]


class Source:
    """One Python file: where it stands from the root, and what it says."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def lines(self) -> list[str]:
        """The lines, counted from 1 as the syntax tree counts them."""
        return ["", *self.text.removesuffix("\n").split("\n")]

    @cached_property
    def comments(self) -> list[tuple[int, str]]:
        """Line number and text of each comment; strings that look like comments are not."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


@cache
def files() -> tuple[str, ...]:
    """Every file that is committed or about to be, from the root; all files when git does not know them."""
    try:
        command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    except (FileNotFoundError, subprocess.CalledProcessError):
        listing = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*")]
        listing = [path for path in listing if not _MADE_BY_TOOLS.search(path)]
    return tuple(sorted(path for path in listing if path and (ROOT / path).is_file()))


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """The Python files of these top folders, of all when none is named."""
    paths = [path for path in files() if path.endswith(".py")]
    chosen = [path for path in paths if not folders or path.startswith(tuple(f"{name}/" for name in folders))]
    return tuple(Source(path, (ROOT / path).read_text("utf-8")) for path in chosen)


def assert_kept(rule: Rule, *folders: str) -> None:
    """Fails with every place that breaks the rule, as path:line, so that one run shows them all."""
    faults = [f"{source.path}:{fault}" for source in sources(*folders) for fault in rule(source)]
    if faults:
        pytest.fail("\n".join([f"{len(faults)} places break this rule:", *faults]), pytrace=False)


def faults_of(rule: Rule, text: str, *, path: str = "orchestrator/domain/planted.py") -> list[str]:
    """What the rule says of a text that is in no file: each rule must be seen to fail."""
    return list(rule(Source(path, text)))
