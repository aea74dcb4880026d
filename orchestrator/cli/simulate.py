"""`relance simulate LEDGER`: replay a past ledger on a virtual clock, with the campaigns as they are now."""

import shutil
from datetime import date, datetime
from pathlib import Path

import click

from orchestrator.bootstrap import Deployment
from orchestrator.cli.import_files import find_mapping
from orchestrator.cli.rehearsal_home import day_bar, own_deployment
from orchestrator.cli.results_tables import print_results
from orchestrator.cli.terminal import console, print_json
from orchestrator.domain.campaign import Mode
from orchestrator.domain.errors import InputError
from orchestrator.domain.policy import PolicyBook
from orchestrator.flows.report_results import report_results
from orchestrator.intake.ledger.debts import DebtsFile, read_debts
from orchestrator.settings import IGNORED_BY_DEMO, read_settings
from orchestrator.simulator.rehearse import Progress, Stage, seeded_draw
from orchestrator.simulator.replay import Replayed, clock_of, replay
from orchestrator.simulator.replay_ledger import ReplayLedger, ReplayTerms, ready_ledger

_DAY = click.DateTime(["%Y-%m-%d"])
# A past ledger holds no date that is too late; rows are checked against a day that none reaches.
_LATEST = date(2090, 1, 1)


@click.command()
@click.argument("ledger", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", help="A mapping by name or path that names the settlement dates (settled_on).")
@click.option("--as-of", type=_DAY, help="First day, in the ledger's own dates; default: its first invoice.")
@click.option("--to", type=_DAY, help="Last day, in the ledger's own dates; default: its last date.")
@click.option("--shift-to", type=_DAY, help="Move all dates so that the first day falls here.")
@click.option("--assume-country", default="", help="Take every debtor to live in this country (ISO 3166).")
@click.option("--synthetic-contacts", is_flag=True, help="Invent e-mails, phones and addresses; they belong to nobody.")
@click.option("--home", type=click.Path(path_type=Path), default=Path(".relance/simulation"), show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--language", type=click.Choice(["fr", "en"]))
@click.option("--json", "as_json", is_flag=True)
def simulate(  # noqa: PLR0913, PLR0917  # one argument per option of the command
    ledger: Path,
    mapping: str | None,
    as_of: datetime | None,
    to: datetime | None,
    shift_to: datetime | None,
    assume_country: str,
    synthetic_contacts: bool,
    home: Path,
    seed: int,
    language: str | None,
    as_json: bool,
) -> None:
    """Replay LEDGER day by day: payments on their settled dates, disputes while open; say what each campaign did."""
    settings = read_settings(ignoring=IGNORED_BY_DEMO)
    place = own_deployment(settings, home.resolve())
    file = read_debts(ledger, find_mapping(place, mapping), today=_LATEST, creditors=place.rules.creditors)
    first, last = _span(file, as_of, to)
    terms = ReplayTerms(
        as_of=first,
        to=last,
        shift_to=shift_to.date() if shift_to else None,
        assume_country=assume_country,
        has_synthetic_contacts=synthetic_contacts,
    )
    ready = ready_ledger(file, terms)
    with day_bar(ready.start, ready.end, is_quiet=as_json) as progress:
        done = _play(place, ready, seed, progress)
    results = report_results(
        place.database,
        now=done.run.ended_at,
        campaigns=place.strategy(mode=Mode.AUTOMATIC, is_rehearsal=True).all_campaigns,
    )
    if as_json:
        print_json({"replay": done, "refused_rows": len(file.refused), "results": results})
    else:
        spoken = language or settings.language
        print_results(results, language=spoken, titles=PolicyBook(place.rules.packs).titles(spoken))
        _say(done, file, place)
    if not done.is_kept:
        raise click.exceptions.Exit(1)


def _span(file: DebtsFile, as_of: datetime | None, to: datetime | None) -> tuple[date, date]:
    """The first and last day to play: those asked for, else the ledger's first invoice and last date."""
    if not file.rows:
        hint = "see the refused rows with `relance import --dry-run`"
        raise InputError("no row of this ledger can be used", hint=hint)
    issued = [row.debt.issued_on or row.debt.due_on for row in file.rows]
    ends = [row.settled_on or row.debt.due_on for row in file.rows]
    return (as_of.date() if as_of else min(issued)), (to.date() if to else max(ends))


def _play(place: Deployment, ledger: ReplayLedger, seed: int, progress: Progress) -> Replayed:
    clock = clock_of(ledger)
    for path in place.campaign_files():
        place.release(place.campaign(path), by="simulate", now=clock.now)
    strategy = place.strategy(mode=Mode.AUTOMATIC, is_rehearsal=True)
    post = place.sandbox_post(outbox=place.settings.outbox, clock=clock, draw=seeded_draw(seed))
    stage = Stage(database=place.database, strategy=strategy, post=post, clock=clock)
    return replay(stage, ledger, seed=seed, progress=progress)


def _say(done: Replayed, file: DebtsFile, place: Deployment) -> None:
    counts, assumed = done.run.counts, done.assumptions
    said = f"{counts.left} messages left, {len(file.refused)} rows refused"
    console.print(f"\n{done.start} to {done.end}: {said}")
    for name in assumed.__struct_fields__:
        value = getattr(assumed, name)
        if value and not isinstance(value, tuple):
            console.print(f"  assumed: {name.replace('_', ' ')} = {value}", markup=False)
        elif value:
            console.print(f"  invented: contact points of {len(value)} debtors, in --json one by one", markup=False)
    for guarantee in done.guarantees:
        state = "kept" if not guarantee.broken else "BROKEN"
        console.print(f"  {state}: {guarantee.name} ({guarantee.looked_at} demands looked at)", markup=False)
        for broken in guarantee.broken[:10]:
            console.print(f"      {broken}", markup=False)
    relance = "relance" if shutil.which("relance") else ".venv/bin/relance"
    console.print(f"  what was sent: {place.settings.outbox}", markup=False, soft_wrap=True)
    console.print(f"  any story: {relance} why --home {place.settings.home} CASE", markup=False, soft_wrap=True)
