"""`relance case statement`: the account of a case, or of its debtor, as a file to hand over or to work with (R48)."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestrator.cli.case_acts import found_case
from orchestrator.cli.terminal import console, deployment
from orchestrator.domain.errors import InputError

if TYPE_CHECKING:
    from orchestrator.flows.write_statement import Form

_FORMS: dict[str, "Form"] = {".pdf": "pdf", ".xlsx": "xlsx"}


@click.command()
@click.argument("case_id", metavar="CASE")
@click.option(
    "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="A file ending in .pdf or .xlsx."
)
@click.option("--language", type=click.Choice(["fr", "en"]), help="By default the debtor's.")
@click.option("--debtor", "whole_debtor", is_flag=True, help="All cases of the debtor with this creditor.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="As of the end of that day; today by default.")
def statement(case_id: str, output: Path, language: str | None, whole_debtor: bool, day: datetime | None) -> None:
    """Write the statement of account of CASE as of today, or of a past day: every document, payment and balance."""
    from orchestrator.flows.account_statement import account_statement  # late: words and files, which no act needs
    from orchestrator.flows.write_statement import write_statement  # late: as the line above

    form = _FORMS.get(output.suffix.lower())
    if form is None:
        raise InputError("a statement is a .pdf or an .xlsx file", hint="end the name of --output in one of them")
    place = deployment()
    asked = found_case(place, case_id).id
    on = day.date() if day is not None else None
    stated = account_statement(
        place.database, place.strategy(), asked, now=place.now(), whole_debtor=whole_debtor, on=on
    )
    made = write_statement(stated, form=form, fonts=place.settings.fonts, language=language or "")
    try:
        output.write_bytes(made.content)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"the file cannot be written: {reason}", hint="name another", where=str(output)) from None
    console.print(f"statement written: {output}", markup=False)
