"""What every adapter owes, whatever its provider. Inherit AdapterConformance; give it `provider` and `rig`."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest
from msgspec.structs import replace

from channels import boot_clock
from channels.contract import (
    Absent,
    Accepted,
    Adapter,
    CannotTell,
    Channel,
    EmailMessage,
    Found,
    InDoubt,
    Inquiry,
    LetterMessage,
    LetterService,
    Message,
    Outcome,
    ReasonClass,
    Rejected,
    SmsMessage,
    Throttled,
)
from channels.errors import WrongChannel
from tests.channels.builders import a_message, now

REFUSALS: list[Outcome] = [
    Rejected(reason_class=ReasonClass.ADDRESS, code="bad_address"),
    Throttled(30),
    InDoubt("no complete answer"),
]


@dataclass
class Rig:
    """An adapter, and the provider behind it: scripted, or the sandbox's folder."""

    adapter: Adapter
    answer_with: Callable[[Outcome], None]  # what the provider will answer from now on
    handed_over: Callable[[], int]  # messages that the provider holds


def personal_words(message: Message) -> list[str]:
    """The parts of a message that point to a person."""
    match message:
        case SmsMessage():
            return [message.to, message.text]
        case EmailMessage():
            return [message.to_address, message.to_name, message.subject, message.text]
        case LetterMessage():
            return list(message.address_lines)


def inquiry_about(message: Message) -> Inquiry:
    """What is asked of a ledger about a message of `builders`; its text is the marker."""
    if isinstance(message, LetterMessage):
        to, marker = message.address_lines[0], message.attempt_id
    else:
        to, marker = message.to if isinstance(message, SmsMessage) else message.to_address, message.text
    return Inquiry(attempt_id=message.attempt_id, to=to, marker=marker, since=now() - timedelta(minutes=1))


class AdapterConformance:
    """The suite. `rig` is fresh for each test; `provider` is the name in the registry."""

    provider: ClassVar[str]

    def test_is_an_adapter_and_says_the_same_channel_twice(self, rig: Rig) -> None:
        assert isinstance(rig.adapter, Adapter)
        assert rig.adapter.name == self.provider
        assert rig.adapter.capabilities.channel is rig.adapter.channel

    def test_only_a_letter_adapter_has_letter_services(self, rig: Rig) -> None:
        services = rig.adapter.capabilities.letter_services
        assert services <= frozenset(LetterService)
        assert bool(services) is (rig.adapter.channel is Channel.LETTER)

    def test_an_accepted_message_is_handed_over_once_and_gets_a_provider_id(self, rig: Rig) -> None:
        outcome = rig.adapter.send(a_message(rig.adapter.channel))
        assert isinstance(outcome, Accepted)
        assert outcome.provider_id
        assert rig.handed_over() == 1

    def test_two_attempts_are_two_messages_with_two_provider_ids(self, rig: Rig) -> None:
        channel = rig.adapter.channel
        outcomes = [rig.adapter.send(a_message(channel, attempt_id=name)) for name in ("first", "second")]
        assert len({outcome.provider_id for outcome in outcomes if isinstance(outcome, Accepted)}) == 2
        assert rig.handed_over() == 2

    @pytest.mark.parametrize("answer", REFUSALS, ids=lambda answer: type(answer).__name__)
    def test_the_providers_answer_comes_back_as_its_outcome(self, rig: Rig, answer: Outcome) -> None:
        rig.answer_with(answer)
        assert type(rig.adapter.send(a_message(rig.adapter.channel))) is type(answer)

    @pytest.mark.parametrize("answer", REFUSALS[:2], ids=lambda answer: type(answer).__name__)
    def test_a_refused_message_is_handed_over_to_nobody(self, rig: Rig, answer: Outcome) -> None:
        rig.answer_with(answer)
        rig.adapter.send(a_message(rig.adapter.channel))
        assert rig.handed_over() == 0

    def test_past_its_start_by_a_message_is_handed_over_to_nobody(self, rig: Rig) -> None:
        outcome = rig.adapter.send(a_message(rig.adapter.channel), start_by=boot_clock.now() - 0.001)
        assert outcome == boot_clock.TOO_LATE
        assert rig.handed_over() == 0

    def test_before_its_start_by_a_message_leaves(self, rig: Rig) -> None:
        assert isinstance(rig.adapter.send(a_message(rig.adapter.channel), start_by=boot_clock.now() + 60), Accepted)

    def test_a_ledger_knows_what_was_handed_over_and_nothing_else(self, rig: Rig) -> None:
        message = a_message(rig.adapter.channel)
        if not rig.adapter.capabilities.has_ledger:
            assert isinstance(rig.adapter.look_up(inquiry_about(message)), CannotTell)
            return
        assert rig.adapter.look_up(inquiry_about(message)) == Absent()
        accepted = rig.adapter.send(message)
        assert isinstance(accepted, Accepted)
        assert rig.adapter.look_up(inquiry_about(message)) == Found(accepted.provider_id)
        other = inquiry_about(a_message(rig.adapter.channel, attempt_id="another-attempt"))
        assert rig.adapter.look_up(replace(other, marker="https://relance.example/d/another")) == Absent()

    def test_a_message_of_another_channel_is_a_fault_of_the_caller(self, rig: Rig) -> None:
        for channel in set(Channel) - {rig.adapter.channel}:
            with pytest.raises(WrongChannel):
                rig.adapter.send(a_message(channel))
        assert rig.handed_over() == 0

    def test_sending_does_not_change_the_message(self, rig: Rig) -> None:
        message = a_message(rig.adapter.channel)
        rig.adapter.send(message)
        assert message == a_message(rig.adapter.channel)

    def test_neither_the_log_nor_the_outcome_names_a_person(self, rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
        message = a_message(rig.adapter.channel)
        with caplog.at_level(logging.DEBUG):
            outcomes = [rig.adapter.send(message)]
            rig.answer_with(REFUSALS[0])
            outcomes.append(rig.adapter.send(message))
        said = caplog.text + repr(outcomes)
        assert not [word for word in personal_words(message) if word in said]
