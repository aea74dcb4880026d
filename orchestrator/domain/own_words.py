"""What an agent's own answer asks of its words before it is a fact: something said, no longer than its channel carries.

Whether it may leave is judged as for every message: `written_answer.py`, and the words by the lint of content.
"""

from channels.contract import Channel
from orchestrator.domain.acting import Acting, close_tasks_about, task
from orchestrator.domain.acts import AskCall, ReadReply, WriteAnswer
from orchestrator.domain.agreement import UNREAD, Hold, HoldKind
from orchestrator.domain.case import WRITTEN, CaseState
from orchestrator.domain.case_clock import shift_date
from orchestrator.domain.errors import Conflict, InputError
from orchestrator.domain.events import AnswerWritten, Event, HoldLifted, HoldPlaced, ReactionDone
from orchestrator.domain.reply import Intent
from orchestrator.domain.written_reply import QUESTIONS

# Four parts of an SMS, with what frames the words; nobody reads a longer letter in a mail.
LONGEST = {Channel.SMS: 480, Channel.EMAIL: 4000, Channel.LETTER: 4000}


def reply_name(reply_id: str) -> str:
    """The name under which the case knows a reply: its event, and the subject of what is asked about it."""
    return f"reply:{reply_id}"


def write_answer(acting: Acting, act: WriteAnswer) -> list[Event]:
    """The answer, and the end of reading what it answers. Raises InputError, or Conflict for a second one."""
    words = require_words(act.channel, act.words)
    if is_answered(acting, act.reply_id):
        hint = "look at the case: `relance why` tells what was said"
        raise Conflict("this reply was answered already", hint=hint, code="reply_answered")
    written = AnswerWritten(
        id=acting.name, at=acting.at, by=acting.by, channel=act.channel, words=words, reply_id=act.reply_id
    )
    return [written, *_read(acting, reply_name(act.reply_id)), *_time_to_react(acting)]


def _time_to_react(acting: Acting) -> list[Event]:
    """Who was answered is left in peace for a while: a demand on the answer's heels would take its words back.

    It holds from the writing on, for until the answer has left the ladder waits for it anyway.
    """
    length = acting.terms.after_answer
    if not length.count or acting.case.state is not CaseState.OPEN:
        return []
    hold = Hold(
        id=f"{HoldKind.ANSWER_GIVEN}:{acting.name}", kind=HoldKind.ANSWER_GIVEN, since=acting.at, source=acting.by,
        until=shift_date(acting.today, length, acting.place),
    )  # fmt: skip
    return [HoldPlaced(id=f"{acting.name}:answered", at=acting.at, by=acting.by, hold=hold)]


def ask_call(acting: Acting, act: AskCall) -> list[Event]:
    """Somebody calls back, in the time that a reply that is certain gives. Raises Conflict when it is asked already."""
    asked, subject = QUESTIONS[Intent.WANTS_CALL], f"{reply_name(act.reply_id)}:{Intent.WANTS_CALL}"
    if acting.case.task(asked.kind, subject) is not None:
        raise Conflict("somebody is asked to call already", hint="look at the tasks", code="call_asked")
    return [task(acting, asked.kind, subject, asked.within)]


def read_reply(acting: Acting, act: ReadReply) -> list[Event]:
    """Read, with nothing to be said."""
    return _read(acting, reply_name(act.reply_id))


def _read(acting: Acting, name: str) -> list[Event]:
    """Nobody need read any more what was answered; what the debtor asks for keeps its own task, and its hold."""
    facts = close_tasks_about(acting, name, "answered")
    for pending in acting.case.pending:
        if pending.cause == name:
            told = f"{acting.name}:reacted:{name}"
            facts.append(ReactionDone(id=told, at=acting.at, by=acting.by, cause=name, part="all", how="answered"))
    hold_id = f"{UNREAD}{name}"
    is_held = any(hold.id == hold_id for hold in acting.running(HoldKind.UNREAD_REPLY))
    if is_held and not any(isinstance(fact, HoldLifted) for fact in facts):
        facts.append(HoldLifted(id=f"{acting.name}:read", at=acting.at, by=acting.by, hold_id=hold_id, why="answered"))
    return facts


def require_words(channel: Channel, words: str) -> str:
    """The words as they are kept. Raises InputError `answer_empty` or `answer_too_long`."""
    said = words.strip()
    if not any(character.isprintable() and not character.isspace() for character in said):
        raise InputError("the answer is empty", hint="write what is to be said", code="answer_empty")
    most = LONGEST[channel]
    if len(said) > most:
        hint = f"at most {most} characters by {channel}"
        raise InputError("the answer is too long", hint=hint, code="answer_too_long")
    return said


def is_answered(acting: Acting, reply_id: str) -> bool:
    """Whether an answer to this reply waits to leave, or has left: one for each act of the debtor (semantics B6)."""
    case = acting.case
    waiting = any(answer.reply_id == reply_id for answer in case.answers)
    return waiting or any(departure.step.startswith(f"{WRITTEN}:{reply_id}:") for departure in case.departures)
