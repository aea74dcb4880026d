"""What is installed is what is declared: lock files, the wheel, the scripts that build and check."""

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT, files, sources

_PINNED = re.compile(
    r"^([a-z0-9.-]+)==(\S+)(?: ; [^\\]+)?(?:\[.*\])? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)"
)
_SHIPPED = ("templates", "campaigns")


def _locked(name: str) -> dict[str, str]:
    """Name and version of each distribution of a lock file; fails on a line that is not pinned and hashed."""
    text = (ROOT / "requirements" / name).read_text("utf-8")
    body = re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE)
    pinned: dict[str, str] = {}
    while body:
        match = _PINNED.match(body)
        assert match, f"{name}: not pinned by version and hash: {body.partition(chr(10))[0]}"
        pinned[match[1]] = match[2]
        body = body[match.end() :]
    return pinned


def _declared(requirements: list[str | dict[str, str]]) -> set[str]:
    names = [re.split(r"[\[<>=~; ]", each)[0] for each in requirements if isinstance(each, str)]
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


# Declared, and never imported by name.
_IMPORTED_BY_OTHERS = {
    "tzdata",  # zoneinfo reads it where the machine has no time zones
}
# Imported, and brought by another, which documents it and pins its version.
_BROUGHT_BY_OTHERS = {
    "markupsafe",  # by jinja2
    "pydantic-core",  # by pydantic
}


def _pyproject() -> dict[str, dict[str, list[str | dict[str, str]]]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_the_locks_pin_and_hash_everything_that_is_declared() -> None:
    config = _pyproject()
    run = _declared(config["project"]["dependencies"]) | _declared(config["dependency-groups"]["build"])
    assert run - set(_locked("run.txt")) == set()
    assert _declared(config["dependency-groups"]["dev"]) - set(_locked("dev.txt")) == set()


def _imported() -> set[str]:
    """Distributions that the product imports."""
    modules: set[str] = set()
    for source in sources("orchestrator", "channels"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules.add((node.module or "").partition(".")[0])
    foreign = modules - sys.stdlib_module_names - {"orchestrator", "channels"}
    owners = packages_distributions()
    return _declared([name for module in foreign for name in owners.get(module, [module])])


def test_whatever_the_product_imports_is_declared() -> None:
    declared = _declared(_pyproject()["project"]["dependencies"])
    assert _imported() - declared - _BROUGHT_BY_OTHERS == set()


@pytest.mark.skipif(not (ROOT / "orchestrator/cli").exists(), reason="the product is not whole before its commands")
def test_whatever_is_declared_is_imported() -> None:
    declared = _declared(_pyproject()["project"]["dependencies"])
    assert declared - _imported() - _IMPORTED_BY_OTHERS == set()


def test_the_development_lock_holds_the_other_one() -> None:
    run, development = _locked("run.txt"), _locked("dev.txt")
    assert {name: development.get(name) for name in run} == run


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_a_lock_names_no_place(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text("utf-8")
    assert re.findall(r"https?:|file:|--index|--find|/\w+/", text) == []


@pytest.mark.skipif("README.md" not in files(), reason="the wheel shows README.md, which does not exist yet")
def test_the_wheel_carries_code_templates_and_campaigns_and_no_test(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    (wheel,) = tmp_path.glob("relance-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
        entries = archive.read(next(name for name in archive.namelist() if name.endswith("entry_points.txt")))
    expected = {path for path in files() if path.startswith(("orchestrator/", "channels/"))}
    expected |= {f"orchestrator/shipped/{path}" for path in files() if path.startswith(_SHIPPED)}
    assert inside == expected
    assert b"relance = orchestrator.cli:main" in entries


def test_the_check_of_the_whole_can_be_run() -> None:
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    commands = re.findall(r"^make (\w+)$", script.read_text("utf-8"), re.MULTILINE)
    assert commands == ["setup", "check", "test"]
