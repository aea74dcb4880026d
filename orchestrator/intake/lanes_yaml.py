"""The lanes file (RELANCE_LANES): which provider accounts messages leave by, what bounds each, and which mailboxes
bring the answers.

Owns what such a file may say. Secrets are named, never written; whether their variables have a value, and whether the
provider accepts the settings, is told by `relance check`.
"""

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Annotated, Self

import pydantic
from pydantic_core import InitErrorDetails, PydanticCustomError

from channels.contract import Channel
from channels.email.mailbox import PORTS, is_this_machine
from channels.registry import PROVIDERS
from orchestrator.domain.campaign import Use
from orchestrator.domain.lane import Breaker, DoubtPolicy, Lane
from orchestrator.domain.mailbox import Mailbox
from orchestrator.intake.lane_values import (
    AllNamed,
    ByUse,
    Hours,
    Price,
    ProviderName,
    Rate,
    Rest,
    Setting,
    Variable,
    Zone,
    overlap,
)
from orchestrator.intake.strict_yaml.field_types import FileModel, Identifier, Positive, Several, Word, one_of
from orchestrator.intake.strict_yaml.source import Source, read, validate
from orchestrator.intake.strict_yaml.wording import Path, nearest, refusal, refusal_at

_Refusal = tuple[Path, PydanticCustomError]

_USES = {use.value: use for use in Use}


class _BreakerFile(FileModel):
    failures: Annotated[Positive, pydantic.Field(description="failures in a row before the lane rests")] = 5
    rest: Annotated[Rest, pydantic.Field(description="how long it rests, like 60s")] = 60


class LaneFile(FileModel):
    """A lane as written."""

    id: Identifier = pydantic.Field(description="the short name of the lane, like twilio-fr")
    channel: Annotated[Channel, Word({each.value: each for each in Channel})] = pydantic.Field(
        description="one of sms, email, letter"
    )
    provider: ProviderName = pydantic.Field(description=f"one of {', '.join(sorted(PROVIDERS))}")
    settings: Annotated[dict[str, Setting], AllNamed] = pydantic.Field(
        {}, description="the provider's own words; secrets as {env: NAME}"
    )
    webhook_secrets: Several[Variable] = pydantic.Field((), description="what verifies the provider's webhooks")
    rate: Rate | None = pydantic.Field(None, description="messages (SMS: segments) at most, like 20/s or 600/min")
    burst: Positive | None = pydantic.Field(None, description="how many at once; one second's worth when not given")
    daily_quota: Positive | None = pydantic.Field(None, description="messages (SMS: segments) a day, in the zone")
    hours: Several[Hours] = pydantic.Field((), description='when it may send, ["08:00-20:00"]')
    zone: Zone = pydantic.Field("Europe/Paris", description="the time zone of hours: and daily_quota:")
    cost: Annotated[dict[Annotated[str, one_of("all", *_USES)], Price], ByUse] = pydantic.Field(
        {}, description="the price of one message (SMS: a segment), like 0.06 EUR"
    )
    concurrency: Annotated[Positive, pydantic.Field(le=64)] = pydantic.Field(8, description="calls at the same time")
    breaker: _BreakerFile = _BreakerFile()
    in_doubt: Annotated[DoubtPolicy, Word({each.value: each for each in DoubtPolicy})] = pydantic.Field(
        DoubtPolicy.PERSON, description="what becomes of a message that nobody can prove"
    )
    uses: Several[Annotated[Use, Word(_USES)]] = pydantic.Field((), description="what it carries; all when not given")
    creditors: Several[Identifier] = pydantic.Field((), description="whom it serves; everybody when not given")

    @pydantic.model_validator(mode="after")
    def _fits_its_provider(self) -> Self:
        if overlap(self.hours):
            raise refusal_at(("hours",), "two of these hours overlap", "write them as one")
        _raise_all([*self._wrong_channel(), *self._wrong_uses(), *self._wrong_settings()])
        return self

    def _wrong_channel(self) -> Iterator[_Refusal]:
        served = PROVIDERS[self.provider].channels
        if self.channel not in served:
            words = f"{self.provider} does not send {self.channel.value}"
            yield ("channel",), refusal(words, f"it sends {', '.join(sorted(served))}")

    def _wrong_uses(self) -> Iterator[_Refusal]:
        for index, use in enumerate(self.uses):
            if use.channel is not self.channel:
                yield ("uses", index), refusal(f"{use.value} is not carried by {self.channel.value}", self._own_uses())
        for key in self.cost:
            if key != "all" and _USES[key].channel is not self.channel:
                yield ("cost", key), refusal(f"{key} is not carried by {self.channel.value}", self._own_uses())

    def _own_uses(self) -> str:
        return f"it carries {', '.join(use.value for use in Use if use.channel is self.channel)}"

    def _wrong_settings(self) -> Iterator[_Refusal]:
        """Names that the provider does not read, and secrets that stand in the file. No value is ever shown."""
        provider = PROVIDERS[self.provider]
        for name, value in self.settings.items():
            path = ("settings", name)
            if name == provider.callback:
                yield path, refusal(f"Relance makes {name} itself", "delete it; it begins with RELANCE_PUBLIC_URL")
            elif name not in provider.settings:
                known = f"known: {', '.join(sorted(provider.settings))}" if provider.settings else "it has none"
                words = f"{self.provider} has no setting of this name"
                yield path, refusal(words, nearest(name, provider.settings) or known)
            elif name in provider.secrets and not isinstance(value, Variable):
                variable = f"{self.provider}_{name}".upper()
                hint = f"write {name}: {{env: {variable}}}, give that variable the value, and change the secret: others"
                yield path, refusal("a secret never stands in a file", f"{hint} may have read it")

    def as_lane(self) -> Lane:
        """The domain's lane."""
        plain = {name: value for name, value in self.settings.items() if isinstance(value, str)}
        named = {name: value.name for name, value in self.settings.items() if isinstance(value, Variable)}
        return Lane(
            id=self.id,
            channel=self.channel,
            provider=self.provider,
            settings=plain,
            variables=named,
            webhook_secrets=tuple(each.name for each in self.webhook_secrets),
            rate=self.rate,
            burst=self.burst or max(1, int(self.rate or 1)),
            daily_quota=self.daily_quota,
            concurrency=self.concurrency,
            uses=frozenset(self.uses),
            creditors=self.creditors or None,
            hours=tuple(sorted(self.hours)),
            zone=self.zone,
            cost_cents=self._costs(),
            breaker=Breaker(self.breaker.failures, self.breaker.rest),
            in_doubt=self.in_doubt,
            is_sandbox=self.provider == "sandbox",
        )

    def _costs(self) -> dict[str, int]:
        own = [use.value for use in Use if use.channel is self.channel]
        everywhere = dict.fromkeys(own, self.cost["all"]) if "all" in self.cost else {}
        return everywhere | {use: cents for use, cents in self.cost.items() if use != "all"}


