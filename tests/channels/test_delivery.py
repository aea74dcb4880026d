"""Receipts early, late, repeated and reordered show one status (semantics D5); the README draws it."""

import functools
import re
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import LADDERS, Channel, DeliveryStatus, canonical, is_terminal, merge, strongest

README = Path(__file__).parents[2] / "channels" / "README.md"
channels = st.sampled_from(Channel)
facts = st.lists(st.sampled_from(DeliveryStatus), max_size=12)


@given(channel=channels, data=st.data(), known=facts)
def test_order_and_repetition_of_receipts_do_not_matter(
    channel: Channel, data: st.DataObject, known: list[DeliveryStatus]
) -> None:
    shuffled = data.draw(st.permutations(known + known[: len(known) // 2]))
    assert strongest(channel, shuffled) == strongest(channel, known)


@given(channel=channels, known=facts)
def test_folding_merge_over_the_facts_gives_the_strongest(channel: Channel, known: list[DeliveryStatus]) -> None:
    folded = functools.reduce(functools.partial(merge, channel), known, DeliveryStatus.UNKNOWN)
    assert folded == strongest(channel, known)


@given(channel=channels, known=facts, late=facts)
def test_a_later_receipt_never_takes_the_status_down(
    channel: Channel, known: list[DeliveryStatus], late: list[DeliveryStatus]
) -> None:
    ladder = LADDERS[channel]
    assert ladder[strongest(channel, known + late)] >= ladder[strongest(channel, known)]


@given(channel=channels, a=st.sampled_from(DeliveryStatus), b=st.sampled_from(DeliveryStatus))
def test_what_is_over_stays_over(channel: Channel, a: DeliveryStatus, b: DeliveryStatus) -> None:
    shown = strongest(channel, [a])
    assert not is_terminal(shown) or is_terminal(merge(channel, shown, b))


@pytest.mark.parametrize(
    "channel, weaker, stronger",
    [
        ("sms", "failed", "undelivered"),
        ("sms", "undelivered", "delivered"),
        ("email", "failed", "delivered"),
        ("email", "delivered", "bounced"),
        ("email", "bounced", "complained"),
        ("letter", "failed", "delivered"),
        ("letter", "delivered", "returned"),
        ("letter", "returned", "complained"),
        ("letter", "printed", "posted"),
        ("letter", "returned", "unclaimed"),
    ],
)
def test_the_stronger_fact_is_shown_as_d5_says(channel: str, weaker: str, stronger: str) -> None:
    pair = (DeliveryStatus(stronger), DeliveryStatus(weaker))
    assert strongest(Channel(channel), pair) == stronger
    assert strongest(Channel(channel), reversed(pair)) == stronger


@pytest.mark.parametrize("channel, foreign", [("sms", "printed"), ("email", "returned"), ("letter", "sent")])
def test_a_fact_that_the_channel_cannot_have_hides_nothing(channel: str, foreign: str) -> None:
    assert strongest(Channel(channel), [DeliveryStatus(foreign)]) is DeliveryStatus.UNKNOWN
    assert strongest(Channel(channel), [DeliveryStatus(foreign), DeliveryStatus.QUEUED]) is DeliveryStatus.QUEUED


def test_no_fact_is_unknown() -> None:
    assert {strongest(channel, []) for channel in Channel} == {DeliveryStatus.UNKNOWN}


def test_a_word_that_the_table_lacks_is_unknown_and_raises_nothing() -> None:
    table = {"dlvrd": DeliveryStatus.DELIVERED}
    assert canonical(table, "dlvrd") is DeliveryStatus.DELIVERED
    assert canonical(table, "teleported") is DeliveryStatus.UNKNOWN


def test_every_status_belongs_to_a_channel() -> None:
    assert set().union(*LADDERS.values()) == set(DeliveryStatus)


def drawn_ladders() -> dict[str, tuple[list[str], list[str]]]:
    """Per channel of the README's drawing: the words before `<<`, and those after."""
    drawing = README.read_text().partition("## Delivery status")[2].partition("## ")[0]
    blocks = "\n".join(line.strip() for line in drawing.splitlines() if line.startswith("    "))
    lines = re.sub(r"\n<", " <", blocks).splitlines()
    found = {}
    for line in lines:
        channel, _, chain = line.partition(" ")
        passing, terminal = (part.replace(" ", "").split("<") for part in chain.split("<<"))
        found[channel] = (passing, terminal)
    return found


def test_the_readme_draws_the_ladders_of_the_code() -> None:
    drawn = drawn_ladders()
    assert set(drawn) == set(Channel)
    for channel, (passing, terminal) in drawn.items():
        ladder = LADDERS[Channel(channel)]
        assert passing + terminal == sorted(ladder, key=ladder.__getitem__)
        assert all(not is_terminal(DeliveryStatus(word)) for word in passing)
        assert all(is_terminal(DeliveryStatus(word)) for word in terminal)


@pytest.mark.parametrize("channel", Channel)
def test_no_two_statuses_of_a_channel_are_equally_strong(channel: Channel) -> None:
    ladder = LADDERS[channel]
    assert all(ladder[a] != ladder[b] for a, b in combinations(ladder, 2))
