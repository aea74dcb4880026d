"""Where a request comes from: told by the proxies that a deployment names, and by nobody else."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from orchestrator.web.places import place_of

PROXIES = (ip_network("127.0.0.1/32"), ip_network("10.9.0.0/16"), ip_network("2001:db8:9::/48"))
ATTACKER = "203.0.113.66"


def _from(peer: str | None, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", each.encode("latin-1", "replace")) for each in forwarded]
    return Request({"type": "http", "headers": headers, "client": (peer, 4711) if peer else None})


@pytest.mark.parametrize(
    "peer, forwarded, place",
    [
        ("127.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["1.2.3.4, 198.51.100.7"], "198.51.100.7"),  # the first was typed by the visitor
        ("127.0.0.1", ["1.2.3.4", "198.51.100.7"], "198.51.100.7"),  # a second header is the same list
        ("127.0.0.1", ["198.51.100.7, 10.9.1.1"], "198.51.100.7"),  # two proxies of ours
        ("127.0.0.1", ["198.51.100.7:5123"], "198.51.100.7"),
        ("127.0.0.1", ["192.168.1.20"], "192.168.1.20"),  # an office behind our own proxy is somewhere
        ("2001:db8:9::1", ["[2001:db8:1:2::3]:443"], "2001:db8:1:2::/64"),
        ("::ffff:127.0.0.1", ["::ffff:198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["10.9.1.1"], "10.9.1.1"),  # nobody but proxies: the farthest of them
        ("127.0.0.1", [], ""),  # the proxy says nothing: it speaks for anybody
        ("127.0.0.1", ["198.51.100.7, unknown"], ""),
        ("127.0.0.1", ["198.51.100.7, "], ""),
        ("198.51.100.9", [], "198.51.100.9"),
        ("198.51.100.9", ["1.2.3.4"], "198.51.100.9"),  # a header of somebody who is no proxy of ours
        ("192.168.1.20", ["1.2.3.4"], ""),  # a proxy that was not named: it may speak for everybody
        (None, ["1.2.3.4"], ""),
    ],
)  # fmt: skip
def test_the_last_that_is_no_proxy_of_ours_is_the_visitor(peer: str | None, forwarded: list[str], place: str) -> None:
    assert place_of(_from(peer, *forwarded), PROXIES) == place


@pytest.mark.parametrize(
    "host, place",
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2::a", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::b", "2001:db8:1:2::/64"),
        ("127.0.0.1", ""),
        ("172.18.0.1", ""),
        ("100.64.3.1", ""),  # shared addresses of a carrier or a cluster
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", ""),
        ("", ""),
    ],
)
def test_a_place_is_what_one_caller_has_and_a_proxy_is_none(host: str, place: str) -> None:
    assert place_of(_from(host), ()) == place


@given(st.lists(st.text(max_size=40), max_size=4))
def test_a_forged_header_of_a_stranger_changes_nothing(forged: list[str]) -> None:
    assert place_of(_from(ATTACKER, *forged), PROXIES) == ATTACKER
    assert place_of(_from("127.0.0.1", *forged), ()) == ""


@given(st.text(max_size=40))
def test_what_a_visitor_writes_before_the_word_of_the_proxy_changes_nothing(forged: str) -> None:
    assert place_of(_from("127.0.0.1", f"{forged}, {ATTACKER}"), PROXIES) == ATTACKER
