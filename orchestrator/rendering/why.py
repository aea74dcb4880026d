"""Words the journal of a case: what happened, what was decided, from which rules and values. Decides nothing."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from ruamel.yaml import YAML

from orchestrator.domain import events as ev
from orchestrator.domain.agreement import Hold
from orchestrator.domain.decision import Ask, Close, Decision, HandOver, Reason, Send, Verdict, Wait
from orchestrator.domain.sepa_codes import meaning_of
from orchestrator.rendering.typography import typography

Words = dict[str, dict[str, str]]
"""{code: {language: sentence}} for events, acts, rules, verdicts and terms."""

TitleOf = Callable[[str, date], tuple[str, str]]
"""(rule id, day) → (title, source) in the pack of that day; two empty strings for a rule of ours."""

NameOf = Callable[[str, str], str]
"""(`campaign` or `step`, code) → what people call it."""


class Line(msgspec.Struct, frozen=True):
    """One line of the story: when, the sentence, and the rules behind it."""

    at: datetime
    sentence: str
    reasons: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def read_words() -> dict[str, Words]:
    """The sentences, by group and code."""
    text = (Path(__file__).parent / "why_words.yaml").read_text(encoding="utf-8")
    return msgspec.convert(YAML(typ="safe", pure=True).load(text), dict[str, Words])


class Storyteller:
    """Tells facts and decisions in one language, in the debtor's zone."""

    def __init__(
        self, *, language: str, currency: str, zone: str, title_of: TitleOf, name_of: NameOf | None = None
    ) -> None:
        """Without `name_of`, campaigns and steps are told by their codes."""
        self._language = language if language in ("fr", "en") else "en"
        self._index = 0 if self._language == "fr" else 1
        self._words = read_words()
        self._hand = typography(self._language)
        self._currency = currency
        self._zone = ZoneInfo(zone)
        self._title_of = title_of
        self._name_of = name_of

    def tell(self, at: datetime, fact: ev.Event | Decision, *, every_rule: bool = False) -> Line:
        """One line. Rules that simply allowed are left out, unless `every_rule`."""
        if not isinstance(fact, Decision):
            return Line(at, self._event(fact))
        shown = [
            self._reason(reason, at)
            for reason in fact.reasons
            if every_rule or reason.verdict is not Verdict.ALLOW or isinstance(fact.act, Send)
        ]
        return Line(at, self._act(fact), tuple(shown))

    def tell_reasons(self, reasons: Sequence[Reason], at: datetime) -> tuple[str, ...]:
        """Reasons alone, each in a sentence."""
        return tuple(self._reason(reason, at) for reason in reasons)

    def term(self, word: object) -> str:
        """The words for a code: a channel, a kind of hold or of task; the code itself where there are none."""
        return self._term(word)

    def name(self, kind: str, code: str) -> str:
        """What people call a `campaign` or a `step`; its code where nobody says."""
        return self._name_of(kind, code) if self._name_of is not None else code

    def event_words(self, name: str) -> str:
        """What an event is called, such as `promise.broken`, without its values."""
        return self._pick("events", name).format_map(_Blank()).strip(" ()")

    def title(self, rule_id: str, day: date) -> str:
        """The title of a rule in the pack of a day; empty for a rule of ours."""
        return self._title_of(rule_id, day)[0]

    def amount(self, cents: int) -> str:
        """A sum of the case."""
        return self._amount(cents)

    def day(self, on: date) -> str:
        """A day, in words."""
        return self._date(on)

    def tell_objections(self, reasons: Sequence[Reason], at: datetime) -> tuple[str, ...]:
        """The rules that did not simply allow, each as a sentence."""
        return self.tell_reasons([reason for reason in reasons if reason.verdict is not Verdict.ALLOW], at)

    def when(self, at: datetime) -> str:
        """An instant as the debtor's clock shows it."""
        local = at.astimezone(self._zone)
        return f"{self._date(local.date())} {local:%H:%M}"

    def _date(self, day: date) -> str:
        return self._hand.day(day)

    def _pick(self, group: str, code: str) -> str:
        said = self._words[group].get(code)
        return said[self._language] if said else code

    def _value(self, name: str, value: object) -> str:
        """A value in words: a name is quoted, for it may be several words."""
        if name == "step" and isinstance(value, str):
            code = _short(value)
            said = self._term(code) if "." in code else code  # what an event causes is named after it
            return self._named(name, code) if said == code else said
        return self._named(name, value) if name == "campaign" and isinstance(value, str) else self._term(value)

    def _named(self, kind: str, code: str) -> str:
        said = self.name(kind, code)
        return code if said == code else ("« {} »", "“{}”")[self._index].format(said)

    def _term(self, word: object) -> str:
        return self._pick("terms", str(word))

    def _amount(self, cents: int) -> str:
        return self._hand.amount(cents, self._currency)

    def _event(self, event: ev.Event) -> str:
        name = ev.type_of(event)
        if isinstance(event, ev.MessageLeft) and event.is_observed:
            name = "message.observed"
        elif isinstance(event, ev.MessageLeft) and event.is_in_doubt:
            name = "message.doubtful"
        elif isinstance(event, ev.DoubtSettled) and not event.was_sent:
            name = "message.absent"
        return self._pick("events", name).format_map(_Blank(self._values(event)))

    def _values(self, event: ev.Event) -> dict[str, str]:
        values = {
            field: self._value(field, value)
            for field in event.__struct_fields__
            if isinstance(value := getattr(event, field), str | int) and field not in ("id", "by")
        }
        for field in ("on", "due_at"):
            value = getattr(event, field, None)
            if isinstance(value, date):
                values["on"] = self._date(value.date() if isinstance(value, datetime) else value)
        return {**values, **self._own_values(event), **self._said_values(event)}

    def _own_values(self, event: ev.Event) -> dict[str, str]:
        match event:
            case ev.DebtRecorded():
                debt = event.debt
                return {
                    "reference": debt.reference,
                    "amount": self._amount(debt.open_cents),
                    "due_on": self._date(debt.due_on),
                }
            case ev.PaymentReceived():
                payment = event.payment
                return {"amount": self._amount(payment.amount_cents), "on": self._date(payment.received_on)}
            case ev.PaymentReversed():
                return {"code": meaning_of(event.code, self._language)}
            case ev.PromiseMade():
                promise = event.promise
                return {"amount": self._amount(promise.amount_cents), "on": self._date(promise.due_on)}
            case ev.HoldPlaced():
                until = f", {self._until_date(event.hold.until)}" if event.hold.until else ""
                return {"hold": self._term(event.hold.kind), "until": until}
            case ev.PointAdded():
                return {"kind": self._term(event.own.point.kind)}
            case ev.CampaignEntered():
                late = (" (entrée tardive, en douceur)", " (late, softly)")[self._index] if event.is_late else ""
                return {"step": str(event.step_index + 1), "late": late}
            case ev.MessageLeft():
                words = (", {} demandés", ", {} demanded")[self._index]
                return {"amount": words.format(self._amount(event.amount_cents)) if event.amount_cents else ""}
        return {}

    def _said_values(self, event: ev.Event) -> dict[str, str]:
        """What people said, in their words or as it was read."""
        match event:
            case ev.ReplyReceived():
                read = ", ".join(self._term(intent) for intent in event.reading.split())
                return {"reading": f" : {read}" if read else ""}
            case ev.DisputeOpened():
                return {"part": self._disputed(event.hold), "words": self._quoted(event.reason)}
            case ev.NoteAdded():
                return {"text": _one_line(event.text)}
            case ev.AnswerWritten():
                return {"text": _one_line(event.words)}
            case ev.TaskOpened() if event.by == "debtor":
                return {"words": self._quoted(event.cause.removeprefix("debtor").removeprefix(": "))}
        return {}

    def _disputed(self, hold: Hold) -> str:
        """The part, why, and who must answer, as far as they are known."""
        amount = self._amount(hold.amount_cents) if hold.amount_cents is not None else ""
        said = ", ".join(filter(None, (amount, hold.reason and self._term(hold.reason), hold.owner)))
        return f" ({said})" if said else ""

    def _quoted(self, words: str) -> str:
        """What somebody wrote; nothing where nothing was."""
        said = _one_line(words)
        return (" : « {} »", ": “{}”")[self._index].format(said) if said else ""

    def _until_date(self, day: date) -> str:
        return ("jusqu'au {}", "until {}")[self._index].format(self._date(day))

    def _act(self, decision: Decision) -> str:
        act = decision.act
        values: dict[str, str] = {}
        name = str(act.__struct_config__.tag)
        match act:
            case Send():
                values = {
                    "step": self._value("step", act.step),
                    "use": self._term(act.use),
                    "voice": self._term(act.voice),
                }
            case Wait():
                until = ("jusqu'au {}", "until {}")[self._index].format(self.when(act.until)) if act.until else ""
                values = {"until": f" {until}" if until else (" un fait nouveau", " for a new fact")[self._index]}
            case Ask():
                values = {"role": self._term(act.role), "kind": self._term(act.task)}
            case HandOver():
                values = {"stage": act.stage}
            case Close():
                values = {"outcome": self._term(act.outcome)}
        return self._pick("acts", name).format_map(_Blank(values))

    def _reason(self, reason: Reason, at: datetime) -> str:
        values = {name: self._value(name, value) for name, value in reason.values}
        if reason.rule in self._words["rules"]:
            said = self._pick("rules", reason.rule).format_map(_Blank(values))
            read, source = "", ""
        else:
            title, source = self._title_of(reason.rule, at.date())
            said = f"{reason.rule} {title}".strip()
            # A hold's own id says nothing to a reader; its kind does.
            said_values = [(name, value) for name, value in values.items() if name != "id"]
            read = ", ".join(f"{self._pick('values', name)} {value}" for name, value in said_values)
        until = ""
        if reason.until is not None:
            until = ", " + ("jusqu'au {}", "until {}")[self._index].format(self.when(reason.until))
        details = f" [{read}]" if read else ""
        origin = f" — {source}" if source and reason.verdict is not Verdict.ALLOW else ""
        return f"{self._pick('verdicts', reason.verdict.value)}{until} : {said}{details}{origin}"


def _one_line(words: str) -> str:
    """On one line, and without what could move a cursor."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())


def _short(step: str) -> str:
    """A reaction is named by its event; what follows tells apart two of them, and nothing to a reader."""
    return step.split(":", 1)[0]


class _Blank(dict[str, str]):
    """A value that a sentence names and the fact lacks is simply not said."""

    def __missing__(self, key: str) -> str:
        return ""


def tell_all(
    teller: Storyteller, facts: Sequence[tuple[datetime, ev.Event | Decision]], *, every_rule: bool = False
) -> tuple[Line, ...]:
    """The whole story in order. Planned messages and elapsed waits are details, kept only with `every_rule`."""
    quiet = () if every_rule else (ev.MessagePlanned, ev.ReactionDone, ev.DebtorRecorded)
    return tuple(teller.tell(at, fact, every_rule=every_rule) for at, fact in facts if not isinstance(fact, quiet))
