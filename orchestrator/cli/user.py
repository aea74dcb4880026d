"""`relance user`: the people who may act through keys of their own."""

import getpass
from datetime import UTC, datetime

import click

from orchestrator.cli.terminal import console, deployment, print_json, print_table
from orchestrator.flows.answer_task import RANK
from orchestrator.flows.grant_access import add_user, disable_user
from orchestrator.storage import access


@click.group()
def user() -> None:
    """Users and their roles."""


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(list(RANK)), required=True, help="viewer < agent < manager < admin.")
def add(name: str, role: str) -> None:
    """Add the user NAME. A name is used once: what was done under it stays theirs."""
    added = add_user(deployment().database, name, role=role, by=getpass.getuser(), now=datetime.now(UTC))
    console.print(
        f"{added.name} is {added.role}; give them a key: relance key add NAME --user {added.name}", markup=False
    )


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
        (u.name, u.role, f"{u.created_at:%Y-%m-%d}", u.created_by, "disabled" if u.disabled_at else "") for u in found
    ]
    print_table("Users", ("name", "role", "since", "by", "state"), rows)


@user.command()
@click.argument("name")
def disable(name: str) -> None:
    """Disable NAME: their keys open nothing from now on."""
    disable_user(deployment().database, name, now=datetime.now(UTC))
    console.print(f"{name} is disabled", markup=False)
