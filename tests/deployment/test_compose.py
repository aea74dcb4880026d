"""The files that start a deployment: what they run exists, what they set is known, and little is reachable."""

import fnmatch
import re
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from orchestrator.cli import cli
from orchestrator.intake.lanes_yaml import load_lanes
from orchestrator.settings import NAMES, read_settings
from tests.architecture.repository import ROOT, files
from tests.cli.conftest import Terminal, terminal

# Commands of the design that a later part brings; each leaves this list with its part.
COMING: set[str] = set()
# Commands that go on until they are stopped: their words are read, and they are not run.
_BLOCKING = {"serve", "worker", "scheduler", "up"}


def _text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _compose() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(_text("docker-compose.yml"))
    return found


SERVICES: dict[str, dict[str, Any]] = _compose()["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "relance"}


def _documented() -> set[tuple[str, ...]]:
    """The words of each `relance …` that docs/deploy.md tells people to run."""
    text = _text("docs/deploy.md").replace("%i", "worker")
    named = re.findall(r"(?:`|^ {4}|exec \w+ |bin/)relance ([a-z][^`\n#]*)", text, re.MULTILINE)
    return {tuple(re.sub(r'"[^"]*"', "words", each).split()) for each in named}


COMMANDS = sorted({tuple(service["command"][1:]) for service in OURS.values()} | _documented())


def _existing(words: tuple[str, ...]) -> tuple[click.Command, str, list[str]]:
    """The command that these words call, its name and its arguments; skips those that a later part brings."""
    command: click.Command = cli
    rest, name = list(words), "relance"
    while isinstance(command, click.Group) and rest:
        name = rest.pop(0)
        found = _found(command, name)
        if found is None:
            assert name in COMING, f"relance {' '.join(words)}: there is no command {name}"
            pytest.skip(f"relance {name} comes later")
        command = found
    return command, name, rest


def _found(group: click.Group, name: str) -> click.Command | None:
    try:
        return group.get_command(click.Context(group), name)
    except ModuleNotFoundError:
        if name not in COMING:
            raise
        return None


# ------------------------------------------------------------------------------------------------ commands


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_that_is_started_or_told_is_understood(words: tuple[str, ...]) -> None:
    command, name, rest = _existing(words)
    assert not isinstance(command, click.Group), f"{name} wants a word more"
    command.make_context(name, rest)  # raises for an option or an argument that is not its own


@pytest.mark.parametrize("words", [words for words in COMMANDS if words[0] in _BLOCKING], ids=" ".join)
def test_what_goes_on_for_ever_explains_itself(words: tuple[str, ...], terminal: Terminal) -> None:
    _existing(words)
    said = terminal.type(words[0], "--help")
    assert said.code == 0
    assert "Usage: relance" in said.out


def test_migrating_and_checking_run_here_as_they_will_there(terminal: Terminal) -> None:
    for name in ("migrate", "check"):
        words = SERVICES["migrate"]["command"] if name == "migrate" else re.findall(r'"(\w+)"', _dockerfile("CMD")[0])
        assert words[0] == "relance"
        assert terminal.type(*words[1:]).code == 0


def test_commands_are_found_in_both_places() -> None:
    assert {("db", "upgrade"), ("worker",), ("check",), ("up",), ("scheduler",)} <= set(COMMANDS)
    assert ("serve", "--host", "0.0.0.0", "--port", "8000") in COMMANDS  # noqa: S104 - inside its container


# ------------------------------------------------------------------------------------------------ compose


def test_only_the_api_can_be_reached_and_only_from_this_machine() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "api": ["127.0.0.1:8000:8000"]
    }
    assert not any("network_mode" in service or "privileged" in service for service in SERVICES.values())


