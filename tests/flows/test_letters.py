"""Letters by the print folder (R44): written once, batched, taken back by a pause, told of by the post."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from channels.contract import Cancellation, Channel, InDoubt, Message, Outcome
from channels.contract import DeliveryStatus as Status
from channels.letter.print_folder import PrintFolder
from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.interruption import Pause
from orchestrator.domain.lane import Lane
from orchestrator.flows import call_lane, take_back_letters
from orchestrator.flows.advance_cases import advance_all
from orchestrator.flows.dispatch import Dispatched, dispatch_all
from orchestrator.flows.follow_letters import close_batches, record_letter_file
from orchestrator.flows.import_debts import confirm_ledger
from orchestrator.flows.outgoing import Post
from orchestrator.flows.pause_sending import PauseReport, drain_pauses, pause_report, start_pause
from orchestrator.flows.resume_sending import resume_pause
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import attempts
from orchestrator.storage.attempts import AttemptState
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY, World, row

LANE = Lane(id="post", channel=Channel.LETTER, provider="print_folder")


class Printing:
    """A world whose letters go to a print folder."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.adapter = PrintFolder(folder, clock=lambda: TUESDAY)
        self.adapters = {LANE.id: self.adapter}

    def strategy(self) -> Strategy:
        return replace(self.world.strategy(), lanes=(LANE,))

    def post(self) -> Post:
        return replace(self.world.post(TUESDAY), lanes=(LANE,), adapters=self.adapters)

    def send(self) -> Dispatched:
        confirm_ledger(self.world.database, "acme-telecom", as_of=TUESDAY.date(), now=TUESDAY, by="test")
        advance_all(self.world.database, self.strategy(), now=TUESDAY)
        return dispatch_all(self.world.database, self.strategy(), self.post(), now=TUESDAY)

    def attempt(self) -> attempts.Attempt:
        with self.world.database.read() as conn:
            return attempts.of_messages(conn, [message.id for message in self.world.messages()])[-1]


