"""`relance why CASE`: the story of a case in sentences."""

from datetime import date
from pathlib import Path

import click
from rich.markup import escape

from orchestrator.bootstrap import Deployment
from orchestrator.cli.terminal import console, deployment, print_json
from orchestrator.flows.explain_case import Story, explain_case, rule_title
from orchestrator.flows.strategy import Strategy
from orchestrator.rendering.typography import typography
from orchestrator.rendering.why import Line, Storyteller, TitleOf, tell_all
from orchestrator.settings import read_settings

_WORDS = {
    "fr": {
        "owes": "reste dû {balance}, dont {overdue} échus et demandables",
        "next": "Prochaine décision : {when}",
        "later": "Prochaine décision : à la prochaine nouvelle (paiement, réponse, tâche close…)",
    },
    "en": {
        "owes": "open {balance}, of which {overdue} due and demandable",
        "next": "Next decision: {when}",
        "later": "Next decision: at the next news (payment, reply, task done…)",
    },
}


@click.command()
@click.argument("case")
@click.option("--all", "every_rule", is_flag=True, help="Every rule looked at, those that allowed included.")
@click.option("--home", type=click.Path(path_type=Path), help="Look into another home, such as the demo's folder.")
@click.option("--language", type=click.Choice(["fr", "en"]), help="Language of the story.")
@click.option("--json", "as_json", is_flag=True, help="The journal as JSON.")
def why(case: str, every_rule: bool, home: Path | None, language: str | None, as_json: bool) -> None:
    """Tell what was decided about CASE, when, from which values and rules, and what comes next.

    CASE is the case reference, or the creditor's own reference of the debtor.
    """
    place = Deployment(read_settings({"RELANCE_HOME": str(home)})) if home else deployment()
    strategy = place.strategy()
    story = explain_case(place.database, strategy, case, now=place.now())
    if as_json:
        print_json([{"at": at, "fact": fact} for at, fact in story.facts])
        return
    spoken = language or place.settings.language
    teller = Storyteller(
        language=spoken, currency=story.case.currency, zone=story.zone, title_of=_titles(strategy, story, spoken)
    )
    _print(story, tell_all(teller, story.facts, every_rule=every_rule), teller, spoken)


def _titles(strategy: Strategy, story: Story, language: str) -> TitleOf:
    pack = story.case.cycle.policy if story.case.cycle else ""

    def title_of(rule_id: str, day: date) -> tuple[str, str]:
        return rule_title(strategy.book, pack, rule_id, day, language=language)

    return title_of


def _print(story: Story, lines: tuple[Line, ...], teller: Storyteller, language: str) -> None:
    hand, words = typography(language), _WORDS[language]
    case = story.case
    console.print(
        f"[bold]{case.id}[/bold]  {escape(case.creditor)} / {escape(case.debtor.ref)}  {escape(case.debtor.name)}"
    )
    balance, overdue = (hand.amount(cents, case.currency) for cents in (story.balance_cents, story.overdue_cents))
    console.print(words["owes"].format(balance=balance, overdue=overdue))
    console.print()
    day = ""
    for line in lines:
        when = teller.when(line.at)
        console.print(f"[dim]{when if when != day else ' ' * len(when)}[/dim]  {escape(line.sentence)}", soft_wrap=True)
        day = when
        for reason in line.reasons:
            console.print(f"{' ' * (len(when) + 4)}· {escape(reason)}", style="dim", soft_wrap=True)
    console.print()
    console.print(words["next"].format(when=teller.when(story.due_at)) if story.due_at else words["later"])
