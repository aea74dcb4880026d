"""Who may import, call and read what, where import-linter cannot see it; and that its contracts do bite."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT, Source, assert_kept, faults_of

_CLOCKS = {"now", "utcnow", "today"}
_PURE_OF = {"random", "secrets", "time", "uuid"}
_EFFECTS = {"open", "print", "input"}
_TAKE_NOW = tuple(
    f"orchestrator/{name}/" for name in ("domain", "intake", "rendering", "storage", "flows", "simulator")
)
_MAY_READ_ENVIRONMENT = ("orchestrator/settings.py", "tests/")


# -------------------------------------------------------------------------- imports stand at the top


def late_imports(source: Source) -> Iterator[str]:
    for function in ast.walk(source.tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom) and not _has_reason(source, node.lineno):
                yield f"{node.lineno}: import inside a function; move it up, or say why: # late: reason"


def _has_reason(source: Source, line: int) -> bool:
    _, _, reason = source.lines[line].partition("# late: ")
    return len(reason.strip()) >= 10


def test_no_import_stands_inside_a_function() -> None:
    assert_kept(late_imports)


def test_an_import_inside_a_function_is_found() -> None:
    assert faults_of(late_imports, "def f():\n    if True:\n        import json\n")
    assert faults_of(late_imports, "def f():\n    import json  # late: short\n")
    assert not faults_of(late_imports, "def f():\n    import json  # late: the start-up stays under 0.5 s\n")
    assert not faults_of(late_imports, "import json\n")


# ------------------------------------------------------------- clock, chance and environment are given


def clocks_read(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in _CLOCKS and _is_a_date_class(node.value):
            yield f"{node.lineno}: reads the clock; take `now` as a parameter"


def _is_a_date_class(node: ast.expr) -> bool:
    return ast.unparse(node).rpartition(".")[2] in {"date", "datetime", "DateTime"}


def impurities(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for module in {name.partition(".")[0] for name in _imported(node)} & _PURE_OF:
                yield f"{node.lineno}: the domain imports {module}; clocks, seeds and ids are given to it"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _EFFECTS:
            yield f"{node.lineno}: the domain calls {node.func.id}(); it has no input or output"
        if isinstance(node, ast.Global):
            yield f"{node.lineno}: the domain changes a global; return the new value"


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]


def environment_read(source: Source) -> Iterator[str]:
    if source.path.startswith(_MAY_READ_ENVIRONMENT):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv", "os.putenv"}:
            yield f"{node.lineno}: reads the environment; settings.py does, bootstrap.py hands it down"
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            yield f"{node.lineno}: import os, so that a reader sees what is asked of it"


def test_nothing_below_the_entry_points_reads_the_clock() -> None:
    assert_kept(clocks_read, *(folder.rstrip("/") for folder in _TAKE_NOW))


def test_the_domain_has_no_clock_chance_or_effect() -> None:
    assert_kept(impurities, "orchestrator/domain")


def test_only_settings_reads_the_environment() -> None:
    assert_kept(environment_read)


@pytest.mark.parametrize(
    "text",
    ["import datetime as dt\ndt.datetime.now(dt.UTC)\n", "from datetime import date\nf(date.today)\n"],
)
def test_a_clock_is_found(text: str) -> None:
    assert faults_of(clocks_read, text)


def test_a_word_that_is_not_a_clock_is_not_found() -> None:
    assert not faults_of(clocks_read, "def f(now):\n    return now.today, window.now\n")


@pytest.mark.parametrize(
    "text",
    ["import random\n", "from time import monotonic\n", "import uuid\n", "print()\n", "def f():\n global x"],
)
def test_an_effect_in_the_domain_is_found(text: str) -> None:
    assert faults_of(impurities, text)


def test_an_environment_read_is_found() -> None:
    text = "import os\nx = os.environ['A']\n"
    assert faults_of(environment_read, text)
    assert faults_of(environment_read, "from os import environ\n")
    assert not faults_of(environment_read, text, path="orchestrator/settings.py")


# ------------------------------------------------------------------------------ the contracts bite

_PLANTED = {
    "layers": ("orchestrator/domain/planted.py", "import orchestrator.storage\n"),
    "intake-layers": ("orchestrator/intake/tables/planted.py", "import orchestrator.intake.ledger\n"),
    "channels-alone": ("channels/planted.py", "import orchestrator.domain\n"),
    "domain-contract": ("orchestrator/domain/planted.py", "import channels.gsm7\n"),
    "sql-in-storage": ("orchestrator/flows/planted.py", "import sqlalchemy.orm\n"),
    "domain-pure": ("orchestrator/domain/planted.py", "import jinja2\n"),
    "holidays-in-place": ("orchestrator/flows/planted.py", "import holidays\n"),
}


@pytest.fixture
def small_tree(tmp_path: Path) -> Path:
    """A tree that keeps every contract."""
    packages = ["channels", "orchestrator"]
    packages += [f"orchestrator/{name}" for name in ("domain", "storage", "intake", "rendering", "flows")]
    packages += [f"orchestrator/intake/{name}" for name in ("tables", "ledger")]
    for package in packages:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "channels/contract.py").touch()
    (tmp_path / "channels/gsm7.py").touch()
    (tmp_path / "orchestrator/domain/allowed.py").write_text("import msgspec, channels.contract\n")
    (tmp_path / "orchestrator/domain/place.py").write_text("import holidays\n")
    (tmp_path / "orchestrator/storage/allowed.py").write_text("import sqlalchemy, psycopg\n")
    (tmp_path / "orchestrator/flows/allowed.py").write_text("import orchestrator.storage.allowed\n")
    return tmp_path


def test_each_contract_accepts_what_is_allowed(small_tree: Path) -> None:
    assert _broken_contracts(small_tree) == set()


def test_each_contract_is_broken_by_the_import_it_forbids(small_tree: Path) -> None:
    for number, (path, text) in enumerate(_PLANTED.values()):
        (small_tree / path).with_name(f"planted_{number}.py").write_text(text)
    assert _broken_contracts(small_tree) == set(_PLANTED)


def test_a_module_without_a_layer_breaks_the_layers(small_tree: Path) -> None:
    (small_tree / "orchestrator/stray.py").touch()
    assert _broken_contracts(small_tree) == {"layers"}


def _broken_contracts(tree: Path) -> set[str]:
    config = ROOT / "pyproject.toml"
    declared = tomllib.loads(config.read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    call = "from importlinter.cli import lint_imports_command as main; main()"
    options = ["--config", str(config), "--no-cache", "--no-logo"]
    done = subprocess.run([sys.executable, "-c", call, *options], cwd=tree, check=False, capture_output=True, text=True)
    assert "\nContracts: " in done.stdout, done.stdout + done.stderr
    return {each["id"] for each in declared if f"\n{each['name']} BROKEN" in done.stdout}
