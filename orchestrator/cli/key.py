"""`relance key`: API keys of people and programs. A key is shown once, when it is made."""

import getpass
from datetime import UTC, datetime

import click

from orchestrator.cli.terminal import console, deployment, errors, print_json, print_table
from orchestrator.flows.answer_task import RANK
from orchestrator.flows.grant_access import SCOPES, KeyTerms, add_key, revoke_key
from orchestrator.storage import access


@click.group()
def key() -> None:
    """API keys."""


@key.command()
@click.argument("name")
@click.option("--role", type=click.Choice(list(RANK)), required=True, help="The most that the key may do.")
@click.option("--scope", "scopes", multiple=True, help=f"Limit it, several times if need be: {', '.join(SCOPES)}.")
@click.option("--user", "owner", default="", help="Whose key it is; without it, a program's.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="It ends then (UTC).")
@click.option("--json", "as_json", is_flag=True)
def add(name: str, role: str, scopes: tuple[str, ...], owner: str, until: datetime | None, as_json: bool) -> None:
    """Make the key NAME. Its text is shown once, alone on standard output: keep it where secrets are kept."""
    end = until.replace(tzinfo=UTC) if until else None
    terms = KeyTerms(name=name, role=role, scopes=scopes, owner=owner, expires_at=end)
    made = add_key(deployment().database, terms, by=getpass.getuser(), now=datetime.now(UTC))
    if as_json:
        print_json({"id": made.key.id, "name": name, "key": made.text})
        return
    errors.print("This is the only time it is shown:", markup=False)
    click.echo(made.text)


@key.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_keys(as_json: bool) -> None:
    """Every key, without its secret."""
    with deployment().database.read() as conn:
        found = access.all_keys(conn)
    if as_json:
        print_json([_without_digest(each) for each in found])
        return
    now = datetime.now(UTC)
    rows = [
        (k.name, k.id, k.role, " ".join(k.scopes) or "all", k.owner or "", _day(k.created_at), _day(k.last_used_at),
         _day(k.expires_at), _state(k, now))
        for k in found
    ]  # fmt: skip
    print_table("Keys", ("name", "id", "role", "scopes", "user", "since", "last used", "until", "state"), rows)


@key.command()
@click.argument("name_or_id")
def revoke(name_or_id: str) -> None:
    """Revoke the key NAME_OR_ID: the next request with it is refused."""
    revoked = revoke_key(deployment().database, name_or_id, by=getpass.getuser(), now=datetime.now(UTC))
    console.print(f"revoked: {', '.join(revoked)}", markup=False)


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def _state(each: access.ApiKey, now: datetime) -> str:
    if each.revoked_at is not None:
        return "revoked"
    return "expired" if each.expires_at is not None and each.expires_at <= now else ""


def _without_digest(each: access.ApiKey) -> dict[str, object]:
    return {name: getattr(each, name) for name in each.__struct_fields__ if name != "secret_hash"}
