"""A message that left, with the link that its debtor was given, in the database of an office."""

from collections.abc import Mapping
from itertools import count
from typing import Any

import msgspec

from channels.contract import Channel
from orchestrator.domain.campaign import Use
from orchestrator.domain.case import Case
from orchestrator.domain.contact import POINT_OF_CHANNEL, DebtorStatus
from orchestrator.domain.events import Event
from orchestrator.storage import attempts, cases, journal, messages, persons, tasks
from orchestrator.storage.attempts import Attempt, AttemptState
from tests.builders import a_case, a_debt, a_debtor
from tests.storage.portfolio import a_message
from tests.web.conftest import Office

# What no answer may ever hold. They are no words of anybody's page.
CANARIES = ("Zebulonne", "Quetzalberg", "zebulonne@", "644631299", "4321", "impasse", "canary-ref", "FA-CANARY")
_drawn = count(1)


class Said(msgspec.Struct):
    """What a page answered."""

    status: int
    text: str
    headers: Mapping[str, str]


class Link:
    """The link of one message."""

    def __init__(self, office: Office, token: str, case_id: str, attempt_id: str) -> None:
        self.office, self.token, self.case_id, self.attempt_id = office, token, case_id, attempt_id
        self.path = f"/d/{token}"

    def get(self, action: str = "", method: str = "GET", **given: Any) -> Said:
        """The page, or that of an action."""
        path = f"{self.path}/{action}" if action else self.path
        said = self.office.client.request(method, path, **given)
        return Said(said.status_code, said.text, said.headers)

    def post(self, action: str, form: Mapping[str, str] | None = None, **given: Any) -> Said:
        """A form of that page, pressed."""
        said = self.office.client.post(f"{self.path}/{action}", data=dict(form or {}), **given)
        return Said(said.status_code, said.text, said.headers)

    @property
    def stored(self) -> cases.Stored:
        """The case as stored."""
        with self.office.database.read() as conn:
            (found,) = cases.load(conn, [self.case_id])
        return found

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return self.stored.case

    def told(self) -> list[Event]:
        """What the debtor has said, as the journal has it."""
        with self.office.database.read() as conn:
            lines = journal.read(conn, self.case_id)
        return [line.fact for line in lines if not hasattr(line.fact, "act") and line.fact.by == "debtor"]

    def tasks(self) -> list[tasks.Task]:
        """What people are asked about the case."""
        with self.office.database.read() as conn:
            return tasks.search(conn, tasks.Filter(case_id=self.case_id), limit=50)


def a_link(office: Office, *, channel: Channel = Channel.EMAIL, creditor: str = "acme-telecom", **changes: Any) -> Link:
    """A link to a message about F-…; `references`, `started_at` and `case` may be given, the rest makes the debtor."""
    number = next(_drawn)
    attempt_id, token = f"{number:032x}", f"{number:022d}"
    references = changes.pop("references", (f"FA-CANARY-{number}",))
    started_at = changes.pop("started_at", office.now)
    case = changes.pop("case", None) or _case(number, creditor, changes)
    point = case.debtor.people[0].point(POINT_OF_CHANNEL[channel])
    use = {Channel.SMS: Use.SMS, Channel.EMAIL: Use.EMAIL, Channel.LETTER: Use.LETTER}[channel]
    message = a_message(
        f"m{number}", case_id=case.id, creditor=creditor, channel=channel, use=use, references=references,
        state=messages.MessageState.ACCEPTED, step=f"s-{number}",
    )  # fmt: skip
    attempt = Attempt(
        id=attempt_id, message_id=message.id, case_id=case.id, number=1, token=token, content_hash="h", lane="x",
        channel=channel.value, destination=point.value if point else "", marker="x", units=1, epoch=0,
        started_at=started_at, lease_until=started_at, state=AttemptState.ACCEPTED, provider_id=f"p{number}",
    )  # fmt: skip
    with office.database.begin() as conn:
        if not cases.load(conn, [case.id]):
            linked = persons.link(conn, {case.id: []})
            cases.insert(conn, [cases.Entry(case, None, linked[case.id])], now=office.now)
        messages.plan(conn, [message], now=office.now)
        attempts.insert(conn, [attempt])
    return Link(office, token, case.id, attempt_id)


def _case(number: int, creditor: str, changes: dict[str, Any]) -> Case:
    debtor = a_debtor(
        ref=f"canary-ref-{number}",
        name="Zebulonne Quetzalberg",
        email=changes.pop("email", f"zebulonne@q{number}.example"),
        phone="+33644631299",
        language=changes.pop("language", "fr"),
        status=changes.pop("status", DebtorStatus.CONSUMER),
    )
    person = msgspec.structs.replace(debtor.people[0], name="Zebulonne Quetzalberg")
    debtor = msgspec.structs.replace(debtor, people=(person,))
    debts = (a_debt(f"FA-CANARY-{number}", cents=432_100), a_debt(f"other-{number}", cents=9_900))
    facts = changes.pop("facts", ())
    assert not changes, changes
    made = a_case(*debts, debtor=debtor, id=f"CASE{number:07}", facts=facts)
    return msgspec.structs.replace(made, creditor=creditor)
