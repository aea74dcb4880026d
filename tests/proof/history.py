"""What must be true of a history of sending, whatever happened to the senders: the provider's ledger beside ours."""

from collections import Counter
from collections.abc import Sequence

import msgspec
from sqlalchemy import text

from orchestrator.storage import attempts, cases, messages
from orchestrator.storage.attempts import Attempt, AttemptState
from orchestrator.storage.database import Database
from orchestrator.storage.messages import Message, MessageState
from tests.stubs.twilio_stub import Taken


class History(msgspec.Struct, frozen=True):
    """Everything that was planned, tried, counted and told to cases, and what the provider took."""

    messages: dict[str, Message]
    attempts: dict[str, Attempt]
    contacts: Counter[str]
    departures: Counter[str]
    taken: tuple[Taken, ...]

    def took(self) -> Counter[str]:
        """How often the provider took each message, by whatever attempt."""
        return Counter(self.attempts[each.attempt_id].message_id for each in self.taken if self.is_ours(each))

    def is_ours(self, each: Taken) -> bool:
        return each.attempt_id in self.attempts

    def states(self) -> Counter[MessageState]:
        return Counter(message.state for message in self.messages.values())


def read_history(database: Database, taken: Sequence[Taken]) -> History:
    """The history as it stands."""
    with database.read() as conn:
        stored = [item.case for page in cases.each(conn) for item in page]
        planned = {message.id: message for message in messages.of_cases(conn, [case.id for case in stored])}
        tried = {attempt.id: attempt for attempt in attempts.of_messages(conn, planned)}
        counted = conn.execute(text("SELECT message_id, count(*) FROM contacts GROUP BY message_id"))
        contacts = Counter({row[0]: row[1] for row in counted})
    departures = Counter(departure.message_id for case in stored for departure in case.departures)
    return History(planned, tried, contacts, departures, tuple(taken))


def faults_at_any_time(history: History) -> list[str]:
    """What must never be, not even between a crash and its mending."""
    faults = [f"the provider took {name} {count} times" for name, count in history.took().items() if count > 1]
    faults += [f"{each.sid} left without a trace" for each in history.taken if not history.is_ours(each)]
    for each in history.taken:
        attempt = history.attempts.get(each.attempt_id)
        if attempt is not None and attempt.state in (AttemptState.ABSENT, AttemptState.REJECTED):
            faults.append(f"the provider took {attempt.id}, which passes for {attempt.state}: {attempt.reason}")
    took = history.took()
    for message in history.messages.values():
        if message.state is MessageState.ACCEPTED and took[message.id] != 1:
            faults.append(f"{message.id} passes for accepted, and the provider has it {took[message.id]} times")
        is_left = message.state in (MessageState.CALLING, MessageState.IN_DOUBT, MessageState.ACCEPTED)
        if history.contacts[message.id] != is_left:
            faults.append(f"{message.id} is {message.state} and counts as {history.contacts[message.id]} contacts")
        if message.state in (MessageState.HELD, MessageState.EXPIRED) and not message.reason:
            faults.append(f"{message.id} is {message.state} without a reason")
    return faults


def faults_in_the_end(history: History) -> list[str]:
    """What must not be once senders have had their time: every message left, once, and everybody knows."""
    faults = faults_at_any_time(history)
    took = history.took()
    for message in history.messages.values():
        if took[message.id] != 1:
            faults.append(f"{message.id} was taken {took[message.id]} times; it is {message.state}: {message.reason}")
        if message.state is not MessageState.ACCEPTED:
            faults.append(f"{message.id} is {message.state} in the end")
        if history.departures[message.id] != 1:
            faults.append(f"the case of {message.id} knows of {history.departures[message.id]} departures")
    for each in history.taken:
        attempt = history.attempts.get(each.attempt_id)
        if attempt is not None and attempt.provider_id != each.sid:
            faults.append(f"{each.sid} is known as {attempt.provider_id}")
    return faults
