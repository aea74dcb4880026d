"""A campaign may answer each payment with a receipt: its own amount and day, and what is left."""

import email
import email.policy
from datetime import datetime, timedelta

from orchestrator.domain.debt import Payment
from orchestrator.domain.events import PaymentReceived
from tests.flows.conftest import TUESDAY, World, row

WEDNESDAY, THURSDAY = TUESDAY + timedelta(days=1), TUESDAY + timedelta(days=2)


def a_case_that_is_given_receipts(world: World) -> None:
    """A debt of 42 EUR, reminded by e-mail, in a campaign that answers payments with the shipped receipt."""
    place = world.deployment
    text = place.find_campaign("b2c-small").path.read_text(encoding="utf-8")
    path = world.folder / "b2c-small.yaml"
    path.write_text(
        text.replace("template: thanks-remaining", "template: receipt").replace(
            "template: thanks,", "template: receipt,"
        ),
        encoding="utf-8",
    )
    place.release(place.campaign(path), by="test", now=TUESDAY)
    world.load(row(email="jeanne@example.org", phone=""))
    world.advance()
    world.dispatch()


def pays(world: World, key: str, cents: int, on: datetime) -> None:
    """A payment comes in, and what it causes leaves the same day."""
    world.record(PaymentReceived(id=f"event-{key}", at=on, payment=Payment(key, cents, on.date(), ("F-1",))), now=on)
    world.advance(now=on)
    world.dispatch(now=on)


def last_words(world: World) -> str:
    """The text of the last e-mail that the sandbox wrote."""
    newest = max((path for path in world.sent() if path.suffix == ".eml"), key=lambda path: path.stat().st_mtime_ns)
    mail = email.message_from_bytes(newest.read_bytes(), policy=email.policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\u00a0", " ")


def test_each_payment_has_a_receipt_of_its_own(world: World) -> None:
    a_case_that_is_given_receipts(world)
    pays(world, "1", 2000, WEDNESDAY)
    assert world.messages()[-1].send.template == "receipt"
    assert "Nous avons bien reçu 20,00 € le 11 mars 2026, pour Acme Télécom" in last_words(world)
    assert "il reste 22,00 €" in last_words(world)
    pays(world, "11", 2200, THURSDAY)
    assert "Nous avons bien reçu 22,00 € le 12 mars 2026" in last_words(world)
    assert "il ne reste rien à payer" in last_words(world)
    assert world.case().outcome == "paid"
