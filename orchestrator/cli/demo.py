"""`relance demo`: sixty days of the shipped campaigns on a sample portfolio, on a virtual clock.

Touches no configured deployment: it has its own folder, its own SQLite file and the sandbox.
"""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from orchestrator.bootstrap import Deployment
from orchestrator.cli.rehearsal_home import day_bar, is_rehearsal, own_deployment
from orchestrator.cli.results_tables import print_results
from orchestrator.cli.terminal import console, print_json
from orchestrator.domain.campaign import Mode
from orchestrator.domain.policy import PolicyBook
from orchestrator.flows.import_debts import import_debts
from orchestrator.flows.report_results import Results, report_results
from orchestrator.intake.ledger.debts import read_debts
from orchestrator.intake.tables.mapping_yaml import load_mapping
from orchestrator.settings import IGNORED_BY_DEMO, read_settings
from orchestrator.simulator.debtors import SimulatedDebtors
from orchestrator.simulator.rehearse import Rehearsal, Stage, ledger_chore, seeded_draw
from orchestrator.simulator.staff import Staff
from orchestrator.simulator.virtual_clock import VirtualClock
from orchestrator.storage import cases

# Every legal rate is known over these days (first half of 2026).
START = datetime(2026, 2, 16, 4, tzinfo=UTC)

DEMO_HOME = Path(".relance/demo")
DAYS = 60

_WORDS = {
    "fr": ("Ce qui a été « envoyé »", "Et maintenant", "l'histoire d'un message ou d'un silence",
           "les tâches en attente",
           "tous les messages d'un scénario, à lire dans un navigateur",
           "changez un délai dans un scénario, puis vérifiez-le, et relancez la démonstration",
           "la console, avec ces débiteurs qui continuent de répondre"),
    "en": ("What was \"sent\"", "What to try next", "the story of any message or silence", "the open tasks",
           "every message of a campaign, to read in a browser",
           "change a delay in a campaign, lint it, and run the demo again",
           "the console, with these debtors who go on answering"),
}  # fmt: skip


@click.command()
@click.option("--home", type=click.Path(path_type=Path), default=DEMO_HOME, show_default=True)
@click.option("--days", default=DAYS, show_default=True, type=click.IntRange(1, 120))
@click.option("--seed", default=1, show_default=True, help="Other seeds, other debtors' moods.")
@click.option("--language", type=click.Choice(["fr", "en"]), help="Language of the tables.")
@click.option("--json", "as_json", is_flag=True)
def demo(home: Path, days: int, seed: int, language: str | None, as_json: bool) -> None:
    """Run sixty virtual days on 300 invented debtors and show what was sent, what was not and why, and what came in."""
    settings = read_settings(ignoring=IGNORED_BY_DEMO)
    place = own_deployment(settings, home.resolve())
    results = play_demo(place, days=days, seed=seed, is_quiet=as_json)
    if as_json:
        print_json(results)
        return
    spoken = language or settings.language
    print_results(results, language=spoken, titles=PolicyBook(place.rules.packs).titles(spoken))
    _what_next(place, home, spoken)


def make_demo(home: Path) -> None:
    """The database of the demonstration, played now unless it is there."""
    if is_rehearsal(home) and (home / "relance.db").is_file():
        return
    settings = read_settings(ignoring=IGNORED_BY_DEMO)
    place = own_deployment(settings, home)
    play_demo(place, days=DAYS, seed=1, is_quiet=False)
    place.database.close()


def play_demo(place: Deployment, *, days: int, seed: int, is_quiet: bool) -> Results:
    """Plays the sample portfolio on a fresh deployment: campaigns released, debts imported, then day after day."""
    for path in place.campaign_files():
        place.release(place.campaign(path), by="demo", now=START)
    strategy = place.strategy(mode=Mode.AUTOMATIC, is_rehearsal=True)
    clock = VirtualClock(START)
    post = place.sandbox_post(outbox=place.settings.outbox, clock=clock, draw=seeded_draw(seed))
    stage = Stage(database=place.database, strategy=strategy, post=post, clock=clock)
    mapping = load_mapping(place.settings.campaigns / "mappings" / "default.yaml")
    sample = place.settings.campaigns / "sample" / "debts.csv"
    file = read_debts(sample, mapping, today=START.date(), creditors=strategy.creditors)
    import_debts(place.database, file, now=START, by="demo")
    crowd = SimulatedDebtors(seed)
    chores = [ledger_chore(stage, sorted(strategy.creditors))]
    run = Rehearsal(stage, crowd, staff=Staff(seed), chores=chores)
    with place.database.read() as conn:
        for page in cases.each(conn):
            for stored in page:
                run.expect(crowd.begin(stored.case, now=START))
    until = START + timedelta(days=days)
    with day_bar(START.date(), until.date(), is_quiet=is_quiet) as progress:
        run.run(until, progress)
    return report_results(place.database, now=until, campaigns=strategy.all_campaigns)


def _what_next(place: Deployment, home: Path, language: str) -> None:
    sent, following, story, tasks, read, change, live = _WORDS[language]
    outbox = place.settings.outbox
    console.print(f"\n[bold]{sent}[/bold]")
    for folder in sorted(path for path in outbox.iterdir() if path.is_dir()):
        count = sum(1 for path in folder.rglob("*") if path.is_file())
        console.print(f"  {count:5} {folder.name:7} {folder}", soft_wrap=True, markup=False)
    with place.database.read() as conn:
        example = next((s.case.id for page in cases.each(conn) for s in page if s.case.departures), "CASE")
    relance = "relance" if shutil.which("relance") else ".venv/bin/relance"
    console.print(f"\n[bold]{following}[/bold]")
    there = "" if home == DEMO_HOME else f" --home {home}"
    console.print(f"  {relance} up --demo{there}", soft_wrap=True, markup=False)
    console.print(f"      {live}", style="dim")
    console.print(f"  {relance} why --home {home} {example}", soft_wrap=True, markup=False)
    console.print(f"      {story}", style="dim")
    console.print(f"  RELANCE_HOME={home} {relance} task list", soft_wrap=True, markup=False)
    console.print(f"      {tasks}", style="dim")
    console.print(f"  {relance} campaign render b2c-small", markup=False)
    console.print(f"      {read}", style="dim")
    console.print(f"  {relance} campaign lint campaigns/b2c-small.yaml", markup=False)
    console.print(f"      {change}", style="dim")
