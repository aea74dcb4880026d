"""`relance campaign lint --text`: the words of a file under the text rules of a pack, for who writes or checks them."""

from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

from orchestrator.bootstrap import Deployment
from orchestrator.domain.policy import ContactChannel, PolicyBook
from orchestrator.rendering.lint.facts import LEAST_DEADLINE_DAYS, LintFacts
from orchestrator.rendering.lint.finding import Finding
from orchestrator.rendering.lint.lint import lint_text

# What a person may say of a text; the others need a case.
_UNKNOWN = LintFacts()
_FACTS = tuple(
    name for name in LintFacts.__struct_fields__ if getattr(_UNKNOWN, name) is False and name[:7] != "is_text"
)
_CHANNELS = tuple(channel.value for channel in ContactChannel)

Command = TypeVar("Command", bound=Callable[..., Any])


def with_text_options(command: Command) -> Command:
    """The options that say what a text is."""
    for option in (
        click.option("--fact", "facts", multiple=True, type=click.Choice(_FACTS), help="True of --text."),
        click.option("--subject", default="", help="The subject of the text."),
        click.option("--channel", default="email", type=click.Choice(_CHANNELS), help="Of --text."),
        click.option("--pack", default="fr-own-b2c", show_default=True, help="Whose text rules --text must keep."),
        click.option("--language", default="fr", type=click.Choice(["fr", "en"]), help="Of --text."),
    ):
        command = option(command)
    return command


def findings_of(
    place: Deployment, text: str, *, pack: str, channel: str, language: str, subject: str, facts: tuple[str, ...]
) -> list[Finding]:
    """What the lint finds in a text. Raises NotFound for an unknown pack."""
    policy = PolicyBook(place.rules.packs).on(pack, place.now().date())
    known = _facts(place, pack, facts)
    return lint_text(text, policy, ContactChannel(channel), language=language, facts=known, subject=subject)


def _facts(place: Deployment, pack: str, named: tuple[str, ...]) -> LintFacts:
    """What was said of the text, and what its pack says: who writes and who owes."""
    chosen = place.rules.packs[pack]
    known = msgspec.structs.replace(
        LintFacts(),
        is_text_alone=True,
        is_third_party=chosen.party == "third_party",
        owes_as_business=chosen.debtor == "business",
        deadline_days=LEAST_DEADLINE_DAYS,
        on=place.now().date(),
    )
    return msgspec.structs.replace(known, **dict.fromkeys(named, True))
