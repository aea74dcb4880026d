"""The people of a case and how they can be reached, as somebody of a role may see it: with proof, faults and stops."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from channels.contract import DeliveryStatus
from orchestrator.domain.case import Case, Switch
from orchestrator.domain.contact import POINT_OF_CHANNEL, ContactPoint, Fault, PointKind, PostalAddress, Role
from orchestrator.domain.events import DeliveryReported
from orchestrator.domain.masking import masked, masked_address
from orchestrator.storage.attempts import Attempt
from orchestrator.storage.journal import Line


class Proof(msgspec.Struct, frozen=True):
    """The last that is known of what was sent to a point."""

    status: DeliveryStatus
    at: datetime


class SeenPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A number or address. `value` is masked for who may not see it; `key` names it in forms, empty then.

    `fault` is that of the file, or of what became of a message; `raw` what could not be read as a point.
    """

    kind: PointKind
    value: str
    key: str
    raw: str = ""
    fault: Fault | None = None
    is_closed: bool = False
    is_added: bool = False
    is_verified: bool = False
    is_given_by_debtor: bool = True
    proof: Proof | None = None


class SeenPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A contact person. `language` empty is the debtor's."""

    role: Role
    name: str
    language: str
    points: tuple[SeenPoint, ...]
    address: PostalAddress | None
    is_address_added: bool = False


def seen_people(
    case: Case, tried: Sequence[Attempt], lines: Iterable[Line], *, sees_contacts: bool
) -> tuple[SeenPerson, ...]:
    """Everybody who belongs to the case; `sees_contacts` False masks numbers, e-mails and streets."""
    proofs = _proofs(tried, lines)
    added = {(own.point.kind, own.point.value) for own in case.own_points}
    own_addresses = {own.address for own in case.own_points if own.address is not None}
    found = []
    for person in case.debtor.people:
        points = tuple(_seen(case, point, proofs, added, sees_contacts=sees_contacts) for point in person.points)
        address = person.address
        found.append(
            SeenPerson(
                role=person.role,
                name=person.name,
                language=person.language,
                points=points,
                address=address if sees_contacts or address is None else masked_address(address),
                is_address_added=address in own_addresses,
            )
        )
    return tuple(found)


def _seen(
    case: Case,
    point: ContactPoint,
    proofs: Mapping[tuple[PointKind, str], Proof],
    added: set[tuple[PointKind, str]],
    *,
    sees_contacts: bool,
) -> SeenPoint:
    key = f"{point.kind}:{point.value}"
    marked = next((Fault(s.value) for s in case.points if s.is_on and s.key == key), None)
    return SeenPoint(
        kind=point.kind,
        value=point.value if sees_contacts else masked(point.kind, point.value),
        key=point.value if sees_contacts else "",
        raw=point.raw if sees_contacts else masked(point.kind, point.raw),
        fault=marked or point.fault,
        is_closed=any(_closes(switch, point) for switch in case.opt_outs),
        is_added=(point.kind, point.value) in added and point.kind is not PointKind.POST,
        is_verified=point.verified,
        is_given_by_debtor=point.given_by_debtor,
        proof=proofs.get((point.kind, point.value.casefold())),
    )


def _closes(switch: Switch, point: ContactPoint) -> bool:
    channel, _, value = switch.key.partition(":")
    kinds = {kind for each, kind in POINT_OF_CHANNEL.items() if each.value == channel}
    return switch.is_on and point.kind in kinds and value in ("", point.value)


def _proofs(tried: Sequence[Attempt], lines: Iterable[Line]) -> dict[tuple[PointKind, str], Proof]:
    """The last receipt of each point, by where its message went."""
    went = {attempt.message_id: attempt for attempt in tried}
    found: dict[tuple[PointKind, str], Proof] = {}
    for line in lines:
        fact = line.fact
        if isinstance(fact, DeliveryReported) and fact.message_id in went:
            kind = POINT_OF_CHANNEL[fact.channel]
            value = "" if kind is PointKind.POST else went[fact.message_id].destination
            found[kind, value.casefold()] = Proof(fact.status, line.at)
    return found
