"""`relance advance`: one round by hand, decide what is due and send it by the lanes."""

import click

from orchestrator.cli.terminal import console, deployment
from orchestrator.flows.advance_cases import advance_all
from orchestrator.flows.dispatch import dispatch_all
from orchestrator.flows.leave_lost_lanes import leave_lost_lanes
from orchestrator.worker.sole_sender import sole_sender


@click.command()
@click.option("--decide-only", is_flag=True, help="Plan messages, send none.")
def advance(decide_only: bool) -> None:
    """Decide every case that is due, then send; without a lanes file what would be sent is written to HOME/outbox."""
    place = deployment()
    strategy, now = place.strategy(), place.now()
    done = advance_all(place.database, strategy, now=now)
    console.print(
        f"{done.judged} cases judged: {done.planned} messages planned, {done.observed} only observed, "
        f"{done.asked} tasks opened, {done.ended} cases ended"
    )
    if done.set_aside:
        console.print(f"{done.set_aside} cases failed and are set aside: relance task list")
    if decide_only:
        return
    with sole_sender(place):
        place.require_lanes()
        if leave_lost_lanes(place.database, {lane.id for lane in place.lanes}, place.lanes_digest, now=now):
            advance_all(place.database, strategy, now=now)
        sent = dispatch_all(place.database, strategy, place.post(), now=now)
    advance_all(place.database, strategy, now=now)
    console.print(f"{sent.left} messages left, {sent.held} held, {sent.expired} expired, {sent.refused} refused")
    if done.observed:
        console.print("only observed: a campaign in `mode: observe` says in `relance why CASE` what it would have sent")
    if strategy.is_sandbox and sent.left:
        console.print(f"what was sent: {place.settings.outbox}")
