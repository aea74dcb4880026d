"""The tables of the page of results, by name: what each reads, and its cells. Counts nothing."""

from collections.abc import Callable, Mapping, Sequence

from orchestrator.domain.cash import FEWEST
from orchestrator.flows.cash_outlook import CashOutlook, cash_outlook, total
from orchestrator.rendering.table import Cell, ColumnKind
from orchestrator.storage import aged_reads, care_reads, result_reads
from orchestrator.storage.aged_reads import Age, AgedRow
from orchestrator.storage.result_reads import Result
from orchestrator.web.console.shown_table import Asked, Shown, named, rate, shown, word

_AGES = tuple(Age)
HOME = "/console/results"
COVERED = (
    "open_cases", "scheduled", "held", "asked", "forgotten", "late", "without_campaign", "held_without_end",
    "closed_with_balance",
)  # fmt: skip


def _case(case_id: str) -> str:
    return f"/console/cases/{case_id}"


_TEXT, _COUNT, _AMOUNT, _RATE, _DATE = (
    ColumnKind.TEXT, ColumnKind.COUNT, ColumnKind.AMOUNT, ColumnKind.RATE, ColumnKind.DATE,
)  # fmt: skip


# ------------------------------------------------------------------------------------------- wrongs and forgotten


def wrong_reasons(asked: Asked) -> Shown:
    """Wrong reminders by reason, each a link to its list."""
    counts = care_reads.wrong_counts(asked.conn, asked.where)
    rows = [(word(asked, "why", item.why), item.messages, item.cases, item.amount_cents) for item in counts]
    columns = (("why", _TEXT), ("messages", _COUNT), ("cases", _COUNT), ("demanded", _AMOUNT))
    return shown(asked, "wrong-reasons", columns, rows, links=[f"{HOME}/wrong?why={item.why}" for item in counts])


def wrong(asked: Asked) -> Shown:
    """The wrong reminders themselves."""
    found = care_reads.wrong_list(asked.conn, asked.where, why=asked.why, limit=asked.limit + 1, offset=asked.offset)
    listed = found[: asked.limit]
    rows = [
        (item.name, item.debtor_ref, named(asked, "creditor", item.creditor), item.left_on,
         named(asked, "campaign", item.campaign), named(asked, "step", item.step, campaign=item.campaign),
         word(asked, "channel", item.channel), word(asked, "why", item.why), item.amount_cents)
        for item in listed
    ]  # fmt: skip
    columns = (
        ("debtor", _TEXT), ("debtor_ref", _TEXT), ("creditor", _TEXT), ("left_on", _DATE), ("campaign", _TEXT),
        ("step", _TEXT), ("channel", _TEXT), ("why", _TEXT), ("demanded", _AMOUNT),
    )  # fmt: skip
    links = [_case(item.case_id) for item in listed]
    return shown(asked, "wrong", columns, rows, links=links, has_more=len(found) > len(listed))


def coverage(asked: Asked) -> Shown:
    """What becomes of every open case."""
    found = care_reads.coverage(asked.conn, asked.where, late_before=asked.late_before)
    lines = [(code, getattr(found, code), getattr(found, f"{code}_cents", None)) for code in COVERED]
    rows = [(word(asked, "cover", code), count, cents) for code, count, cents in lines]
    links = [f"{HOME}/forgotten" if code == "forgotten" and count else "" for code, count, _ in lines]
    return shown(asked, "coverage", (("state", _TEXT), ("cases", _COUNT), ("balance", _AMOUNT)), rows, links=links)


def forgotten(asked: Asked) -> Shown:
    """Open cases that nothing would wake."""
    found = care_reads.forgotten(asked.conn, asked.where, limit=asked.limit)
    rows = [
        (f.name, f.debtor_ref, named(asked, "creditor", f.creditor), f.balance_cents, f.last_left_at) for f in found
    ]
    columns = (
        ("debtor", _TEXT), ("debtor_ref", _TEXT), ("creditor", _TEXT), ("balance", _AMOUNT),
        ("last_left", ColumnKind.INSTANT),
    )  # fmt: skip
    return shown(asked, "forgotten", columns, rows, links=[_case(item.case_id) for item in found])


# ------------------------------------------------------------------------------------------------ messages


_RESULT_COLUMNS = (
    ("left", _COUNT), ("delivered", _COUNT), ("undelivered", _COUNT), ("delivered_rate", _RATE), ("replied", _COUNT),
    ("reply_rate", _RATE), ("promised", _COUNT), ("kept", _COUNT), ("broken", _COUNT), ("kept_rate", _RATE),
    ("disputes", _COUNT), ("complaints", _COUNT), ("opt_outs", _COUNT), ("wrong", _COUNT), ("payments", _COUNT),
    ("recovered", _AMOUNT), ("cost", _AMOUNT), ("cost_per_100", _AMOUNT),
)  # fmt: skip


