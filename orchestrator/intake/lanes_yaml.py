"""The lanes file (RELANCE_LANES): which provider accounts messages leave by, and what bounds each.

Owns what such a file may say. Secrets are named, never written; whether their variables have a value, and whether the
provider accepts the settings, is told by `relance check`.
"""

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Annotated, Self

import pydantic
from pydantic_core import InitErrorDetails, PydanticCustomError

from channels.contract import Channel
from channels.registry import PROVIDERS
from orchestrator.domain.campaign import Use
from orchestrator.domain.lane import Breaker, DoubtPolicy, Lane
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


class LanesFile(FileModel):
    """A lanes file as written; of two lanes that serve the same, the first is tried first."""

    lanes: tuple[LaneFile, ...] = pydantic.Field(description="a list, each with id, channel and provider")

    @pydantic.model_validator(mode="after")
    def _has_lanes_of_different_names(self) -> Self:
        if not self.lanes:
            raise refusal("there is no lane", "name one, or unset RELANCE_LANES: every channel is then the sandbox")
        names = [lane.id for lane in self.lanes]
        _raise_all(
            (("lanes", index, "id"), refusal(f'"{name}" is already a lane', "its counters bear its name: rename one"))
            for index, name in enumerate(names)
            if name in names[:index]
        )
        return self


def lanes_of(source: Source) -> tuple[Lane, ...]:
    """The lanes of a document, in its order. Raises FileErrors."""
    return tuple(lane.as_lane() for lane in validate(LanesFile, source).lanes)


def load_lanes(path: FilePath) -> tuple[Lane, ...]:
    """The lanes of a file. Raises FileError or FileErrors."""
    return lanes_of(read(path))


def _raise_all(found: Iterator[_Refusal] | list[_Refusal]) -> None:
    details: list[InitErrorDetails] = [{"type": error, "loc": path, "input": None} for path, error in found]
    if details:
        raise pydantic.ValidationError.from_exception_data("refused", details)
