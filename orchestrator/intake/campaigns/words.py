"""The closed lists of words of a campaign file: events, metrics, offers, people. Not what they do."""

from typing import Annotated, Literal

import msgspec

from orchestrator.intake.strict_yaml.field_types import Word

Offer = Literal["plan", "deferral", "settlement"]
Person = Literal["agent", "manager", "admin"]


class EventWord(msgspec.Struct, frozen=True):
    """An event that a campaign may react to, and the parameters it takes in a test.

    `needs` and `takes` name keys of a test's `when:` line. `follows` is set when nobody causes it: a test
    cannot say that it happens, it says what makes it happen.
    """

    meaning: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    follows: str = ""
    field: str = ""


def _events(**words: EventWord) -> dict[str, EventWord]:
    return {field.replace("__", "."): msgspec.structs.replace(each, field=field) for field, each in words.items()}


EVENTS: dict[str, EventWord] = _events(
    promise__made=EventWord("the debtor promises to pay by a date", needs=("for",), takes=("amount",)),
    promise__broken=EventWord("a promised day and its grace have passed without the sum",
                              follows="promise.made, when no payment comes in time"),
    promise__kept=EventWord("the promised sum came in time", follows="promise.made, then payment.full"),
    payment__partial=EventWord("a part of the balance is paid", needs=("amount",)),
    payment__full=EventWord("all that is open is paid"),
    payment__rejected=EventWord("a payment or direct debit is rejected by the bank", takes=("code",)),
    dispute__opened=EventWord("the debtor disagrees with a debt", takes=("amount",)),
    dispute__resolved=EventWord("the creditor has answered the dispute", needs=("outcome",)),
    hardship__declared=EventWord("the debtor says that paying is not possible"),
    delivery__failed=EventWord("a message is proved undelivered", takes=("channel",)),
    reply__received=EventWord("the debtor wrote, and a person must read it"),
    deferral__granted=EventWord("more time is agreed", needs=("until",)),
    plan__agreed=EventWord("a plan is agreed", needs=("instalments", "first_on"), takes=("every",)),
    plan__broken=EventWord("an instalment did not come", follows="plan.agreed, when none is paid"),
    already_paid__claimed=EventWord("the debtor says that it is paid already"),
    opted_out=EventWord("the debtor closes a channel", needs=("channel",)),
)  # fmt: skip

# What a test may also say happened; a campaign has no reaction to these.
TEST_EVENTS: dict[str, EventWord] = {
    **EVENTS,
    "approval.given": EventWord("a person approves a step", needs=("step",), field="approval__given"),
    "approval.refused": EventWord("a person refuses a step", needs=("step",), field="approval__refused"),
    "call.made": EventWord("a person called", needs=("step",), takes=("outcome",), field="call__made"),
    "mark.added": EventWord("a mark is put on the case", needs=("mark",), field="mark__added"),
    "hold.placed": EventWord("something stops demands", needs=("hold",), takes=("until",), field="hold__placed"),
}

METRICS: dict[str, str] = {
    "complaint_rate": "messages reported as unwanted",
    "opt_out_rate": "people who closed a channel",
    "bounce_rate": "e-mails and letters that came back",
    "undelivered_rate": "messages proved undelivered",
    "dispute_rate": "cases disputed after a message",
    "wrong_reminder_rate": "reminders of what was already paid, credited or settled",
}

# Metrics that may be written before anything counts them.
UNCOUNTED = frozenset({"wrong_reminder_rate"})

Metric = Annotated[str, Word({name: name for name in METRICS})]
TestEvent = Annotated[str, Word({name: name for name in TEST_EVENTS})]
