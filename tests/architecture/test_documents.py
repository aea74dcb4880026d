"""Documents and code agree: folders explain themselves, settings are described, commands exist."""

import ast
import re

import pytest

from tests.architecture.repository import ROOT, Source, files, sources

_MAIN_FOLDERS = ("orchestrator", "channels", "templates", "campaigns", "tests")
_OPEN_TO_ADDITIONS = ("channels", "templates", "campaigns")
_SETTING = re.compile(r"\bRELANCE_[A-Z][A-Z0-9_]*[A-Z0-9]\b")
_COMMAND = re.compile(r"`(?:[A-Z_]+=\S+ )*make ([a-z][a-z-]*)")


def _text(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


# ------------------------------------------------------------------------------------------- READMEs


@pytest.mark.parametrize("folder", _MAIN_FOLDERS)
def test_a_main_folder_explains_itself(folder: str) -> None:
    if any(path.startswith(f"{folder}/") for path in files()):
        assert f"{folder}/README.md" in files(), f"{folder}/ has no README.md"


@pytest.mark.parametrize("folder", _OPEN_TO_ADDITIONS)
def test_a_folder_that_people_add_to_says_how(folder: str) -> None:
    readme = ROOT / folder / "README.md"
    if readme.exists():
        headings = re.findall(r"(?m)^#+ (.*)", readme.read_text("utf-8"))
        assert any(re.search(r"(?i)\b(add|ajouter)", heading) for heading in headings), headings


@pytest.mark.parametrize("folder", ["orchestrator/flows", "orchestrator/storage"])
def test_a_folder_of_many_modules_names_each_in_its_readme(folder: str) -> None:
    """In so long a list, what the README does not place is not found."""
    modules = {path.removeprefix(f"{folder}/").removesuffix(".py") for path in files() if path.startswith(f"{folder}/")}
    modules = {name for name in modules if re.fullmatch(r"[a-z]\w*", name)}
    assert modules, "no module was found: this test has lost sight of them"
    assert sorted(modules - set(re.findall(r"\w+", _text(f"{folder}/README.md")))) == []


# ------------------------------------------------------------------------------------------ settings


def settings_named(source: Source) -> set[str]:
    """Settings that a module names: RELANCE_ words, and in settings.py the fields of a class Settings."""
    named = set(_SETTING.findall(source.text))
    if not source.path.endswith("settings.py"):
        return named
    classes = [node for node in source.tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings"]
    fields = [field for each in classes for field in each.body if isinstance(field, ast.AnnAssign)]
    return named | {f"RELANCE_{ast.unparse(field.target).upper()}" for field in fields}


def test_every_setting_is_documented() -> None:
    if "orchestrator/settings.py" not in files():
        pytest.skip("orchestrator/settings.py does not exist yet")
    named = set().union(*(settings_named(source) for source in sources("orchestrator", "channels")))
    assert named, "no setting was found in settings.py: this test has lost sight of them"
    documents = [path for path in files() if path == "README.md" or re.match(r"docs/.*\.md$", path)]
    described = set().union(*(_SETTING.findall(_text(path)) for path in documents))
    assert sorted(named - described) == [], "settings that neither README.md nor docs/ describe"


def test_every_variable_of_the_tests_is_documented() -> None:
    named = set(_SETTING.findall(_text("tests/services.py")))
    assert len(named) >= 3
    assert sorted(named - set(_SETTING.findall(_text("tests/README.md")))) == []


def test_settings_are_found_both_ways() -> None:
    text = '"""Doc."""\nclass Settings:\n    home: str = ""\n    def f(self): ...\nX = "RELANCE_LOG_FORMAT"\n'
    found = settings_named(Source("orchestrator/settings.py", text))
    assert found == {"RELANCE_HOME", "RELANCE_LOG_FORMAT"}


# ------------------------------------------------------------------------------------------ commands


def commands_named(text: str) -> set[str]:
    return set(_COMMAND.findall(text))


def test_every_make_command_in_a_document_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", _text("Makefile"), re.MULTILINE))
    documents = [path for path in files() if path.endswith(".md")]
    named = {(path, name) for path in documents for name in commands_named(_text(path))}
    assert named
    assert sorted(each for each in named if each[1] not in targets) == []


def test_commands_are_found_in_a_document() -> None:
    assert commands_named("run `make test` or `ARGS=-x make check`; make sure it passes") == {"test", "check"}


def test_every_target_is_listed_or_a_part_of_check() -> None:
    makefile = _text("Makefile")
    silent = re.findall(r"^([a-z][a-z-]*):(?!.*## )", makefile, re.MULTILINE)
    parts = re.search(r"^check: ([a-z ]+) ##", makefile, re.MULTILINE)
    assert parts is not None
    assert sorted(silent) == sorted(parts[1].split())
