"""Short ways to say a case, a debt, a campaign or a context in a test. Defaults are a Paris consumer owing 20 EUR."""

from datetime import UTC, date, datetime, time
from typing import Any

from orchestrator.domain.apply import apply_all
from orchestrator.domain.campaign import (
    Campaign,
    ChannelLine,
    DocumentKind,
    Mode,
    Offset,
    Purpose,
    SendTerms,
    Step,
    Use,
)
from orchestrator.domain.case import Case
from orchestrator.domain.condition import Every
from orchestrator.domain.contact import (
    ContactPerson,
    ContactPoint,
    Debtor,
    DebtorStatus,
    PointKind,
    PostalAddress,
)
from orchestrator.domain.context import Context
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.debt import Debt
from orchestrator.domain.duration import Duration
from orchestrator.domain.events import DebtorRecorded, DebtRecorded, Event
from orchestrator.domain.policy import (
    Basis,
    Cap,
    ContactChannel,
    FrequencyRule,
    HoursRule,
    Pack,
    PolicyBook,
    Window,
)
from orchestrator.domain.voice import Voice

LONG_AGO = date(2020, 1, 1)
ALL_CHANNELS = (ContactChannel.SMS, ContactChannel.EMAIL, ContactChannel.LETTER, ContactChannel.CALL)


def instant(text: str) -> datetime:
    """An aware UTC instant from `2026-03-07 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_debtor(**changes: Any) -> Debtor:
    postcode = changes.pop("postcode", "75001")
    phone, email = changes.pop("phone", "+33644631234"), changes.pop("email", "jeanne.dupont@example.org")
    post = changes.pop("post", True)
    points = []
    if phone:
        points.append(ContactPoint(PointKind.PHONE, phone))
    if email:
        points.append(ContactPoint(PointKind.EMAIL, email))
    address = PostalAddress(("12 rue des Lilas",) if post else (), postcode, "PARIS", changes.pop("country", "FR"))
    person = ContactPerson(name="Jeanne Dupont", points=tuple(points), address=address)
    fields = {"ref": "C-1001", "name": "Jeanne Dupont", "status": DebtorStatus.CONSUMER, "people": (person,)}
    return Debtor(**{**fields, **changes})


def a_debt(reference: str = "F-1", *, due: str = "2026-03-02", cents: int = 2000, **changes: Any) -> Debt:
    fields: dict[str, Any] = {
        "reference": reference,
        "principal_cents": cents,
        "open_cents": cents,
        "as_of": date(2026, 1, 1),
        "issued_on": date(2026, 1, 1),
        "due_on": date.fromisoformat(due),
    }
    return Debt(**{**fields, **changes})


def a_case(*debts: Debt, facts: tuple[Event, ...] = (), **changes: Any) -> Case:
    debtor = changes.pop("debtor", None) or a_debtor()
    at = changes.pop("at", instant("2026-01-02 08:00"))
    case = Case(id=changes.pop("id", "CASE000001"), creditor="acme-telecom", debtor=debtor, **changes)
    recorded: list[Event] = [DebtorRecorded(id="debtor", at=at, debtor=debtor)]
    recorded += [DebtRecorded(id=f"debt:{debt.reference}", at=at, debt=debt) for debt in (debts or (a_debt(),))]
    return apply_all(case, (*recorded, *facts))


def a_step(step_id: str, *, at: str = "", after: str = "", voice: Voice = Voice.COURTEOUS, **changes: Any) -> Step:
    kind = changes.pop("kind", DocumentKind.FORMAL_NOTICE if voice is Voice.FORMAL else DocumentKind.REMINDER)
    template = changes.pop("template", step_id)
    use = changes.pop("use", (Use.EMAIL, Use.SMS, Use.LETTER))
    terms = SendTerms(template, voice, kind, changes.pop("purpose", Purpose.DEMAND))
    return Step(
        id=step_id,
        at=Offset(Duration.parse(at)) if at else None,
        after=Duration.parse(after) if after else None,
        send=changes.pop("send", terms),
        channel=changes.pop("channel", (ChannelLine(tuple(use)),)),
        **changes,
    )


def a_campaign(*steps: Step, **changes: Any) -> Campaign:
    usual = (
        a_step("reminder-1", at="5d"),
        a_step("reminder-2", after="10d", voice=Voice.FACTUAL),
        a_step("last", after="13d", voice=Voice.FIRM),
    )
    fields: dict[str, Any] = {
        "id": "b2c",
        "title": "Particuliers",
        "policy": "test-pack",
        "priority": 10,
        "audience": Every(),
        "steps": steps or usual,
        "mode": Mode.AUTOMATIC,
        "release": "r1",
    }
    return Campaign(**{**fields, **changes})


def a_pack(*rules: Any, **changes: Any) -> Pack:
    usual = (hours_rule(), frequency_rule())
    fields: dict[str, Any] = {
        "id": "test-pack",
        "jurisdiction": "FR",
        "party": "own",
        "rules": rules or usual,
        "reviewed_on": date(2026, 1, 1),
    }
    return Pack(**{**fields, **changes})


def hours_rule(rule_id: str = "T-HOURS", **changes: Any) -> HoursRule:
    fields: dict[str, Any] = {
        "channels": ALL_CHANNELS,
        "days": (0, 1, 2, 3, 4, 5),
        "windows": (Window(time(9), time(19)),),
        **_rule(rule_id),
    }
    return HoursRule(**{**fields, **changes})


def frequency_rule(rule_id: str = "T-FREQ", **changes: Any) -> FrequencyRule:
    fields: dict[str, Any] = {
        "channels": ALL_CHANNELS,
        "caps": (Cap(2, 7 * 24), Cap(6, 30 * 24)),
        "gap_hours": 72,
        **_rule(rule_id),
    }
    return FrequencyRule(**{**fields, **changes})


def _rule(rule_id: str) -> dict[str, Any]:
    return {"id": rule_id, "title": rule_id, "basis": Basis.HOUSE, "source": "test", "valid_from": LONG_AGO}


def a_book(*packs: Pack) -> PolicyBook:
    return PolicyBook({pack.id: pack for pack in (packs or (a_pack(),))})


def a_creditor(**changes: Any) -> Creditor:
    return Creditor(**{"id": "acme-telecom", "name": "Acme Télécom SAS", **changes})


def a_context(**changes: Any) -> Context:
    return Context(**{"creditor": a_creditor(), "ledger_as_of": date(2026, 3, 1), **changes})
