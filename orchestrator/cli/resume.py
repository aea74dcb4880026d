"""`relance resume`: start again without a backlog, after a look at what would leave (R6)."""

import getpass

import click

from orchestrator.bootstrap import Deployment
from orchestrator.cli.pause import report_of
from orchestrator.cli.results_tables import silence_sentence
from orchestrator.cli.terminal import console, deployment, print_json, print_table
from orchestrator.domain.interruption import RAMP_MINUTES
from orchestrator.domain.policy import PolicyBook
from orchestrator.flows.resume_sending import Preview, preview_resume, resume_pause


@click.command()
@click.argument("pause_id")
@click.option("--preview", is_flag=True, help="Only say what would go now, later, never, and why.")
@click.option("--yes", "is_confirmed", is_flag=True, help="Confirm a resume that lets many messages leave.")
@click.option("--ramp", "ramp_minutes", default=RAMP_MINUTES, show_default=True, help="Minutes to full speed.")
@click.option("--json", "as_json", is_flag=True)
def resume(pause_id: str, preview: bool, is_confirmed: bool, ramp_minutes: int, as_json: bool) -> None:
    """End a pause: every case decides anew, and what may leave does so at a growing rate."""
    place = deployment()
    strategy = place.strategy()
    if preview:
        found = preview_resume(place.database, strategy, pause_id, now=place.now())
    else:
        report_of(place, pause_id)  # letters that it began to take back are told to their cases first
        found = resume_pause(
            place.database,
            strategy,
            pause_id,
            by=getpass.getuser(),
            now=place.now(),
            is_confirmed=is_confirmed,
            ramp_minutes=ramp_minutes,
        )
    if as_json:
        print_json(found)
        return
    _say_preview(found, place, is_done=not preview)


def _say_preview(found: Preview, place: Deployment, *, is_done: bool) -> None:
    what = "resumed" if is_done else "a resume now"
    console.print(f"[bold]{what}[/bold]: {found.now} messages may go now, at a growing rate")
    later = f"{found.later} cases wait for their time, {found.within_day} of them less than a day"
    console.print(f"{later}; {found.asked} need a person, {found.never} stay silent")
    language = place.settings.language
    titles = PolicyBook(place.rules.packs).titles(language)
    rows = [(count, silence_sentence(why, language, titles)) for why, count in found.why.most_common()]
    if rows:
        print_table("Why not now", ("", ""), rows)
