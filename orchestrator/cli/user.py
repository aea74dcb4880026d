"""`relance user`: the people who sign in to the console, and act through keys of their own."""

import getpass
from datetime import UTC, datetime

import click

from orchestrator.bootstrap import Deployment
from orchestrator.cli.terminal import console, deployment, print_json, print_table
from orchestrator.domain.errors import InputError
from orchestrator.flows.answer_task import RANK
from orchestrator.flows.change_user import disable_user
from orchestrator.flows.grant_access import add_user
from orchestrator.flows.invite_user import VALID_HOURS, invite
from orchestrator.storage import access


@click.group()
def user() -> None:
    """Users and their roles."""


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(list(RANK)), required=True, help="viewer < agent < manager < admin.")
@click.option("--creditor", "creditors", multiple=True, help="They see the cases of this one only; several times.")
@click.option("--full-name", default="", help="The name that others read.")
@click.option("--language", type=click.Choice(["fr", "en"]), default="fr", show_default=True)
def add(name: str, role: str, creditors: tuple[str, ...], full_name: str, language: str) -> None:
    """Add the user NAME, and print a one-time link by which they choose a password for the console.

    A name is used once: what was done under it stays theirs.
    """
    place, now, by = deployment(), datetime.now(UTC), getpass.getuser()
    if unknown := sorted(set(creditors) - set(place.rules.creditors)):
        hint = "there are " + ", ".join(sorted(place.rules.creditors))
        raise InputError(f'no creditor is named "{unknown[0]}"', hint=hint)
    added = add_user(
        place.database,
        name,
        role=role,
        by=by,
        now=now,
        language=language,
        full_name=full_name,
        creditors=frozenset(creditors) or None,
    )
    console.print(
        f"{added.name} is {added.role}; they choose a password here, within {VALID_HOURS} hours:", markup=False
    )
    click.echo(_link(place, name, by, now))


@user.command()
@click.argument("name")
def link(name: str) -> None:
    """Print another one-time link for NAME: for a password forgotten or a telephone lost; it ends their sessions."""
    click.echo(_link(deployment(), name, getpass.getuser(), datetime.now(UTC)))


@user.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_users(as_json: bool) -> None:
    """Every user."""
    with deployment().database.read() as conn:
        found = access.all_users(conn)
    if as_json:
        print_json(found)
        return
    rows = [
        (u.name, u.role, "all" if u.creditors is None else " ".join(sorted(u.creditors)), f"{u.created_at:%Y-%m-%d}",
         u.created_by, "disabled" if u.disabled_at else "")
        for u in found
    ]  # fmt: skip
    print_table("Users", ("name", "role", "creditors", "since", "by", "state"), rows)


@user.command()
@click.argument("name")
def disable(name: str) -> None:
    """Disable NAME: they are signed out, and their keys open nothing from now on."""
    disable_user(deployment().database, name, by=getpass.getuser(), now=datetime.now(UTC))
    console.print(f"{name} is disabled", markup=False)


def _link(place: Deployment, name: str, by: str, now: datetime) -> str:
    token = invite(place.database, name, by=by, now=now)
    return f"{place.settings.public_url.rstrip('/')}/console/welcome/{token}"
