"""What Twilio's list tells is what its webhooks would have told, under the same keys."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from channels.contract import Channel, DeliveryStatus, Inbound, ReasonClass, Receipt
from channels.ledger import LedgerAway, Tells, Told
from channels.provider import ProviderOptions, RawRequest
from channels.registry import adapter
from channels.sms.twilio_webhooks import WEBHOOKS
from tests.stubs.twilio_faults import Fault, Kind, always
from tests.stubs.twilio_stub import TwilioStub
from tests.stubs.twilio_wiring import twilio_settings

HOUR_AGO = timedelta(hours=1)


@pytest.fixture
def stub() -> Iterator[TwilioStub]:
    with TwilioStub() as running:
        yield running


def told(stub: TwilioStub, since: datetime | None = None) -> list[Told]:
    given = adapter("twilio", Channel.SMS, ProviderOptions(settings=twilio_settings(stub)))
    assert isinstance(given, Tells)
    return [each for batch in given.told_since(since or datetime.now(UTC) - HOUR_AGO) for each in batch]


def an_outgoing() -> dict[str, str]:
    return {"To": "+33644631234", "From": "+33644630000", "Body": "Bonjour"}


def test_a_delivery_is_told_under_the_key_of_its_callback(stub: TwilioStub) -> None:
    taken = stub.take(an_outgoing())
    assert told(stub) == []  # nothing became of it yet
    stub.deliver(taken)
    (status,) = told(stub)
    form = urlencode({"MessageSid": taken.sid, "MessageStatus": "delivered"}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    (called,) = WEBHOOKS["status"].split(RawRequest(url="https://relance.example/x", headers=headers, body=form))
    assert (status.kind, status.event.key, status.provider_id) == ("status", called.key, taken.sid)
    (receipt,) = WEBHOOKS["status"].read(status.event.body).facts
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.provider_id) == (DeliveryStatus.DELIVERED, taken.sid)


def test_what_a_person_wrote_is_told_under_the_key_of_its_webhook(stub: TwilioStub) -> None:
    taken = stub.receive(sender="+33644631234", to="+33644630000", text="STOP & merci é")
    (found,) = told(stub)
    assert (found.kind, found.event.key) == ("inbound", taken.sid)
    assert found.at is not None
    (said,) = WEBHOOKS["inbound"].read(found.event.body).facts
    assert isinstance(said, Inbound)
    assert (said.sender, said.to, said.text) == ("+33644631234", "+33644630000", "STOP & merci é")
    assert said.dedup_key == taken.sid


def test_a_failure_is_told_with_its_reason(stub: TwilioStub) -> None:
    taken = stub.take(an_outgoing())
    stub.deliver(taken, "undelivered")
    (found,) = told(stub)
    (receipt,) = WEBHOOKS["status"].read(found.event.body + "&ErrorCode=30005").facts
    assert isinstance(receipt, Receipt)
    assert receipt.reason_class is ReasonClass.ADDRESS


def test_every_page_is_read_and_what_is_older_is_not_told(stub: TwilioStub) -> None:
    for number in range(450):
        stub.deliver(stub.take(an_outgoing() | {"Body": f"n{number}"}))
    assert len({each.event.key for each in told(stub)}) == 450
    for taken in stub.taken[:440]:
        taken.sent_at = 1_000_000.0
    assert len(told(stub)) == 10


@pytest.mark.parametrize("fault", [Fault(Kind.CUT_MID), Fault(Kind.BREAK), Fault(Kind.GARBLE), Fault(Kind.THROTTLE)])
def test_a_ledger_that_cannot_be_read_is_away(stub: TwilioStub, fault: Fault) -> None:
    stub.list_plan = always(fault)
    stub.deliver(stub.take(an_outgoing()))
    with pytest.raises(LedgerAway):
        told(stub)
