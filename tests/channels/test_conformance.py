"""Runs the conformance suite on the sandbox; each other provider runs it in its own file, and none is forgotten."""

import re
from pathlib import Path

import pytest

from channels.contract import Channel, Message, Outcome
from channels.provider import ProviderOptions
from channels.registry import PROVIDERS, adapter
from tests.channels.builders import now
from tests.channels.conformance import AdapterConformance, Rig

_RUN = re.compile(r'^class Test\w+\(AdapterConformance\):\n(?:(?:    .*)?\n)*?    provider = "(\w+)"', re.MULTILINE)


@pytest.fixture(params=list(Channel), ids=str)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    """The sandbox of each channel, its verdict as the provider's answer."""
    answers: list[Outcome] = []

    def verdict(_message: Message) -> Outcome | None:
        return answers[-1] if answers else None

    options = ProviderOptions(outbox=tmp_path, clock=now, verdict=verdict)
    return Rig(
        adapter=adapter("sandbox", request.param, options),
        answer_with=answers.append,
        handed_over=lambda: sum(path.is_file() for path in tmp_path.rglob("*")),
    )


class TestSandbox(AdapterConformance):
    """The sandbox fulfils the contract on its three channels."""

    provider = "sandbox"


def test_every_provider_of_the_registry_has_its_run_of_the_suite() -> None:
    tests = Path(__file__).parent.rglob("test_*.py")
    assert {name for path in tests for name in _RUN.findall(path.read_text("utf-8"))} == set(PROVIDERS)