@pytest.fixture
def printing(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Printing:
    """One debtor whom only the post reaches."""
    # A letter that a busy machine begins too late is put back, as it should be, and not what these tests are about.
    monkeypatch.setattr(call_lane, "START_BY_SECONDS", 60.0)
    world.load(row(amount="80,00", phone="", email=""))
    (tmp_path / "print").mkdir()
    return Printing(world, tmp_path / "print")


def test_a_letter_waits_for_the_printer_and_leaves_in_the_batch_of_its_day(printing: Printing) -> None:
    assert printing.send().left == 1
    (batch,) = close_batches(printing.adapters, TUESDAY.date()).values()
    assert batch.attempt_ids == (printing.attempt().id,)
    assert batch.pdfs[0].read_bytes().startswith(b"%PDF")
    assert close_batches(printing.adapters, TUESDAY.date())[LANE.id] == batch


def test_what_the_post_says_is_recorded_once(printing: Printing) -> None:
    printing.send()
    attempt_id = printing.attempt().id
    file = f"attempt_id;status;date\n{attempt_id};posted;2026-03-11\n{attempt_id};NPAI;2026-03-20\n".encode()
    told = record_letter_file(printing.world.database, file, now=TUESDAY, real_now=TUESDAY)
    assert told.new > 0
    assert record_letter_file(printing.world.database, file, now=TUESDAY, real_now=TUESDAY).new == 0
    case = printing.world.case()
    assert {receipt.status for receipt in case.receipts} == {Status.POSTED, Status.UNKNOWN_ADDRESS}
    assert any(switch.key.startswith("post") for switch in case.points)


def test_a_pause_takes_back_what_is_not_printed_yet_and_the_resume_decides_it_anew(printing: Printing) -> None:
    world = printing.world
    printing.send()
    start_pause(world.database, Pause(id="p", scope=ALWAYS, since=TUESDAY, reason="x", by="test"))
    report = pause_report(
        world.database, printing.strategy, "p", adapters=printing.adapters, now=TUESDAY, real_now=TUESDAY
    )
    assert (report.state, report.letters_cancelled, report.letters_gone) == ("paused", 1, 0)
    assert close_batches(printing.adapters, TUESDAY.date()) == {}
    assert world.case().departures == ()
    assert world.messages()[0].state is MessageState.ABSENT
    resume_pause(world.database, printing.strategy(), "p", by="test", now=TUESDAY)
    assert printing.send().left == 1
    (batch,) = close_batches(printing.adapters, TUESDAY.date()).values()
    assert len(batch.attempt_ids) == 1


def pause(printing: Printing, at: datetime = TUESDAY) -> None:
    start_pause(printing.world.database, Pause(id="p", scope=ALWAYS, since=at, reason="x", by="test"))


def report(printing: Printing, at: datetime = TUESDAY) -> PauseReport:
    return pause_report(
        printing.world.database, printing.strategy, "p", adapters=printing.adapters, now=at, real_now=at
    )


class KilledError(BaseException):
    """Stands for a process that ends at once."""


def test_a_process_killed_between_printer_and_case_loses_no_letter(
    printing: Printing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object, **__: object) -> bool:
        raise KilledError

    printing.send()
    pause(printing)
    with monkeypatch.context() as patch:
        patch.setattr(take_back_letters, "withdraw_attempt", dies)
        with pytest.raises(KilledError):
            report(printing)
    assert close_batches(printing.adapters, TUESDAY.date()) == {}  # nobody prints it, and the case says it left
    # House-keeping makes it good where nobody asks.
    drain_pauses(printing.world.database, printing.strategy, adapters=printing.adapters, now=TUESDAY, real_now=TUESDAY)
    found = report(printing)
    assert (found.state, found.letters_cancelled, found.letters_gone) == ("paused", 1, 0)
    assert printing.world.case().departures == ()
    assert printing.attempt().state is AttemptState.ABSENT


@pytest.mark.parametrize("answer", ["busy", "unreadable"])
def test_a_printer_that_cannot_be_asked_is_asked_again(
    printing: Printing, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    def cancel(_attempt_id: str) -> Cancellation:
        if answer == "busy":
            return Cancellation.BUSY
        raise OSError("the folder is away")

    printing.send()
    pause(printing)
    with monkeypatch.context() as patch:
        patch.setattr(printing.adapter, "cancel", cancel)
        found = report(printing)
    assert (found.state, found.letters_cancelled, found.letters_gone, found.letters_waiting) == ("paused", 0, 0, 1)
    found = report(printing)
    assert (found.state, found.letters_cancelled, found.letters_gone, found.letters_waiting) == ("paused", 1, 0, 0)


def test_a_folder_that_is_away_is_no_proof_that_a_letter_has_gone(printing: Printing) -> None:
    printing.send()
    pause(printing)
    waiting = printing.adapter.layout.waiting
    away = waiting.rename(waiting.with_name("away"))
    assert (report(printing).letters_waiting, report(printing).letters_gone) == (1, 0)
    away.rename(waiting)
    assert report(printing).letters_cancelled == 1


def test_a_fault_of_one_letter_does_not_leave_the_next_with_the_printer(
    printing: Printing, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = printing.world
    other = row("F-2", debtor="C-2", amount="80,00", phone="", email="").replace("1 rue du Lac", "2 rue du Lac")
    world.load(other, now=TUESDAY - timedelta(minutes=1))
    assert printing.send().left == 2
    pause(printing)
    real, refused = printing.adapter.cancel, iter([True, False])

    def cancel(attempt_id: str) -> Cancellation:
        if next(refused):
            raise OSError("damaged")
        return real(attempt_id)

    with monkeypatch.context() as patch:
        patch.setattr(printing.adapter, "cancel", cancel)
        found = report(printing)
    assert (found.letters_cancelled, found.letters_waiting) == (1, 1)
    assert report(printing).letters_cancelled == 2


def test_a_letter_of_last_week_that_is_not_printed_yet_is_taken_back(printing: Printing) -> None:
    printing.send()
    later = TUESDAY + timedelta(days=6)
    pause(printing, later)
    found = report(printing, later)
    assert (found.letters_cancelled, found.letters_gone) == (1, 0)
    assert close_batches(printing.adapters, later.date()) == {}
    assert printing.world.messages()[0].state is MessageState.ABSENT


def test_a_letter_in_doubt_that_is_taken_back_is_decided_again(
    printing: Printing, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = printing.adapter.send

    def unsure(message: Message, *, start_by: float | None = None) -> Outcome:
        send(message, start_by=start_by)
        return InDoubt("the last step failed")

    with monkeypatch.context() as patch:
        patch.setattr(printing.adapter, "send", unsure)
        assert printing.send().in_doubt == 1
    pause(printing)
    assert report(printing).letters_cancelled == 1
    assert printing.world.messages()[0].state is MessageState.ABSENT
    resume_pause(printing.world.database, printing.strategy(), "p", by="test", now=TUESDAY)
    assert printing.send().left == 1


def test_a_letter_of_a_closed_batch_is_gone_and_the_pause_says_so(printing: Printing) -> None:
    world = printing.world
    printing.send()
    close_batches(printing.adapters, TUESDAY.date())
    start_pause(world.database, Pause(id="p", scope=ALWAYS, since=TUESDAY, reason="x", by="test"))
    report = pause_report(
        world.database, printing.strategy, "p", adapters=printing.adapters, now=TUESDAY, real_now=TUESDAY
    )
    assert (report.letters_cancelled, report.letters_gone) == (0, 1)
    assert len(world.case().departures) == 1
