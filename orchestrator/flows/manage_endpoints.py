"""Endpoints are added, tried, given a new secret, disabled, enabled; what they missed is told again."""

import ipaddress
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from channels.errors import InvalidOptions
from channels.transport import split_url
from orchestrator.domain.errors import Conflict, InputError, NotFound, did_you_mean
from orchestrator.flows.call_endpoint import Heard
from orchestrator.flows.reachable_address import is_public
from orchestrator.flows.tell_endpoints import FAILING_AFTER, Call
from orchestrator.storage import deliveries, endpoints
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.deliveries import Delivery, DeliveryState
from orchestrator.storage.endpoints import Endpoint
from orchestrator.storage.outbox_bodies import TYPES, body_of

# Each has its threads in every worker.
MOST_ENDPOINTS = 50
_LONGEST_URL = 2_000
_REPLAYED_AT_ONCE = 5_000
PING = "ping"


class EndpointTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a new endpoint is to be. Without `creditor` it hears of every one; without `events`, of every kind."""

    url: str
    creditor: str = ""
    events: tuple[str, ...] = ()


def add_endpoint(
    database: Database,
    terms: EndpointTerms,
    *,
    creditors: Collection[str],
    allows_private: bool,
    by: str,
    now: datetime,
) -> Endpoint:
    """A new endpoint: it hears of what happens from now on.

    Raises InputError for an address that cannot be called, a creditor or a kind of event that does not exist.
    """
    _check_url(terms.url, allows_private=allows_private)
    if terms.creditor and terms.creditor not in creditors:
        hint = did_you_mean(terms.creditor, creditors) or "see campaigns/creditors/"
        raise InputError(f'no creditor is named "{terms.creditor[:40]}"', hint=hint, where="creditor")
    for name in terms.events:
        if name not in TYPES:
            hint = did_you_mean(name, TYPES) or "there are " + ", ".join(TYPES)
            raise InputError(f'no event is named "{name[:40]}"', hint=hint, where="events")
    made = Endpoint(
        id=f"ep-{secrets.token_hex(6)}",
        url=terms.url,
        creditor=terms.creditor,
        events=tuple(sorted(set(terms.events))),
        created_at=now,
        created_by=by,
    )
    with database.begin() as conn:
        if len(endpoints.listening(conn)) >= MOST_ENDPOINTS:
            hint = f"at most {MOST_ENDPOINTS}: disable one first"
            raise Conflict("there are too many endpoints", hint=hint, code="too_many_endpoints")
        endpoints.insert(conn, made)
    return made


def find_endpoint(database: Database, endpoint_id: str) -> Endpoint:
    """The endpoint of that id. Raises NotFound."""
    with database.read() as conn:
        return _load(conn, endpoint_id)


def rotate_endpoint(database: Database, endpoint_id: str, *, real_now: datetime) -> Endpoint:
    """A new secret; the one before signs too for 24 hours. Raises NotFound."""
    with database.begin() as conn:
        found = _load(conn, endpoint_id, for_update=True)
        changed = replace(found, generation=found.generation + 1, rotated_at=real_now)
        endpoints.save(conn, changed)
    return changed


def disable_endpoint(database: Database, endpoint_id: str, *, by: str, now: datetime) -> Endpoint:
    """Nothing more is kept for it or told to it. Raises NotFound, or Conflict when that is so already."""
    with database.begin() as conn:
        _load(conn, endpoint_id, for_update=True)
        if not endpoints.disable(conn, endpoint_id, why=f"by {by}", now=now):
            raise Conflict("this endpoint is disabled already", code="endpoint_disabled")
        return _load(conn, endpoint_id)


def enable_endpoint(database: Database, endpoint_id: str) -> Endpoint:
    """It hears of what happens from now on, and of what still waited. Raises NotFound, or Conflict when it does."""
    with database.begin() as conn:
        found = _load(conn, endpoint_id, for_update=True)
        if found.disabled_at is None:
            raise Conflict("this endpoint is not disabled", code="endpoint_enabled")
        changed = replace(found, disabled_at=None, disabled_why="", failing_since=None, rests_until=None)
        endpoints.save(conn, changed)
    return changed


def ping_endpoint(database: Database, endpoint_id: str, call: Call, *, start_by: float, now: datetime) -> Heard:
    """Tells it a `ping` at once, which is kept nowhere. One that takes it is well: what waits goes now."""
    found = find_endpoint(database, endpoint_id)
    body = body_of(PING, now, {"endpoint_id": found.id})
    name = f"msg_{secrets.token_hex(16)}"
    ping = Delivery(id=name, endpoint_id=found.id, event_type=PING, happened_at=now, next_at=now, body=body)
    heard = call(found, ping, start_by)
    if heard.is_done and found.failing_since is not None:
        with database.begin() as conn:
            current = _load(conn, endpoint_id, for_update=True)
            endpoints.save(conn, replace(current, failing_since=None, rests_until=None))
            deliveries.hasten(conn, endpoint_id, now=now)
    return heard


def replay_deliveries(
    database: Database, endpoint_id: str, *, since: datetime | None, only_failed: bool, now: datetime
) -> int:
    """Tells again what was told or given up, each under the id it had; returns how many.

    Raises NotFound, Conflict for a disabled endpoint, and InputError unless it is said what: a time, or the failed.
    """
    if since is None and not only_failed:
        raise InputError("what is to be told again?", hint="since an instant, only the failed, or both", where="since")
    if find_endpoint(database, endpoint_id).disabled_at is not None:
        raise Conflict("this endpoint is disabled", hint="enable it first", code="endpoint_disabled")
    states: Sequence[DeliveryState] = (DeliveryState.FAILED,) if only_failed else (
        DeliveryState.FAILED, DeliveryState.DONE,
    )  # fmt: skip
    total, last = 0, 0
    while True:
        with database.begin() as conn:
            count, last = deliveries.replay(
                conn, endpoint_id, now=now, since=since, states=states, after=last, limit=_REPLAYED_AT_ONCE
            )
        total += count
        if count < _REPLAYED_AT_ONCE:
            return total


def state_of(endpoint: Endpoint, *, real_now: datetime) -> str:
    """`on`, `retrying` after a failure, `failing` when that lasts, `disabled`."""
    if endpoint.disabled_at is not None:
        return "disabled"
    if endpoint.failing_since is None:
        return "on"
    return "failing" if real_now - endpoint.failing_since >= FAILING_AFTER else "retrying"


def _load(conn: Connection, endpoint_id: str, *, for_update: bool = False) -> Endpoint:
    found = endpoints.load(conn, endpoint_id, for_update=for_update)
    if found is None:
        raise NotFound("no endpoint has this id", hint="see `relance endpoint list`")
    return found


def _check_url(url: str, *, allows_private: bool) -> None:
    """The address may hold a secret of the receiver's: no error shows it."""
    if not 0 < len(url) <= _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise InputError("this address cannot be called", hint="write https://host/path", where="url")
    try:
        origin, _ = split_url(url)
        parts = urlsplit(url)
    except (InvalidOptions, ValueError) as error:
        said = error.message if isinstance(error, InvalidOptions) else "this address cannot be called"
        raise InputError(said, hint="write https://host/path", where="url") from None
    if parts.fragment:
        raise InputError("this address has a fragment, which is never sent", hint="leave out #…", where="url")
    if not allows_private and _is_private(origin.host):
        hint = "a deployment whose receivers stand in its own network sets RELANCE_PRIVATE_ENDPOINTS=yes"
        raise InputError("this address is of a private network or of this machine", hint=hint, where="url")


def _is_private(host: str) -> bool:
    """A name is looked at again when it is called, by the address that it stands for then."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    return not is_public(host)
