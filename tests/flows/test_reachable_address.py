"""Addresses that an endpoint may have, and those that stand beside us."""

import pytest

from orchestrator.domain.errors import InputError
from orchestrator.flows.manage_endpoints import EndpointTerms, add_endpoint
from orchestrator.flows.reachable_address import is_public
from orchestrator.storage.outbox_bodies import TYPES
from tests.flows.conftest import TUESDAY, World

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.1.2.3", "100.64.0.1",
    "224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "::ffff:127.0.0.1", "2002:0a00:0001::", "2002:7f00:0001::1", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1",
    "2001:0:7f00:1::1", "::7f00:1", "2001:db8::1", "", "localhost", "0x7f.1", "2130706433", "1.1.1.1/8",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101", "2002:101:101::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_stands_beside_us_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


def _add(world: World, url: str, *, allows_private: bool = False, **terms: object) -> str:
    made = add_endpoint(
        world.database,
        EndpointTerms(url=url, **terms),  # type: ignore[arg-type]  # as each test gives them
        creditors=["acme-telecom"],
        allows_private=allows_private,
        by="test",
        now=TUESDAY,
    )
    return made.id


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/x", "ftp://hooks.example", "hooks.example", "", "https://", "https://a b.example/",
        "https://user:pass@hooks.example/", "https://hooks.example/#part", "https://hooks.example/\r\nX: 1",
        "https://127.0.0.1/", "http://127.0.0.1:6379/", "http://localhost/", "https://[::1]/", f"https://{PRIVATE[2]}/",
        "https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]/", "https://db.internal/", "https://nas.local/",
        "https://hooks.example/" + "x" * 2_000, "https://hôte.example/",
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_called_is_refused_without_being_shown(world: World, url: str) -> None:
    with pytest.raises(InputError) as refused:
        _add(world, url)
    assert refused.value.where == "url"
    assert "pass" not in str(refused.value)


def test_an_address_that_may_be_called_is_taken(world: World) -> None:
    assert _add(world, "https://hooks.example/relance?token=x") != _add(world, "https://93.184.216.34:8443/")
    assert _add(world, "http://127.0.0.1:8000/", allows_private=True)
    with pytest.raises(InputError):
        _add(world, f"http://{PRIVATE[2]}/", allows_private=True)  # plain http beyond this machine


def test_a_creditor_or_an_event_that_does_not_exist_is_refused_with_what_was_meant(world: World) -> None:
    with pytest.raises(InputError, match=r'did you mean "acme-telecom"\?'):
        _add(world, "https://hooks.example/", creditor="acme-telekom")
    with pytest.raises(InputError, match=r'did you mean "payment.matched"\?'):
        _add(world, "https://hooks.example/", events=("payment.match",))
    assert _add(world, "https://hooks.example/", creditor="acme-telecom", events=TYPES)
