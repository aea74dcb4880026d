"""A reply becomes facts of its case, once: stored, read, obeyed or given to a person (R5, R10, R14)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from channels.contract import Attachment, Channel, Inbound
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.reply import Intent
from orchestrator.flows.answer_task import answer_task
from orchestrator.flows.explain_case import explain_case
from orchestrator.flows.record_replies import Recorded, record_replies, reply_id_of
from orchestrator.rendering.why import Storyteller, tell_all
from orchestrator.storage import attempts, cases, replies, tasks
from tests.domain import facts
from tests.flows.conftest import TUESDAY, World, row

PHONE = "+33644631234"
MAIL = "jeanne@example.org"


def a_text(text: str, *, key: str = "SM1", sender: str = PHONE, **changes: Any) -> Inbound:
    return Inbound(channel=Channel.SMS, dedup_key=key, sender=sender, to="38600", text=text, **changes)


def a_mail(text: str, *, key: str = "<1@example.org>", sender: str = MAIL, **changes: Any) -> Inbound:
    return Inbound(channel=Channel.EMAIL, dedup_key=key, sender=sender, to="us@acme.example", text=text, **changes)


def hear(world: World, *inbounds: Inbound, now: datetime = TUESDAY) -> list[Recorded]:
    return record_replies(world.database, world.strategy(), inbounds, now=now)


def reminded(world: World, *rows: str) -> None:
    world.load(*(rows or (row(),)))
    world.advance()
    assert world.dispatch().left >= 1


def days(count: int, hours: int = 0) -> datetime:
    return TUESDAY + timedelta(days=count, hours=hours)


def left_since(world: World, start: datetime, end: datetime) -> list[str]:
    """What leaves, looked for every four hours, as `day step`."""
    at = start
    while at <= end:
        world.advance(now=at)
        world.dispatch(now=at)
        at += timedelta(hours=4)
    return [f"{d.at:%m-%d} {d.step.partition(':')[0]}" for d in world.case().departures if start <= d.at <= end]


# --------------------------------------------------------------------------------------------- the story


def test_who_promises_is_left_in_peace_and_followed_up_the_next_allowed_morning(world: World) -> None:
    """R14: a precise date and amount, held until then plus grace, followed up without delay."""
    reminded(world)
    (recorded,) = hear(world, a_text("je paierai 20 euros le 15"))
    assert recorded.case_id == world.case().id
    (promise,) = world.case().promises
    assert (promise.amount_cents, promise.due_on.isoformat()) == (2000, "2026-03-15")
    assert left_since(world, days(0, 1), days(8, 13)) == []
    # The 15th is a Sunday, grace ends with the 18th: the 19th is the first day that is not theirs.
    assert left_since(world, days(9, -8), days(9, 12)) == ["03-19 promise.broken"]
    assert "promesse rompue" in story(world)
    assert "promesse de règlement : 20,00 € pour le 15 mars 2026" in story(world).replace("\u202f", " ").replace(
        "\xa0", " "
    )


def test_who_keeps_the_promise_is_thanked(world: World) -> None:
    reminded(world)
    hear(world, a_text("je paierai 42 euros le 15"))
    world.record(facts.paid(4200, "F-1", on="2026-03-14"), now=days(4))
    assert left_since(world, days(4, 1), days(6, 12)) == ["03-14 payment.full"]
    assert world.case().outcome == "paid"


def story(world: World) -> str:
    told = explain_case(world.database, world.strategy(), world.case().id, now=days(20))
    teller = Storyteller(language="fr", currency="EUR", zone=told.zone, title_of=lambda _rule, _day: ("", ""))
    return "\n".join(line.sentence for line in tell_all(teller, told.facts))


# --------------------------------------------------------------------------------------------- whose it is


def test_the_same_reply_told_again_changes_nothing(world: World) -> None:
    reminded(world)
    assert [r.is_new for r in hear(world, a_text("STOP"), a_text("STOP"))] == [True, False]
    before = world.case()
    for _ in range(5):
        assert [r.is_new for r in hear(world, a_text("STOP"), now=days(1))] == [False]
    assert world.case() == before


def test_an_email_finds_its_case_by_the_message_that_it_answers(world: World) -> None:
    """Whatever address it comes from: an accountant may answer for a client."""
    reminded(world, row(email=MAIL, phone=""))
    (message,) = world.messages()
    with world.database.read() as conn:
        (attempt,) = attempts.of_messages(conn, [message.id])
    by_address = a_mail("Nous paierons le 20 mars.", sender="cabinet@compta.example", attempt_id=attempt.id)
    by_thread = a_mail("Merci", key="<2@x>", sender="other@compta.example", thread=(f"<{attempt.id}@mail.example>",))
    found = hear(world, by_address, by_thread)
    assert {r.case_id for r in found} == {world.case().id}
    with world.database.read() as conn:
        stored = replies.search(conn, replies.Filter(case_id=world.case().id), limit=5)
    assert {reply.attempt_id for reply in stored} == {attempt.id}
    assert {reply.sender for reply in stored} == {"cabinet@compta.example", "other@compta.example"}


def test_of_two_cases_the_one_written_to_last_has_it(world: World) -> None:
    world.load(row("F-1", debtor="C-1"))
    world.advance()
    world.dispatch()
    world.load(row("F-2", debtor="C-2"), now=days(6))
    world.advance(now=days(6))
    world.dispatch(now=days(6))
    written_to = {case.debtor.ref: case.id for case in world.cases() if case.departures}
    (recorded,) = hear(world, a_text("rappelez-moi svp"), now=days(7))
    assert recorded.case_id == written_to.get("C-2", written_to["C-1"])


def test_a_stop_is_obeyed_in_every_case_of_the_person(world: World) -> None:
    world.load(row("F-1", debtor="C-1"), row("F-2", debtor="C-2"))
    hear(world, a_text("STOP"))
    assert all(any(s.key == "sms:" and s.is_on for s in case.opt_outs) for case in world.cases())
    world.advance()
    world.dispatch()
    assert [m for m in world.messages() if m.send.channel is Channel.SMS and m.state == "accepted"] == []


def test_what_one_case_hears_of_money_another_does_not(world: World) -> None:
    """Semantics A8: one person for protection only."""
    world.load(row("F-1", debtor="C-1"), row("F-2", debtor="C-2"))
    hear(world, a_text("je paierai 20 euros le 15"))
    assert sorted(len(case.promises) for case in world.cases()) == [0, 1]


def test_nobody_knows_the_sender_and_a_person_finds_out(world: World) -> None:
    world.load(row())
    (recorded,) = hear(world, a_text("STOP", sender="+33644630000"))
    assert recorded.case_id == ""
    with world.database.read() as conn:
        (task,) = tasks.search(conn, tasks.Filter(kind="unknown_sender"), limit=5)
        (kept,) = replies.search(conn, replies.Filter(state=replies.ReplyState.OPEN), limit=5)
    assert (task.role, task.subject, kept.text) == ("manager", kept.id, "STOP")


# ------------------------------------------------------------------------------------- doubt, and people


def test_what_is_unclear_holds_the_case_until_somebody_has_read_it(world: World) -> None:
    reminded(world)
    (recorded,) = hear(world, a_text("hum bof on verra"))
    assert recorded.reading is not None
    assert recorded.reading.intents == (Intent.OTHER,)
    assert left_since(world, days(1), days(14)) == []
    (task,) = [task for task in world.case().tasks if task.kind == "read_reply"]
    answer_task(world.database, f"{world.case().id}:{task.id}", answer="done", by="lea", role="agent", now=days(14, 1))
    assert [s.key for s in world.case().lifted] == [f"unread:reply:{recorded.reply_id}"]
    with world.database.read() as conn:
        assert replies.load(conn, [recorded.reply_id])[0].state is replies.ReplyState.DONE
    assert left_since(world, days(14, 2), days(30)) != []


def test_a_task_of_a_reply_shows_their_words(world: World) -> None:
    reminded(world)
    hear(world, a_text("Pouvez-vous me rappeler demain matin ?"))
    (task,) = world.case().tasks
    with world.database.read() as conn:
        (stored,) = tasks.load(conn, [f"{world.case().id}:{task.id}"])
    assert (stored.kind, stored.cause) == ("call_back", "debtor: Pouvez-vous me rappeler demain matin ?")
    assert HoldKind.UNREAD_REPLY in [hold.kind for hold in world.case().holds]


def test_attachments_are_kept_as_they_came(world: World) -> None:
    reminded(world, row(email=MAIL, phone=""))
    proof = Attachment(file_name="virement.pdf", media_type="application/pdf", content=b"%PDF-1.7 \x00\xff")
    (recorded,) = hear(world, a_mail("J'ai déjà payé, voir le justificatif.", attachments=(proof,)))
    with world.database.read() as conn:
        (file,) = replies.files_of(conn, [recorded.reply_id])
        assert (file.file_name, file.size) == ("virement.pdf", 11)
        assert replies.file_content(conn, recorded.reply_id, 1) == proof.content
    assert [hold.kind for hold in world.case().holds] == [HoldKind.ALREADY_PAID]


def test_a_planned_message_does_not_leave_after_any_reply(world: World) -> None:
    reminded(world)
    later = days(14)
    assert world.advance(now=later).planned == 1
    hear(world, a_text("je conteste cette facture"), now=later)
    before = len(world.sent())
    assert world.dispatch(now=later).left == 0
    assert len(world.sent()) == before


@pytest.mark.parametrize("text", ["", " ", "\u200b", "🙂", "STOP" * 5_000])
def test_any_text_is_kept(world: World, text: str) -> None:
    reminded(world)
    (recorded,) = hear(world, a_text(text))
    with world.database.read() as conn:
        assert replies.load(conn, [recorded.reply_id])[0].text == text
        assert recorded.reply_id == reply_id_of(a_text(text))
        assert cases.load(conn, [recorded.case_id])


def test_a_promise_that_only_the_ledger_shows_paid_is_kept(world: World) -> None:
    """A creditor that pushes open amounts tells no payment."""
    reminded(world)
    hear(world, a_text("je paierai 20 euros le 15"))
    world.load(row(amount="42,00").replace("42,00;42,00", "42,00;22,00"), now=days(4))
    assert "promise.broken" not in str(left_since(world, days(8), days(10)))
    assert [switch.value for switch in world.case().promise_ends] == ["kept"]


# ------------------------------------------------------------------------------------------ paid, said again


def said_again_and_again(world: World) -> list[str]:
    left: list[str] = []
    for day in range(0, 80, 8):
        hear(world, a_text("j'ai déjà payé", key=f"k{day}"), now=days(day, 1))
        left += left_since(world, days(day, 2), days(day + 7))
    return left


def test_paid_already_said_again_and_again_does_not_silence_for_ever(world: World) -> None:
    reminded(world)
    assert any("reminder" in each for each in said_again_and_again(world))
    assert [hold.kind for hold in world.case().holds] == [HoldKind.ALREADY_PAID]


def test_paid_already_said_again_is_read_when_nobody_looks_for_the_payment_any_more(world: World) -> None:
    reminded(world)
    hear(world, a_text("j'ai déjà payé", key="a"))
    world.advance()
    (task,) = world.case().tasks
    answer_task(world.database, f"{world.case().id}:{task.id}", answer="done", by="lea", role="agent", now=days(1))
    world.dispatch(now=days(1))
    hear(world, a_text("j'ai déjà payé", key="b"), now=days(2))
    world.advance(now=days(2))
    assert [task.kind for task in world.case().tasks] == ["read_reply"]
    assert len(world.case().holds) == 1


def test_paid_already_is_believed_again_after_a_payment(world: World) -> None:
    reminded(world)
    hear(world, a_text("j'ai déjà payé", key="a"))
    world.record(facts.paid(2000, "F-1", on="2026-03-12"), now=days(3))
    hear(world, a_text("j'ai déjà payé le reste", key="b"), now=days(9))
    assert [hold.kind for hold in world.case().holds] == [HoldKind.ALREADY_PAID] * 2
