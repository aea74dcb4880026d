"""Prints results as tables, in French or English. Counts nothing itself."""

from collections import Counter
from collections.abc import Mapping

from orchestrator.cli.terminal import console, print_sections, print_table
from orchestrator.flows.report_results import Results, StepResult
from orchestrator.rendering.typography import typography
from orchestrator.rendering.why import read_words

_WORDS = {
    "fr": {
        "title": "Ce que chaque scénario a fait",
        "columns": (
            "étape", "canal", "prévus", "partis", "encaissé", "coût", "non partis, et pourquoi",
        ),
        "numbers": ("prévus", "partis", "encaissé", "coût"),
        "undelivered": "non remis",
        "totals": "En tout",
        "silences": "Pourquoi les dossiers ouverts se taisent aujourd'hui",
        "lines": {
            "cases": "dossiers", "open": "dont encore ouverts", "closed": "clos", "left": "messages partis",
            "received": "encaissé", "still": "reste dû", "cost": "coût des messages", "rate": "part encaissée",
            "promises": "promesses faites / tenues / rompues", "disputes": "contestations",
            "hardships": "difficultés de paiement", "opt_outs": "oppositions à un canal", "tasks": "tâches ouvertes",
        },
    },
    "en": {
        "title": "What each campaign did",
        "columns": (
            "step", "channel", "planned", "left", "recovered", "cost", "not sent, and why",
        ),
        "numbers": ("planned", "left", "recovered", "cost"),
        "undelivered": "undelivered",
        "totals": "In all",
        "silences": "Why the open cases are silent today",
        "lines": {
            "cases": "cases", "open": "of which still open", "closed": "closed", "left": "messages that left",
            "received": "recovered", "still": "still open", "cost": "cost of the messages", "rate": "share recovered",
            "promises": "promises made / kept / broken", "disputes": "disputes", "hardships": "hardships",
            "opt_outs": "closed a channel", "tasks": "open tasks",
        },
    },
}  # fmt: skip


def print_results(
    results: Results, *, language: str, titles: Mapping[str, str] | None = None, currency: str = "EUR"
) -> None:
    """The steps, the totals, and why the rest is silent. `titles` are those of the packs' rules, by rule id."""
    words, hand = _WORDS[language], typography(language)
    columns, numbers = tuple(words["columns"]), tuple(words["numbers"])
    sections: dict[str, list[tuple[object, ...]]] = {}
    for row in results.steps:
        sections.setdefault(row.campaign or "-", []).append(
            (
                row.step,
                _said(row.channel, language),
                row.planned or "",
                row.left or "",
                hand.amount(row.recovered_cents, currency) if row.recovered_cents else "",
                hand.amount(row.cost_cents, currency) if row.cost_cents else "",
                _why(row, language),
            )
        )
    print_sections(str(words["title"]), columns, sections, numbers=numbers)
    console.print()
    _totals(results, language, currency)
    _silences(results.totals.silences, language, titles or {})


def _totals(results: Results, language: str, currency: str) -> None:
    words, hand, totals = _WORDS[language], typography(language), results.totals
    said = words["lines"]
    assert isinstance(said, dict)  # noqa: S101  # the table above
    known = totals.received_cents + totals.open_cents
    lines = (
        (said["cases"], totals.cases),
        (said["open"], totals.open_cases),
        (said["closed"], _counted(totals.outcomes, language)),
        (said["left"], totals.left),
        (said["received"], hand.amount(totals.received_cents, currency)),
        (said["still"], hand.amount(totals.open_cents, currency)),
        (said["rate"], f"{100 * totals.received_cents / known:.0f} %" if known else "-"),
        (said["cost"], hand.amount(totals.cost_cents, currency)),
        (said["promises"], f"{totals.promises_made} / {totals.promises_kept} / {totals.promises_broken}"),
        (said["disputes"], totals.disputes),
        (said["hardships"], totals.hardships),
        (said["opt_outs"], totals.opt_outs),
        (said["tasks"], _counted(totals.open_tasks, language)),
    )
    print_table(str(words["totals"]), ("", ""), lines)
    console.print()


def _silences(silences: Counter[str], language: str, titles: Mapping[str, str]) -> None:
    if silences:
        rows = [(count, silence_sentence(code, language, titles)) for code, count in silences.most_common()]
        print_table(str(_WORDS[language]["silences"]), ("", ""), rows)


def _why(row: StepResult, language: str) -> str:
    undelivered = [f"{row.undelivered} {_WORDS[language]['undelivered']}"] if row.undelivered else []
    return ", ".join([*undelivered, *([_counted(row.not_sent, language)] if row.not_sent else [])])


def _counted(counts: Counter[str], language: str) -> str:
    return ", ".join(f"{count} {_said(word, language)}" for word, count in counts.most_common()) or "-"


def _said(word: str, language: str) -> str:
    words = read_words()
    for group in ("terms", "rules"):
        said = words[group].get(word)
        if said is not None:
            return said[language].split(" (")[0].split(" {")[0]
    return word


def silence_sentence(code: str, language: str, titles: Mapping[str, str]) -> str:
    """Why a case is silent, from the rule that keeps it so and its detail, as `REASON` or `REASON (detail)`."""
    rule, _, detail = code.partition(" (")
    said_detail = _said(detail.rstrip(")"), language)
    sentence = read_words()["silences"].get(rule)
    if sentence is not None:
        return sentence[language].replace("{detail}", said_detail).replace(" ()", "")
    said = f"{rule} {titles[rule]}" if rule in titles else _said(rule, language)
    return f"{said} ({said_detail})" if detail else said
