"""`relance pause`: stop everything, or a part, at once, and see it stopped (R6). Loads as little as it can."""

import getpass
import secrets
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import click

from orchestrator.bootstrap import Deployment
from orchestrator.cli.terminal import console, deployment, errors, print_json, print_table
from orchestrator.domain.condition import ALWAYS, Condition
from orchestrator.domain.errors import Conflict, RelanceError, did_you_mean
from orchestrator.domain.interruption import Pause
from orchestrator.flows.doubt_gone import doubt_gone
from orchestrator.flows.pause_scope import require_lanes
from orchestrator.flows.pause_sending import PauseReport, pause_report, start_pause, wait_for_pause
from orchestrator.storage import pauses, releases
from orchestrator.worker.sole_sender import sole_sender

_CHANNELS = click.Choice(["sms", "email", "letter"])


@click.command()
@click.option("--all", "is_all", is_flag=True, help="Everything, everywhere.")
@click.option("--creditor", multiple=True)
@click.option("--campaign", multiple=True)
@click.option("--debtor", multiple=True, help="The creditor's own reference of a debtor.")
@click.option("--channel", multiple=True, type=_CHANNELS, help="Only this way out.")
@click.option("--lane", multiple=True, help="Only this provider account.")
@click.option("--where", help='Conditions as in an audience: {postcode: ["974"], balance: {from: 500 EUR}}')
@click.option("--reason", help="Why; kept with the pause.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Ends by itself then (UTC).")
@click.option("--wait", "seconds", default=15.0, show_default=True, help="How long to wait for calls in flight.")
@click.option("--list", "is_list", is_flag=True, help="The pauses in force.")
@click.option("--json", "as_json", is_flag=True)
def pause(  # noqa: PLR0913, PLR0917  # one argument per option of the command
    is_all: bool,
    creditor: tuple[str, ...],
    campaign: tuple[str, ...],
    debtor: tuple[str, ...],
    channel: tuple[str, ...],
    lane: tuple[str, ...],
    where: str | None,
    reason: str | None,
    until: datetime | None,
    seconds: float,
    is_list: bool,
    as_json: bool,
) -> None:
    """Stop sending at once. It says `paused` only when nothing of the scope is in flight any more."""
    place = deployment()
    if is_list:
        _list(place, as_json)
        return
    named: dict[str, Any] = {
        key: list(given)
        for key, given in (("creditor", creditor), ("campaign", campaign), ("debtor_ref", debtor))
        if given
    }
    if not (is_all or named or channel or lane or where):
        raise click.UsageError(
            "say what to stop: --all, --creditor, --campaign, --debtor, --channel, --lane or --where"
        )
    if not reason:
        raise click.UsageError("say why with --reason; it is kept with the pause")
    if lane:
        _require_lanes(place, lane)
    made = Pause(
        id=f"p-{secrets.token_hex(4)}",
        scope=_scope(named, where) if named or where else ALWAYS,
        since=place.now(),
        reason=reason,
        by=getpass.getuser(),
        channels=channel,
        lanes=lane,
        ends_at=until.replace(tzinfo=UTC) if until is not None else None,
    )
    started = time.perf_counter()
    start_pause(place.database, made)
    report = wait_for_pause(lambda: report_of(place, made.id), seconds=seconds, clock=time.monotonic, sleep=time.sleep)
    if as_json:
        print_json(report)
    else:
        _say(report, time.perf_counter() - started)
    unknown = _unknown(place, {"campaign": campaign, "creditor": creditor})
    for sentence in unknown:
        errors.print(f"warning: {sentence}", markup=False)
    if report.state == "pausing" or unknown:
        raise click.exceptions.Exit(1)


def _scope(named: dict[str, Any], where: str | None) -> Condition:
    from orchestrator.intake.strict_yaml.scope import read_scope  # late: a stop of everything does without

    return read_scope(named, where)


def _require_lanes(place: Deployment, names: tuple[str, ...]) -> None:
    """A misspelt lane is refused, for nothing else would stop; where the lanes cannot be read, any name is taken."""
    try:
        lanes = place.lanes
    except RelanceError:
        return
    with place.database.read() as conn:
        require_lanes(conn, lanes, names, where="--lane")


def _unknown(place: Deployment, named: dict[str, tuple[str, ...]]) -> list[str]:
    """Names that stop nothing, most likely misspelt. Said after the pause is in force: nothing may delay a stop."""
    found = []
    for kind, names in named.items():
        known = _known(place, kind) if names else ()
        for name in names:
            if known and name not in known:
                hint = did_you_mean(name, known) or f"there are {', '.join(sorted(known))}"
                found.append(f'no {kind} is named "{name}", so this part of the pause stops nothing ({hint})')
    return found


def _known(place: Deployment, kind: str) -> frozenset[str]:
    """The names in use; none where the files cannot be read, for a pause works without them."""
    try:
        if kind == "creditor":
            return frozenset(place.rules.creditors)
        with place.database.read() as conn:
            released = releases.current(conn)
        return frozenset(released) | {path.stem for path in place.settings.campaigns.glob("*.yaml")}
    except RelanceError:
        return frozenset()


def report_of(place: Deployment, pause_id: str) -> PauseReport:
    """The truth about a pause, and what its next report needs done meanwhile."""
    report = pause_report(
        place.database,
        place.strategy,
        pause_id,
        adapters=place.adapters,
        now=place.now(),
        real_now=datetime.now(UTC),
    )
    if report.state == "pausing":
        # For the next report: where nobody sends any more, nobody else would say that calls have ended.
        with suppress(Conflict), sole_sender(place):
            doubt_gone(
                place.database,
                now=place.now(),
                real_now=datetime.now(UTC),
                is_alone=place.database.name == "sqlite",
            )
    return report


def _say(report: PauseReport, seconds: float) -> None:
    if report.state == "paused":
        console.print(f'[bold]paused[/bold] after {seconds:.2f} s: nothing of "{report.id}" is in flight')
    else:
        console.print(
            f"[bold]pausing[/bold]: {report.in_flight} calls are still in flight; nothing new begins. "
            f"Ask again: relance pause --list"
        )
    if report.left_before:
        left = ", ".join(f"{count} {channel}" for channel, count in sorted(report.left_before.items()))
        console.print(f"left in the day before: {left}")
    if report.provider_may_hold:
        held = ", ".join(f"{count} {channel}" for channel, count in sorted(report.provider_may_hold.items()))
        console.print(f"a provider may still hold: {held}")
    if report.letters_cancelled or report.letters_gone:
        console.print(f"letters taken back: {report.letters_cancelled}; already gone: {report.letters_gone}")
    if report.letters_waiting:
        console.print(
            f"letters that could not be asked for yet: {report.letters_waiting}; relance pause --list asks again"
        )
    console.print(f"to start again: relance resume {report.id} --preview")


def _list(place: Deployment, as_json: bool) -> None:
    with place.database.read() as conn:
        found = pauses.active(conn, at=place.now())
    reports = [report_of(place, item.id) for item in found]
    if as_json:
        print_json(reports)
        return
    rows = [(r.id, r.state, r.in_flight, f"{r.since:%Y-%m-%d %H:%M}", r.by, r.ends_at or "", r.reason) for r in reports]
    print_table("Pauses", ("id", "state", "in flight", "since (UTC)", "by", "ends", "reason"), rows)
