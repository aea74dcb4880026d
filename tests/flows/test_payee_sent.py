"""What leaves about a case of another payee is worded for that payee (R46)."""

from collections.abc import Sequence

from msgspec.structs import replace

from orchestrator.flows.dispatch import dispatch_all
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.compose import Composed
from orchestrator.storage import cases
from tests.flows.conftest import TUESDAY, World, row


def test_the_words_know_the_payee_of_the_case(world: World) -> None:
    world.load(row())
    with world.database.begin() as conn:
        (stored,) = cases.load(conn, [world.case().id])
        owed = replace(stored.case, payee="Factor Exemple SA")
        cases.save(conn, [cases.Change(owed, TUESDAY, stored.version)], now=TUESDAY)
    world.advance()
    post = world.post(TUESDAY)
    briefs: list[Brief] = []

    def compose(brief: Brief, release: str, mentions: Sequence[str]) -> Composed:
        briefs.append(brief)
        return post.compose(brief, release, mentions)

    assert dispatch_all(world.database, world.strategy(), replace(post, compose=compose), now=TUESDAY).left == 1
    assert {brief.payee for brief in briefs} == {"Factor Exemple SA"}
