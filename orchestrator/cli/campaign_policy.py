"""`relance campaign policy`: the strategy in force as a document for a regulator, an auditor or a new agent (R30)."""

import sys
from datetime import date, datetime
from pathlib import Path

import click

from orchestrator.bootstrap import Deployment
from orchestrator.cli.terminal import console, deployment
from orchestrator.domain.errors import InputError, NotFound
from orchestrator.flows.policy_document import Chosen, Deployed, write_policy_document
from orchestrator.rendering.policy_document.document import Document
from orchestrator.rendering.policy_document.html_page import html_page
from orchestrator.rendering.policy_document.markdown import markdown
from orchestrator.rendering.policy_document.pdf import pdf
from orchestrator.rendering.policy_document.words import LANGUAGES
from orchestrator.storage import releases
from orchestrator.storage.releases import Release

_FORMATS = ("html", "pdf", "md")


@click.command()
@click.argument("names", nargs=-1)
@click.option("--format", "form", type=click.Choice(_FORMATS), help="By default what --output ends with, else html.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of the document.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The rules of that day; today by default.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it to a file.")
def policy(
    names: tuple[str, ...], form: str | None, language: str | None, day: datetime | None, output: Path | None
) -> None:
    """Print the strategy in force in plain language, with every rule and its source.

    NAMES are campaigns (all of them by default), as released; the path of a file shows the file itself.
    """
    place = deployment()
    today = place.now().date()
    document = write_policy_document(
        Deployed(packs=place.rules.packs, creditors=place.rules.creditors, rates=place.rules.rates, texts=place.texts),
        _chosen(place, names),
        day=day.date() if day else today,
        printed_on=today,
        language=language or place.settings.language,
    )
    chosen_form = form or _form_of(output)
    content = _written(place, document, chosen_form, dated_on=today)
    if output is not None:
        _save(output, content)
        console.print(f"policy document written: {output}", markup=False)
        return
    if chosen_form == "pdf" and sys.stdout.isatty():
        raise InputError("a PDF is not for a terminal", hint="name a file with --output, or redirect it")
    sys.stdout.buffer.write(content)


def _form_of(output: Path | None) -> str:
    suffix = output.suffix.lstrip(".").lower() if output else ""
    return suffix if suffix in _FORMATS else "html"


def _chosen(place: Deployment, names: tuple[str, ...]) -> list[Chosen]:
    """The campaigns named, each as released if it is; all that are on disk or in force when none is named."""
    with place.database.read() as conn:
        current = releases.current(conn)
    on_disk = [path.stem for path in place.campaign_files()]
    every = [*on_disk, *(name for name in sorted(current) if name not in on_disk)]
    return [_choice(place, name, current) for name in dict.fromkeys(names or every)]


def _choice(place: Deployment, name: str, current: dict[str, Release]) -> Chosen:
    is_path = Path(name).suffix == ".yaml"
    try:
        found = place.find_campaign(name)
    except NotFound:
        if name in current:
            return Chosen(current[name])
        raise
    campaign = found.campaign
    return Chosen(None if is_path else current.get(campaign.id), campaign, found.file.tests)


def _written(place: Deployment, document: Document, form: str, *, dated_on: date) -> bytes:
    match form:
        case "pdf":
            return pdf(document, fonts=place.settings.fonts, dated_on=dated_on)
        case "md":
            return markdown(document).encode()
        case _:
            return html_page(document).encode()


def _save(output: Path, content: bytes) -> None:
    try:
        output.write_bytes(content)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"the file cannot be written: {reason}", hint="name another", where=str(output)) from None