def test_the_database_and_redis_reach_nothing_outside() -> None:
    assert _compose()["networks"]["data"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["data"]


def test_the_parts_of_a_deployment_are_all_there() -> None:
    assert set(OURS) == {"migrate", "api", "worker", "scheduler"}
    assert set(SERVICES) - set(OURS) == {"postgres", "redis"}
    assert not any("container_name" in service for service in OURS.values()), "a worker with a name cannot be scaled"
    for name in ("api", "worker", "postgres", "redis"):
        assert SERVICES[name]["healthcheck"]["test"]


def test_nothing_works_before_the_schema_is_there() -> None:
    for name in set(OURS) - {"migrate"}:
        waits = OURS[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
        assert waits["postgres"] == waits["redis"] == {"condition": "service_healthy"}
    assert SERVICES["migrate"]["restart"] == "no"


def test_our_containers_have_no_rights_and_write_to_their_home_only() -> None:
    for service in OURS.values():
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        writable = [volume for volume in service["volumes"] if not volume.endswith(":ro")]
        assert writable == ["home:/var/lib/relance"]


def test_the_settings_that_are_given_exist_and_are_right(tmp_path: Path) -> None:
    for service in OURS.values():
        given = {name: text for name, text in service["environment"].items() if name.startswith("RELANCE_")}
        found = read_settings(given | {"RELANCE_HOME": str(tmp_path)})
        assert not found.is_embedded
        assert found.redis_url == "redis://redis:6379/0"
        assert found.home == tmp_path


def test_redis_never_evicts_and_keeps_its_queue() -> None:
    words = SERVICES["redis"]["command"]
    options = dict(zip(words[1::2], words[2::2], strict=True))
    assert options["--maxmemory-policy"] == "noeviction"
    assert (options["--appendonly"], options["--appendfsync"]) == ("yes", "everysec")


# ------------------------------------------------------------------------------------------------ secrets


def _variables() -> dict[str, str]:
    lines = [line for line in _text(".env.example").splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_the_example_of_variables_names_what_exists_and_holds_nothing() -> None:
    found = _variables()
    assert {name for name in found if name.startswith("RELANCE_")} <= {f"RELANCE_{name}" for name in NAMES}
    assert set(found.values()) == {""}
    assert "RELANCE_SECRET_KEY" in found
    lanes = load_lanes(ROOT / "campaigns" / "lanes.example.yaml")
    named = {name for lane in lanes for name in (*lane.variables.values(), *lane.webhook_secrets)}
    assert len(named) >= 4
    assert named <= set(found)


def test_what_compose_asks_of_the_variables_is_in_their_example() -> None:
    asked = set(re.findall(r"\$\{(\w+)", _text("docker-compose.yml")))
    assert asked
    assert asked <= set(_variables())


def test_no_secret_stands_in_a_file_of_the_repository() -> None:
    for name, service in SERVICES.items():
        for variable, text in service["environment"].items() if "environment" in service else ():
            if re.search(r"PASSWORD|KEY|TOKEN|SECRET", variable):
                assert text.startswith("${"), f"{name}: {variable}"
    assert ".env" in _text(".gitignore").split()
    assert ".env" not in files()


# ------------------------------------------------------------------------------------------------ image


def _dockerfile(instruction: str) -> list[str]:
    text = re.sub(r"\\\n\s*", "", _text("Dockerfile"))
    return re.findall(rf"^{instruction} (.*)$", text, re.MULTILINE)


def test_the_image_runs_without_rights_on_a_python_that_is_supported() -> None:
    assert _dockerfile("USER") == ["10001"]
    required = tomllib.loads(_text("pyproject.toml"))["project"]["requires-python"]
    oldest = tuple(int(part) for part in required.removeprefix(">=").split("."))
    for image in _dockerfile("FROM"):
        found = re.match(r"python:(\d+)\.(\d+)-slim\b", image)
        assert found is not None, image
        assert (int(found[1]), int(found[2])) >= oldest


def test_the_image_is_given_all_that_the_wheel_is_made_of_and_nothing_else() -> None:
    copied = {word for line in _dockerfile("COPY") if "--from" not in line for word in line.split()[:-1]}
    config = tomllib.loads(_text("pyproject.toml"))
    needed = {*config["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"], "pyproject.toml", "README.md"}
    assert needed | {"LICENSE", "requirements/run.txt"} == copied
    ignored = [line for line in _text(".dockerignore").splitlines() if line and not line.startswith("#")]
    assert ignored[0] == "*"
    let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert let_in == {each.partition("/")[0] for each in copied}
    assert not any(fnmatch.fnmatch(".env", pattern) for pattern in let_in)


__all__ = ["terminal"]