def messages(asked: Asked) -> Shown:
    """What left and what came of it, by what one chooses."""
    by = asked.by if asked.by in result_reads.BREAKDOWNS else "campaign"
    found = result_reads.results(asked.conn, asked.where, by=by)
    heads = tuple((name, _TEXT) for name in result_reads.BREAKDOWNS[by])
    rows = [(*_heading(asked, by, item.by), *_measures(item)) for item in found]
    return shown(asked, "messages", (*heads, *_RESULT_COLUMNS), rows)


def _heading(asked: Asked, by: str, values: Sequence[str]) -> tuple[str, ...]:
    if by == "step":
        campaign, step = values
        return (word(asked, "campaign", campaign), named(asked, "step", step, campaign=campaign) or word(asked, by, ""))
    return tuple(word(asked, name, value) for name, value in zip(result_reads.BREAKDOWNS[by], values, strict=True))


def _measures(item: Result) -> tuple[Cell, ...]:
    cost = round(item.cost_cents * 10_000 / item.recovered_cents) if item.recovered_cents > 0 else None
    return (
        item.left, item.delivered, item.undelivered, rate(item.delivered, item.delivered + item.undelivered),
        item.replied, rate(item.replied, item.left), item.promised, item.kept, item.broken,
        rate(item.kept, item.kept + item.broken), item.disputes, item.complaints, item.opt_outs, item.wrong,
        item.payments, item.recovered_cents, item.cost_cents, cost,
    )  # fmt: skip


def portfolio(asked: Asked) -> Shown:
    """Cases and money by creditor and state."""
    found = aged_reads.state_sums(asked.conn, asked.where)
    rows = [
        (named(asked, "creditor", item.creditor), word(asked, "state", item.state), item.cases, item.balance_cents,
         item.overdue_cents, item.received_cents, item.cost_cents)
        for item in found
    ]  # fmt: skip
    columns = (
        ("creditor", _TEXT), ("state", _TEXT), ("cases", _COUNT), ("balance", _AMOUNT), ("overdue", _AMOUNT),
        ("received", _AMOUNT), ("cost", _AMOUNT),
    )  # fmt: skip
    return shown(asked, "portfolio", columns, rows)


# ------------------------------------------------------------------------------------------------ the aged balance


def _aged_columns() -> tuple[tuple[str, ColumnKind], ...]:
    return (*((f"age_{age}", _AMOUNT) for age in _AGES), ("balance", _AMOUNT), ("of_which_held", _AMOUNT))


def _aged_cells(row: AgedRow) -> tuple[Cell, ...]:
    return (*(row.ages.get(age, 0) for age in _AGES), row.balance_cents, row.held_cents)


def aged(asked: Asked) -> Shown:
    """The aged balance by creditor, campaign or segment, with its sum."""
    by = asked.by if asked.by in aged_reads.AGED_BY else "creditor"
    found = aged_reads.aged_balance(asked.conn, asked.where, today=asked.today, by=by)
    rows = [(word(asked, by, row.by), row.documents, *_aged_cells(row)) for row in found]
    if len(found) > 1:
        everything = total(found)
        rows.append((asked.words.say("results.sum"), everything.documents, *_aged_cells(everything)))
    return shown(asked, "aged", ((by, _TEXT), ("documents", _COUNT), *_aged_columns()), rows)


def aged_debtors(asked: Asked) -> Shown:
    """The same for the debtors who owe most."""
    found = aged_reads.aged_debtors(
        asked.conn, asked.where, today=asked.today, limit=asked.limit + 1, offset=asked.offset
    )
    listed = found[: asked.limit]
    rows = [
        (case.name, case.debtor_ref, named(asked, "creditor", case.creditor), *_aged_cells(row)) for case, row in listed
    ]
    columns = (("debtor", _TEXT), ("debtor_ref", _TEXT), ("creditor", _TEXT), *_aged_columns())
    links = [_case(case.case_id) for case, _ in listed]
    return shown(asked, "aged-debtors", columns, rows, links=links, has_more=len(found) > len(listed))


