"""The setting that names the proxies: addresses and networks, and what is too wide is refused."""

import pytest

from orchestrator.domain.errors import InputError
from orchestrator.settings import read_settings


def _read(text: str) -> list[str]:
    return [str(each) for each in read_settings({"RELANCE_TRUSTED_PROXIES": text}).trusted_proxies]


@pytest.mark.parametrize("text", ["127.0.0.1 10.1.2.0/24", "127.0.0.1,10.1.2.0/24", " 127.0.0.1 ,\t10.1.2.0/24,"])
def test_addresses_and_networks_by_spaces_or_commas(text: str) -> None:
    assert _read(text) == ["127.0.0.1/32", "10.1.2.0/24"]


def test_without_any_nobody_is_believed() -> None:
    assert read_settings({}).trusted_proxies == ()


@pytest.mark.parametrize("text", ["nginx", "10.1.2.3/24", "0.0.0.0/0", "::/0", "127.0.0.1 *", "10.0.0.0/4", "2000::/3"])
def test_what_is_no_network_or_holds_half_the_world_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refused:
        _read(text)
    assert refused.value.where == "RELANCE_TRUSTED_PROXIES"
