"""Every fault of a configuration, each with an id and a remedy, before the first message leaves (house style 24)."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from channels.contract import Channel
from channels.registry import provider, webhooks
from orchestrator.bootstrap import Deployment
from orchestrator.domain.campaign import Campaign, Use
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.errors import RelanceError
from orchestrator.domain.lane import DoubtPolicy, Lane, lane_for
from orchestrator.domain.mailbox import Mailbox
from orchestrator.domain.policy import is_pack_name
from orchestrator.flows.lane_adapters import adapter_of, is_loopback, webhook_variables
from orchestrator.flows.read_mailbox import account_of, may_be_read
from orchestrator.intake.lanes_yaml import load_mailboxes
from orchestrator.rendering.portal_words import read_portal


class Fault(msgspec.Struct, frozen=True):
    """Something to mend: `severity` error (nothing may be sent) or warning, a stable id, where, and what to do."""

    severity: str
    id: str
    where: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        advice = f" ({self.hint})" if self.hint else ""
        return f"{self.severity} {self.id}: {self.where}: {self.message}{advice}"


def check(place: Deployment) -> list[Fault]:
    """All faults found; an area that cannot be read is reported and does not hide the others."""
    found: list[Fault] = []
    files = (_rules, _templates, _campaigns, _creditors)
    for area in (_database, _settings, _clock_and_key, *files, _lanes, _mailboxes, _coverage):
        found += _caught(area, place)
    return list(dict.fromkeys(found))  # what cannot be read is met by several areas


def _caught(area: Callable[[Deployment], Iterator[Fault]], place: Deployment) -> list[Fault]:
    try:
        return list(area(place))
    except RelanceError as error:
        each = getattr(error, "errors", None) or (error,)
        return [Fault("error", e.code, e.where, e.message, e.hint) for e in each]


def _database(place: Deployment) -> Iterator[Fault]:
    with place.database.read():
        yield from ()


def _settings(place: Deployment) -> Iterator[Fault]:
    if place.settings.redis_url and place.settings.database_url.startswith("sqlite"):
        words = "Redis wakes several processes, and SQLite serves one sender only"
        yield Fault("warning", "redis_alone", "RELANCE_REDIS_URL", words, "give them PostgreSQL, or unset it")
    url = place.settings.public_url
    if urlsplit(url).scheme == "https" and not is_loopback(url) and not place.settings.trusted_proxies:
        words = "TLS is a proxy's, and none is named: every visitor has its address, so guesses at passwords are not"
        words += " slowed by place, or those of one slow everybody's, and the audit does not say from where"
        yield Fault(
            "warning", "proxies_unnamed", "RELANCE_TRUSTED_PROXIES", words, "name it: docs/deploy.md, The proxy"
        )
    key = place.settings.home / "secret_key"
    if key.exists() and key.stat().st_mode & 0o077:
        yield Fault("error", "secret_key_open", str(key), "others may read this key", f"chmod 600 {key}")


def _clock_and_key(place: Deployment) -> Iterator[Fault]:
    if not place.settings.is_embedded:
        _ = place.secret_key
    place.now()  # a shifted clock beside a real lane is refused
    yield from ()


def _rules(place: Deployment) -> Iterator[Fault]:
    rules = place.rules
    if not rules.packs:
        yield Fault("error", "no_packs", str(place.settings.campaigns / "policies"), "there is no contact-rule pack")
    for pack in rules.packs.values():
        if pack.expires_on is not None:
            yield Fault("warning", "pack_expires", pack.id, f"this pack ends on {pack.expires_on}", "have it reviewed")


def _templates(place: Deployment) -> Iterator[Fault]:
    for language in ("fr", "en"):
        if language not in place.texts.languages:
            where = str(place.settings.templates / "phrases" / f"{language}.yaml")
            yield Fault("warning", "language_missing", where, f"there is no phrasebook for {language}")
    read_portal(place.settings.templates)


def _campaigns(place: Deployment) -> Iterator[Fault]:
    for path in place.campaign_files():
        found = place.campaign(path).campaign
        if not is_pack_name(place.rules.packs, found.policy):
            known = ", ".join(sorted(place.rules.packs))
            yield Fault("error", "policy_unknown", path.name, f'no pack is named "{found.policy}"', f"known: {known}")
        for creditor in found.creditors or ():
            if creditor not in place.rules.creditors:
                yield Fault("error", "creditor_unknown", path.name, f'no creditor is named "{creditor}"')


def _creditors(place: Deployment) -> Iterator[Fault]:
    for creditor in place.rules.creditors.values():
        reached = [lane for lane in _real(place) if lane.creditors is None or creditor.id in lane.creditors]
        yield from _creditor(creditor, severity="error" if reached else "warning")


def _creditor(creditor: Creditor, *, severity: str) -> Iterator[Fault]:
    """Facts that real lanes need (semantics A11); while every lane that serves it is the sandbox they are warnings."""
    where = f"creditor {creditor.id}"
    if creditor.party == "third_party":
        for fact in ("insurance", "declaration", "account", "mandate"):
            if not creditor.fact(fact):
                hint = "required before a real lane sends for it"
                yield Fault(severity, f"collector_{fact}", where, f"the collector's {fact} is not on file", hint)
    elif not creditor.payment.iban and not creditor.payment.link:
        yield Fault("warning", "no_way_to_pay", where, "neither IBAN nor payment link", "debtors could not pay")
    if creditor.senders.email is None:
        yield Fault("warning", "no_email_sender", where, "no senders.email", "no e-mail can leave for it")
    if not creditor.contact.phone and not creditor.contact.email:
        yield Fault("warning", "no_contact", where, "neither phone nor e-mail", "debtors could not answer")


# ------------------------------------------------------------------------------------------------ lanes


def _real(place: Deployment) -> list[Lane]:
    """The lanes that reach people; none when the file cannot be read, which `_lanes` tells."""
    try:
        names = place.real_lanes
    except RelanceError:
        return []
    return [lane for lane in place.lanes if lane.id in names]


def _lanes(place: Deployment) -> Iterator[Fault]:
    for lane in place.lanes:
        yield from _caught(partial(_lane, lane=lane), place)
        for creditor in lane.creditors or ():
            if creditor not in place.rules.creditors:
                words = f'no creditor is named "{creditor}"'
                yield Fault("error", "creditor_unknown", f"lane {lane.id}", words, "correct creditors: of this lane")
    for lane in _real(place):
        yield from _way_out(place, lane)
        yield from _callbacks(place, lane)


def _mailboxes(place: Deployment) -> Iterator[Fault]:
    found = load_mailboxes(place.settings.lanes)
    for each in found:
        yield from _caught(partial(_mailbox, mailbox=each), place)
    for lane in _real(place):
        if lane.provider == "smtp" and not found:
            words = "no mailbox is read: bounces and replies reach nobody"
            yield Fault("warning", "no_mailbox", f"lane {lane.id}", words, "add mailboxes: to the lanes file")


def _mailbox(place: Deployment, *, mailbox: Mailbox) -> Iterator[Fault]:
    where = f"mailbox {mailbox.id}"
    account = account_of(mailbox, place.environ)
    if mailbox.token_file and not Path(mailbox.token_file).is_file():
        words = "the file of its access token is not there"
        yield Fault("error", "mailbox_token_missing", where, words, "docs/mailboxes.md")
    if not may_be_read(account, place.offset):
        words = "this database is for staging: this mailbox is not read"
        yield Fault("warning", "mailbox_staging", where, words, "give it one of this machine")


def _lane(place: Deployment, *, lane: Lane) -> Iterator[Fault]:
    """What the provider says of the settings, and what it cannot do that the lane asks for. Calls nobody."""
    can = adapter_of(lane, place.wiring).capabilities
    where = f"lane {lane.id}"
    if lane.in_doubt is DoubtPolicy.AFTER_TWO_LOOKUPS and not can.has_ledger:
        words = f"{lane.provider} has no ledger to look an attempt up in"
        yield Fault("error", "lane_no_ledger", where, words, "write in_doubt: person")
    services = {service.value for service in can.letter_services}
    if Use.REGISTERED in lane.uses and "registered" not in services:
        words = f"{lane.provider} sends no registered letter"
        yield Fault("error", "lane_use_unserved", where, words, "remove registered from uses:")


def _way_out(place: Deployment, lane: Lane) -> Iterator[Fault]:
    """Every message bears the link by which the debtor answers or leaves; it must open for them (semantics D8)."""
    url = place.settings.public_url
    if urlsplit(url).scheme == "https" and not is_loopback(url):
        return
    severity = "warning" if lane.channel is Channel.LETTER else "error"
    words = f"the links of its messages would begin with {url}, which opens for no debtor"
    hint = "set RELANCE_PUBLIC_URL to the https address of relance serve"
    yield Fault(severity, "public_url", f"lane {lane.id}", words, hint)


def _callbacks(place: Deployment, lane: Lane) -> Iterator[Fault]:
    for name in webhook_variables(lane):
        secret = place.environ.get(name, "")
        if secret and not all(webhook.is_secret(secret) for webhook in webhooks(lane.provider).values()):
            words = f"what {name} holds is no key of {lane.provider}'s: every webhook would be refused"
            hint = "copy it again where the provider shows it; docs/webhooks.md"
            yield Fault("error", "webhook_secret_unusable", f"lane {lane.id}", words, hint)
    if provider(lane.provider).webhooks and not webhook_variables(lane):
        words = f"nothing verifies what {lane.provider} posts to us: deliveries, failures and stops stay unknown"
        hint = f"add webhook_secrets: [{{env: {lane.provider.upper()}_WEBHOOK_KEY}}]"
        yield Fault("error", "webhook_unverified", f"lane {lane.id}", words, hint)


def _coverage(place: Deployment) -> Iterator[Fault]:
    """Campaigns that count on a lane that is not there, or on receipts that it never gives."""
    if all(lane.is_sandbox for lane in place.lanes):
        return
    for path in place.campaign_files():
        campaign = place.campaign(path).campaign
        for creditor in campaign.creditors or tuple(place.rules.creditors):
            yield from _uncarried(place, campaign, path.name, creditor)
        yield from _unconfirmed(place, campaign, path.name)


def _uncarried(place: Deployment, campaign: Campaign, where: str, creditor: str) -> Iterator[Fault]:
    missing: set[Use] = set()
    for step in campaign.steps:
        for line in step.channel:
            lacking = [use for use in line.use if lane_for(place.lanes, use, creditor) is None]
            missing.update(lacking)
            if lacking and len(lacking) == len(line.use):
                words = f"{step.id} of {creditor} has no lane for {', '.join(lacking)}: it can never leave"
                yield Fault("error", "step_without_lane", where, words, "add a lane, or another channel to the step")
    if missing:
        words = f"no lane carries {', '.join(sorted(missing))} for {creditor}: the next channel is taken"
        yield Fault("warning", "channel_without_lane", where, words, "add a lane if this is not meant")


def _unconfirmed(place: Deployment, campaign: Campaign, where: str) -> Iterator[Fault]:
    """Where no receipt ever comes, its absence says nothing (semantics B7)."""
    for step in campaign.steps:
        if step.next_channel_when.unconfirmed_for is None:
            continue
        used = {use for line in step.channel for use in line.use[:-1]}  # after the last one comes no other
        for lane in _real(place):
            serves = any(lane.serves(use, creditor) for use in used for creditor in place.rules.creditors)
            if serves and not _confirms(place, lane):
                words = f"{step.id} waits for receipts (unconfirmed_for), and lane {lane.id} never gives one"
                yield Fault("error", "unconfirmed_for", where, words, "keep undelivered: yes alone")


def _confirms(place: Deployment, lane: Lane) -> bool:
    """True too for a lane that cannot be made, which `_lanes` tells."""
    try:
        return adapter_of(lane, place.wiring).capabilities.confirms_delivery
    except RelanceError:
        return True
