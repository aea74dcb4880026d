"""The words that an approval would let leave: composed as they would be, sent to nobody, stored nowhere (R40)."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from orchestrator.domain.apply import apply
from orchestrator.domain.case import Case
from orchestrator.domain.context import Context
from orchestrator.domain.decision import Ask, Send, Wait
from orchestrator.domain.entry import pack_for
from orchestrator.domain.errors import RelanceError
from orchestrator.domain.events import ApprovalGiven
from orchestrator.domain.place import local_date
from orchestrator.domain.progress import make_progress, pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.domain.who import Who
from orchestrator.flows.brief_message import brief_message
from orchestrator.flows.my_day import DESK, readable
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.rendering.rendered import LetterWords, RenderedEmail, RenderedSms
from orchestrator.rendering.texts import Texts
from orchestrator.storage import cases, tasks, worklist
from orchestrator.storage.database import Database
from orchestrator.storage.worklist import Chosen

Words = Callable[[str], Texts]
"""The texts that a release is pinned to."""
LISTED = 50
# What is approved at night is worded as on the next morning: hours and caps are looked past, a few times.
_LOOKS_AHEAD = 4


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An approval as a person reads it. `amount_cents` is what it binds, `owed_cents` what is owed now.

    `channel`, `voice`, `subject` and `text` are those of the message; empty with a `problem` where none would leave:
    the code of an error, or `asks:KIND` when something else must be answered first, `waits`, or `act:NAME`.
    """

    task: tasks.Task
    case: Case
    owed_cents: int
    channel: str = ""
    voice: str = ""
    language: str = ""
    subject: str = ""
    text: str = ""
    sends_at: datetime | None = None
    problem: str = ""

    @property
    def is_changed(self) -> bool:
        """What is owed is no more what was asked about."""
        return self.owed_cents != self.task.amount_cents


def preview_approvals(
    database: Database,
    strategy: Strategy,
    words: Words,
    chosen: Chosen,
    *,
    who: Who,
    now: datetime,
    limit: int = LISTED,
    after: str = "",
) -> list[Waiting]:
    """The approvals of a campaign and step with their words, in the order in which they lapse, from the one after."""
    with database.read() as conn:
        last = next(iter(tasks.load(conn, [after])), None) if after else None
        reader = readable(conn, who, local_date(now, DESK))
        asked = [each.task for each in worklist.of_batch(conn, chosen, reader, limit=limit, after=last)]
        stored = {item.case.id: item for item in cases.load(conn, {task.case_id for task in asked})}
        around = contexts(conn, strategy, list(stored.values()), now=now)
    found = [task for task in asked if task.case_id in stored]
    return [_waiting(task, stored[task.case_id].case, around[task.case_id], strategy, words, now) for task in found]


def _waiting(
    task: tasks.Task, case: Case, context: Context, strategy: Strategy, words: Words, now: datetime
) -> Waiting:
    owed = Situation(case, pinned_campaign(case, strategy.all_campaigns), context, now).account.overdue_cents
    seen = Waiting(task=task, case=case, owed_cents=owed)
    approved = ApprovalGiven(
        id="preview", at=now, by="preview", step=task.step, cycle=case.cycle_number, amount_cents=owed, role=task.role
    )
    try:
        return _worded(seen, apply(case, approved), context, strategy, words, now)
    except RelanceError as error:
        return msgspec.structs.replace(seen, problem=error.code)


def _worded(seen: Waiting, case: Case, context: Context, strategy: Strategy, words: Words, now: datetime) -> Waiting:
    act, at = None, now
    for _ in range(_LOOKS_AHEAD):
        progress = make_progress(case, strategy.all_campaigns, strategy.book, context, at)
        act, case = progress.decision.act, progress.case
        if not isinstance(act, Wait) or act.until is None:
            break
        at = act.until
    if not isinstance(act, Send):
        return msgspec.structs.replace(seen, problem=_problem(act))
    situation = Situation(case, pinned_campaign(case, strategy.all_campaigns), context, at)
    pack = pack_for(situation, strategy.book)
    if pack is None:
        return msgspec.structs.replace(seen, problem="policy")
    policy = strategy.book.on(pack, situation.today, case.debtor.status)
    texts = words(case.release)
    languages = frozenset(texts.languages)
    brief = brief_message(situation, policy, act, attempt_id="0" * 32, link=_LINK, languages=languages)
    rendered = texts.render(brief)
    subject, text = _read(rendered)
    return msgspec.structs.replace(
        seen, channel=act.use.value, voice=act.voice.value, language=brief.language, subject=subject, text=text,
        sends_at=at,
    )  # fmt: skip


# Each message gets a link of its own when it leaves.
_LINK = "https://relance.example/d/0"


def _read(rendered: RenderedSms | RenderedEmail | LetterWords) -> tuple[str, str]:
    if isinstance(rendered, RenderedSms):
        return "", rendered.text
    return rendered.subject, rendered.text


def _problem(act: object) -> str:
    if isinstance(act, Ask):
        return f"asks:{act.task}"
    if isinstance(act, Wait):
        return "waits"
    return f"act:{type(act).__name__.lower()}"
