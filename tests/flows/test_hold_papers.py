"""A hold by hand keeps the paper that says so, and is looked at on the day that the packs want."""

from orchestrator.domain import acts
from orchestrator.domain.agreement import HoldKind
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_act_on_case import DAY, do


def test_a_hold_keeps_its_paper_and_is_looked_at_when_the_pack_says(world: World) -> None:
    """FR-HOLD-02: the certificate of a filing is waited for thirty days; a veto has the usual fifteen."""
    world.load(row())
    act = acts.PlaceHold(kind=HoldKind.OVER_INDEBTEDNESS_CLAIMED, source="letter of 16 March")
    do(world, act)
    do(world, acts.PlaceHold(kind=HoldKind.VETO))
    filing, veto = world.case().holds
    assert (filing.paper, filing.review_on) == ("letter of 16 March", TUESDAY.date() + 30 * DAY)
    assert (veto.paper, veto.review_on) == ("", TUESDAY.date() + 15 * DAY)