def aged_documents(asked: Asked) -> Shown:
    """The documents of one age."""
    age = Age(asked.age) if asked.age in set(Age) else Age.OLDER
    found = aged_reads.aged_documents(
        asked.conn, asked.where, today=asked.today, age=age, limit=asked.limit + 1, offset=asked.offset
    )
    listed = found[: asked.limit]
    rows = [
        (item.name, item.debtor_ref, named(asked, "creditor", item.creditor), item.reference, item.due_on,
         item.open_cents, word(asked, "hold", item.held_kind) if item.held_kind else "", item.held_cents,
         item.balance_cents, word(asked, "state", item.state))
        for item in listed
    ]  # fmt: skip
    columns = (
        ("debtor", _TEXT), ("debtor_ref", _TEXT), ("creditor", _TEXT), ("document", _TEXT), ("due_on", _DATE),
        (f"age_{age}", _AMOUNT), ("hold", _TEXT), ("of_which_held", _AMOUNT), ("balance", _AMOUNT), ("state", _TEXT),
    )  # fmt: skip
    links = [_case(item.case_id) for item in listed]
    return shown(asked, "aged-documents", columns, rows, links=links, has_more=len(found) > len(listed))


# ------------------------------------------------------------------------------------------------ cash and payers


def received(asked: Asked, outlook: CashOutlook | None = None) -> Shown:
    """What came in, by week."""
    found = outlook or cash_outlook(asked.conn, asked.where, today=asked.today)
    rows = [(item.day, item.cents) for item in found.received]
    return shown(asked, "received", (("week", _DATE), ("received", _AMOUNT)), rows)


def expected(asked: Asked, outlook: CashOutlook | None = None) -> Shown:
    """What the next weeks should bring, promised and estimated apart."""
    found = outlook or cash_outlook(asked.conn, asked.where, today=asked.today)
    rows = [(w.starts_on, w.promised_cents, w.debit_cents, w.estimated_cents) for w in found.weeks]
    columns = (("week_from", _DATE), ("promised_cents", _AMOUNT), ("debits", _AMOUNT), ("estimated", _AMOUNT))
    return shown(asked, "expected", columns, rows)


def curve(asked: Asked, outlook: CashOutlook | None = None) -> Shown:
    """What the estimate was measured on."""
    found = outlook or cash_outlook(asked.conn, asked.where, today=asked.today)
    rows = [
        (word(asked, "span", str(item.age)), item.debts, item.open_cents, item.paid_cents,
         item.paid_cents / item.open_cents if item.debts >= FEWEST and item.open_cents else None)
        for item in found.rates
    ]  # fmt: skip
    columns = (("span", _TEXT), ("documents", _COUNT), ("span_open", _AMOUNT), ("span_paid", _AMOUNT), ("share", _RATE))
    return shown(asked, "curve", columns, rows)


def payers(asked: Asked) -> Shown:
    """Who pays late: days late weighted by what was settled."""
    by = asked.by if asked.by in result_reads.SEGMENTS else "status"
    found = result_reads.payers(asked.conn, asked.where, by=by)
    rows = [
        (word(asked, by, item.by), item.cases, item.settled_cases, item.settled_cents,
         round(item.settled_days / item.settled_cents)
         if item.settled_cents and item.settled_cases >= FEWEST else None,
         item.balance_cents, item.overdue_cents)
        for item in found
    ]  # fmt: skip
    columns = (
        (by, _TEXT), ("cases", _COUNT), ("settled_cases", _COUNT), ("settled", _AMOUNT), ("days_late", _COUNT),
        ("balance", _AMOUNT), ("overdue", _AMOUNT),
    )  # fmt: skip
    return shown(asked, "payers", columns, rows)


def first_reminders(asked: Asked) -> Shown:
    """What works: recovered within thirty days of the first demand."""
    by = asked.by if asked.by in result_reads.FIRST_BY else "channel"
    found = result_reads.first_reminders(asked.conn, asked.where, by=by, today=asked.today)
    rows = [
        (word(asked, by, item.by), item.cases, item.demanded_cents, item.recovered_cents,
         item.recovered_cents / item.demanded_cents if item.cases >= FEWEST and item.demanded_cents else None)
        for item in found
    ]  # fmt: skip
    columns = ((by, _TEXT), ("cases", _COUNT), ("demanded", _AMOUNT), ("recovered_30", _AMOUNT), ("share", _RATE))
    return shown(asked, "first-reminders", columns, rows)


TABLES: Mapping[str, Callable[[Asked], Shown]] = {
    "wrong": wrong, "wrong-reasons": wrong_reasons, "coverage": coverage, "forgotten": forgotten,
    "messages": messages, "portfolio": portfolio, "aged": aged, "aged-debtors": aged_debtors,
    "aged-documents": aged_documents, "received": received, "expected": expected, "curve": curve, "payers": payers,
    "first-reminders": first_reminders,
}  # fmt: skip