class MailboxFile(FileModel):
    """A mailbox as written."""

    mailbox: Identifier = pydantic.Field(description="the short name of the mailbox, like replies")
    host: str = pydantic.Field(description="the IMAP server, like imap.acme.example")
    port: Annotated[Positive, pydantic.Field(le=65_535)] | None = pydantic.Field(
        None, description="993 for tls, 143 for starttls and none, when not given"
    )
    security: Annotated[str, Word({each: each for each in PORTS})] = pydantic.Field(
        "tls", description="tls or starttls; none on this machine only"
    )
    username: str = pydantic.Field(description="who logs in, mostly the address")
    password: Variable | None = pydantic.Field(None, description="the variable with the password, {env: NAME}")
    token_file: str = pydantic.Field("", description="a file with an access token (XOAUTH2), instead of a password")
    folder: str = pydantic.Field("INBOX", description="the folder that is read")
    move_to: str = pydantic.Field("", description="the folder for mail that was read; it stays when not given")
    ca_file: str = pydantic.Field("", description="certificates to trust instead of the system's")

    @pydantic.model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        _raise_all(list(self._wrong()))
        return self

    def _wrong(self) -> Iterator[_Refusal]:
        if self.security == "none" and not is_this_machine(self.host):
            yield ("security",), refusal("mail beyond this machine is encrypted", "write tls or starttls")
        if (self.password is None) == (not self.token_file):
            hint = "write password: {env: NAME}, or token_file: and the path of a file"
            yield (), refusal("a mailbox needs a password or a token file, not both", hint)
        if self.move_to and self.move_to == self.folder:
            yield ("move_to",), refusal("this is the folder that is read", "name another, or delete the line")

    def as_mailbox(self) -> Mailbox:
        """The domain's mailbox."""
        return Mailbox(
            id=self.mailbox,
            host=self.host,
            port=self.port or PORTS[self.security],
            security=self.security,
            username=self.username,
            password=self.password.name if self.password else "",
            token_file=self.token_file,
            folder=self.folder,
            move_to=self.move_to,
            ca_file=self.ca_file,
        )


class LanesFile(FileModel):
    """A lanes file as written; of two lanes that serve the same, the first is tried first."""

    lanes: tuple[LaneFile, ...] = pydantic.Field(description="a list, each with id, channel and provider")
    mailboxes: tuple[MailboxFile, ...] = pydantic.Field((), description="a list, each with mailbox, host and username")

    @pydantic.model_validator(mode="after")
    def _has_different_names(self) -> Self:
        if not self.lanes:
            raise refusal("there is no lane", "name one, or unset RELANCE_LANES: every channel is then the sandbox")
        names = [lane.id for lane in self.lanes]
        mailboxes = [each.mailbox for each in self.mailboxes]
        _raise_all(
            [
                *_repeated(names, ("lanes", "id"), "is already a lane", "its counters bear its name: rename one"),
                *_repeated(mailboxes, ("mailboxes", "mailbox"), "is already a mailbox", "rename one"),
            ]
        )
        return self


def _repeated(names: list[str], path: tuple[str, str], words: str, hint: str) -> Iterator[_Refusal]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield (path[0], index, path[1]), refusal(f'"{name}" {words}', hint)


def lanes_of(source: Source) -> tuple[Lane, ...]:
    """The lanes of a document, in its order. Raises FileErrors."""
    return tuple(lane.as_lane() for lane in validate(LanesFile, source).lanes)


def load_lanes(path: FilePath) -> tuple[Lane, ...]:
    """The lanes of a file. Raises FileError or FileErrors."""
    return lanes_of(read(path))


def load_mailboxes(path: FilePath | None) -> tuple[Mailbox, ...]:
    """The mailboxes of the same file, none without one. Raises FileError or FileErrors."""
    return tuple(each.as_mailbox() for each in validate(LanesFile, read(path)).mailboxes) if path else ()


def _raise_all(found: Iterator[_Refusal] | list[_Refusal]) -> None:
    details: list[InitErrorDetails] = [{"type": error, "loc": path, "input": None} for path, error in found]
    if details:
        raise pydantic.ValidationError.from_exception_data("refused", details)
