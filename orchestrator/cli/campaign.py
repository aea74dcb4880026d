"""`relance campaign`: lint, schema, render, list, release; `policy` is in a module of its own."""

import getpass
import json
from pathlib import Path
from typing import Any, TextIO

import click

from channels.contract import Channel
from orchestrator.bootstrap import Deployment
from orchestrator.campaign_checks import lint_one
from orchestrator.cli.campaign_gallery import render_gallery, wording_of
from orchestrator.cli.campaign_policy import policy
from orchestrator.cli.campaign_voices import figures, print_figures, print_voices
from orchestrator.cli.lint_words import findings_of, with_text_options
from orchestrator.cli.terminal import console, counted, deployment, print_json, print_table
from orchestrator.domain.errors import NotFound
from orchestrator.flows.lint_campaign import Finding
from orchestrator.flows.show_messages import shown_messages
from orchestrator.intake.campaigns.campaign_yaml import campaign_schema
from orchestrator.storage import releases


@click.group()
def campaign() -> None:
    """Campaigns: the strategy as files."""


campaign.add_command(policy)


def _chosen(place: Deployment, names: tuple[str, ...]) -> list[str]:
    return list(names) or [str(path) for path in place.campaign_files()]


@campaign.command()
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True)
@click.option("--strict", is_flag=True, help="Warnings refuse too.")
@click.option("--text", type=click.File(encoding="utf-8"), help="Check the words of this file instead; - reads them.")
@with_text_options
def lint(names: tuple[str, ...], as_json: bool, strict: bool, text: TextIO | None, **said_of_it: Any) -> None:
    """Check campaigns (ids or files; all of them by default): every fault with its place and its remedy.

    With --text, check words that are in no campaign yet, under the text rules of a pack.
    """
    place = deployment()
    if text is not None:
        said = findings_of(place, text.read(), **said_of_it)
        _tell([(finding, finding.blocks or strict) for finding in said], as_json=as_json)
        return
    found: list[Finding] = []
    for name in _chosen(place, names):
        found += lint_one(place, name)
    _tell([(finding, finding.severity == "error" or strict) for finding in found], as_json=as_json)


def _tell(found: list[tuple[Any, bool]], *, as_json: bool) -> None:
    """Prints findings, each with whether it is an error; exits with 1 when one is."""
    errors = sum(is_error for _, is_error in found)
    if as_json:
        print_json([finding for finding, _ in found])
    else:
        for finding, _ in found:
            console.print(str(finding), markup=False, soft_wrap=True)
        console.print(f"{counted(errors, 'error')}, {counted(len(found) - errors, 'warning')}")
    if errors:
        raise click.exceptions.Exit(1)


@campaign.command()
@click.option("--output", type=click.Path(path_type=Path), help="Write it to a file instead.")
def schema(output: Path | None) -> None:
    """The JSON Schema of campaign files, for editors."""
    text = json.dumps(campaign_schema(), indent=2, ensure_ascii=False)
    if output is None:
        click.echo(text)
        return
    output.write_text(text + "\n", encoding="utf-8")
    console.print(f"schema written: {output}")


@campaign.command()
@click.argument("name")
@click.option("--output", type=click.Path(path_type=Path), help="Folder; default: ./render-<campaign>.")
@click.option("--language", "languages", multiple=True, help="Only these languages (fr, en).")
@click.option("--step", default="", help="Print the voices of this step (or reaction) here, and write no file.")
@click.option(
    "--channel", default="", type=click.Choice(["", *(c.value for c in Channel)]), help="Print this channel only."
)
@click.option("--json", "as_json", is_flag=True, help="The figures of each message as JSON.")
def render(name: str, output: Path | None, languages: tuple[str, ...], step: str, channel: str, as_json: bool) -> None:
    """Write every message of a campaign for sample debtors, voices side by side, with an index page to read.

    Shows how easy each is to read, and warns of a demand to a person that is not.
    """
    place = deployment()
    found = place.find_campaign(name)
    # The French market first, as everywhere.
    spoken = languages or tuple(sorted(place.texts.languages, key=lambda language: language != "fr"))
    page = None
    if step or channel:
        shown = [
            each
            for _, each in shown_messages(
                wording_of(place, found.campaign), step=step, channel=channel, languages=spoken
            )
        ]
        if not shown:
            raise NotFound("this campaign sends nothing there", hint="steps are named in its file", where=name)
    else:
        folder = output or Path(f"render-{found.campaign.id}")
        page, shown = render_gallery(place, found.campaign, folder, spoken)
    if as_json:
        print_json(figures(shown))
        return
    if page is None:
        print_voices(shown)
    print_figures(shown)
    if page is not None:
        console.print(f"{len(shown)} messages written; open {page}")


@campaign.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_campaigns(as_json: bool) -> None:
    """Campaigns of the folder, and which release of each is in force."""
    place = deployment()
    with place.database.read() as conn:
        current = releases.current(conn)
    rows = []
    for path in place.campaign_files():
        found = place.campaign(path).campaign
        now = current.get(found.id)
        state = (
            "not released" if now is None else "in force" if now.id == found.release else "changed since its release"
        )
        rows.append((found.id, found.title, found.policy, found.priority, len(found.steps), found.mode.value, state))
    columns = ("campaign", "title", "policy", "priority", "steps", "mode", "state")
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
        return
    print_table("Campaigns", columns, rows, numbers=("priority", "steps"))


@campaign.command()
@click.argument("names", nargs=-1)
@click.option("--by", default=getpass.getuser, help="Who releases; recorded.")
def release(names: tuple[str, ...], by: str) -> None:
    """Release campaigns (all by default): new cases follow them from now on; running cases keep theirs."""
    place = deployment()
    chosen = _chosen(place, names)
    found = [finding for name in chosen for finding in lint_one(place, name) if finding.severity == "error"]
    for finding in found:
        console.print(str(finding), markup=False, soft_wrap=True)
    if found:
        console.print("nothing was released: mend these first")
        raise click.exceptions.Exit(1)
    for name in chosen:
        on_disk = place.find_campaign(name)
        is_new = place.release(on_disk, by=by, now=place.now())
        said = "released" if is_new else "already released, in force"
        console.print(f"{on_disk.campaign.id} {said} ({on_disk.campaign.release[:12]})")
