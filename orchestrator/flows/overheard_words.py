"""What somebody writes beside a wish on the portal: a death, a danger, despair or hardship is heard at once.

The wish itself says what they want; only what must not wait for a person's reading acts from here.
"""

from datetime import datetime

import msgspec

from channels.contract import Channel
from orchestrator.domain.campaign import AgreementTerms
from orchestrator.domain.case import Case
from orchestrator.domain.declarations import place_of_debtor
from orchestrator.domain.events import Event, ReplyReceived
from orchestrator.domain.place import local_date
from orchestrator.domain.reply import Finding, Intent
from orchestrator.domain.reply_effects import effects
from orchestrator.domain.written_reply import Written
from orchestrator.intake.replies.reader import read_reply

_GRAVE = frozenset({Intent.DECEASED, Intent.DISTRESS, Intent.CANNOT_PAY})


def overheard(case: Case, words: str, *, name: str, by: str, now: datetime) -> tuple[Event, ...]:
    """The facts of what is grave in these words, none when nothing is. `name` is the wish's own in its case."""
    today = local_date(now, place_of_debtor(case))
    reading = read_reply(words, channel=Channel.EMAIL, today=today, language=case.debtor.language)
    grave = tuple(f for f in reading.findings if f.intent in _GRAVE and (f.is_certain or _is_never_waited_for(f)))
    if not grave:
        return ()
    written = Written(
        case=case, name=f"overheard:{name}", at=now, by=by, channel=Channel.EMAIL.value, reply_id="", words=words
    )
    told = effects(written, msgspec.structs.replace(reading, findings=grave), AgreementTerms())
    return tuple(fact for fact in told if not isinstance(fact, ReplyReceived))


def _is_never_waited_for(finding: Finding) -> bool:
    """A death and words about ending one's life act however unsure they are."""
    return finding.is_danger or finding.intent is Intent.DECEASED
