"""`relance endpoint`: whom Relance tells of what happens, and what became of it."""

import getpass
from datetime import UTC, datetime

import click

from channels import boot_clock
from orchestrator.bootstrap import Deployment
from orchestrator.cli.terminal import console, deployment, errors, print_json
from orchestrator.flows import manage_endpoints as manage
from orchestrator.flows.call_endpoint import TIMEOUT_SECONDS
from orchestrator.flows.endpoint_secret import secret_of
from orchestrator.flows.tell_endpoints import caller
from orchestrator.storage import deliveries, endpoints
from orchestrator.storage.deliveries import DeliveryState
from orchestrator.storage.endpoints import Endpoint

_FORMATS = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])


@click.group()
def endpoint() -> None:
    """Outgoing webhooks."""


@endpoint.command()
@click.argument("url")
@click.option("--creditor", default="", help="It hears of this creditor's cases only.")
@click.option("--event", "events", multiple=True, help="It hears of this kind only; several times if need be.")
@click.option("--json", "as_json", is_flag=True)
def add(url: str, creditor: str, events: tuple[str, ...], as_json: bool) -> None:
    """Tell URL what happens from now on. Its secret stands alone on standard output."""
    place = deployment()
    secret_key = place.secret_key
    made = manage.add_endpoint(
        place.database,
        manage.EndpointTerms(url=url, creditor=creditor, events=events),
        creditors=place.rules.creditors,
        allows_private=place.settings.private_endpoints,
        by=getpass.getuser(),
        now=place.now(),
    )
    secret = secret_of(secret_key, made.id, made.generation)
    if as_json:
        print_json({"id": made.id, "secret": secret})
        return
    errors.print(f"{made.id} is told from now on; its secret, to verify what it gets:", markup=False)
    click.echo(secret)


@endpoint.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_endpoints(as_json: bool) -> None:
    """Every endpoint, how it fares, what waits for it."""
    place, real_now = deployment(), datetime.now(UTC)
    with place.database.read() as conn:
        found = endpoints.every(conn)
        figures = {each.endpoint_id: each for each in deliveries.figures(conn)}
    rows = []
    for each in found:
        known = figures.get(each.id)
        counts = (known.waiting, known.failed) if known is not None else (0, 0)
        rows.append((each, manage.state_of(each, real_now=real_now), *counts))
    if as_json:
        print_json([_described(each, state, waiting, failed) for each, state, waiting, failed in rows])
        return
    if not rows:
        console.print("no endpoint")
    for each, state, waiting, failed in rows:
        console.print(f"[bold]{each.id}[/bold]  {state}, {waiting} waiting, {failed} failed", soft_wrap=True)
        console.print(f"    {each.url}", soft_wrap=True, markup=False)
        heard = f"creditor {each.creditor or 'any'}, events {' '.join(each.events) or 'all'}"
        console.print(f"    {heard}", soft_wrap=True, markup=False)


@endpoint.command()
@click.argument("endpoint_id")
def test(endpoint_id: str) -> None:
    """Send a `ping` to ENDPOINT_ID at once and say what it answered."""
    place = deployment()
    call = caller(place.secret_key, lambda: datetime.now(UTC), allows_private=place.settings.private_endpoints)
    start_by = boot_clock.now() + TIMEOUT_SECONDS
    heard = manage.ping_endpoint(place.database, endpoint_id, call, start_by=start_by, now=place.now())
    console.print(heard.reason, markup=False)
    if not heard.is_done:
        raise click.exceptions.Exit(1)


@endpoint.command()
@click.argument("endpoint_id")
def rotate(endpoint_id: str) -> None:
    """A new secret for ENDPOINT_ID; for 24 hours the one before signs too."""
    place = deployment()
    changed = manage.rotate_endpoint(place.database, endpoint_id, real_now=datetime.now(UTC))
    _show_secret(place, changed)


@endpoint.command()
@click.argument("endpoint_id")
def secret(endpoint_id: str) -> None:
    """The secret of ENDPOINT_ID, alone on standard output."""
    place = deployment()
    _show_secret(place, manage.find_endpoint(place.database, endpoint_id))


@endpoint.command()
@click.argument("endpoint_id")
def disable(endpoint_id: str) -> None:
    """Tell ENDPOINT_ID nothing more."""
    place = deployment()
    manage.disable_endpoint(place.database, endpoint_id, by=getpass.getuser(), now=place.now())
    console.print(f"{endpoint_id} is disabled", markup=False)


@endpoint.command()
@click.argument("endpoint_id")
def enable(endpoint_id: str) -> None:
    """Tell ENDPOINT_ID again: what waited, and what happens from now on."""
    manage.enable_endpoint(deployment().database, endpoint_id)
    console.print(f"{endpoint_id} is told again", markup=False)


@endpoint.command("deliveries")
@click.argument("endpoint_id")
@click.option("--failed", is_flag=True, help="Only what it never took.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@click.option("--json", "as_json", is_flag=True)
def list_deliveries(endpoint_id: str, failed: bool, limit: int, as_json: bool) -> None:
    """What ENDPOINT_ID was told, the latest first."""
    place = deployment()
    manage.find_endpoint(place.database, endpoint_id)
    state = DeliveryState.FAILED if failed else None
    with place.database.read() as conn:
        found = deliveries.latest(conn, endpoint_id, state=state, limit=limit)
    if as_json:
        print_json(found)
        return
    if not found:
        console.print("no delivery")
    for each in found:
        waits = f", next {_day(each.next_at)}" if each.state is DeliveryState.WAITING else ""
        said = f", {each.reason}" if each.reason else ""
        what = f"{_day(each.happened_at)} UTC  {each.event_type} {each.state.value}, tries {each.tries}{waits}{said}"
        console.print(what, soft_wrap=True, markup=False)
        console.print(f"    {each.id}", soft_wrap=True, markup=False)


@endpoint.command()
@click.argument("endpoint_id")
@click.option("--since", type=_FORMATS, help="What happened since then (UTC).")
@click.option("--failed", is_flag=True, help="Only what it never took.")
def replay(endpoint_id: str, since: datetime | None, failed: bool) -> None:
    """Tell ENDPOINT_ID again, each event under the webhook-id it had."""
    place = deployment()
    start = since.replace(tzinfo=UTC) if since else None
    count = manage.replay_deliveries(place.database, endpoint_id, since=start, only_failed=failed, now=place.now())
    console.print(f"told again: {count}")


def _show_secret(place: Deployment, found: Endpoint) -> None:
    click.echo(secret_of(place.secret_key, found.id, found.generation))


def _described(each: Endpoint, state: str, waiting: int, failed: int) -> dict[str, object]:
    fields = {name: getattr(each, name) for name in each.__struct_fields__}
    return {**fields, "state": state, "waiting": waiting, "failed": failed}


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
