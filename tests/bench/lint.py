"""The content lint of messages on their way out: `python -m tests.bench.lint`.

The reference words the same messages. Each message differs: names, references, amounts, dates and link.
"""

import secrets
from datetime import timedelta
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from channels.contract import Channel
from orchestrator.domain.policy import Policy, PolicyBook
from orchestrator.intake.policies.policy_yaml import load_packs
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.compose import Composed
from orchestrator.rendering.lint.lint import lint_message
from orchestrator.rendering.samples import sample_brief
from orchestrator.rendering.texts import Texts
from tests.bench.measure import best, say
from tests.bench.portfolios import shipped

COUNT = 2000
_NAMES = ("Jeanne Dupont", "Paul Lefèvre", "Aïcha Benali", "Marie-Ange Delacroix", "Thomas N'Guyen")


def main() -> None:
    """A consumer's reminder by SMS, then by e-mail with both its parts."""
    deployment, _ = shipped()
    texts, composer = deployment.texts, deployment.composer
    book = PolicyBook(load_packs(Path(deployment.settings.campaigns) / "policies"))
    entry = texts.catalogue.entry("reminder")
    for channel in (Channel.SMS, Channel.EMAIL):
        sample = sample_brief(entry, channel=channel, voice=entry.voices[0], language="fr")
        policy = book.on("fr-own-b2c", sample.dated_on, sample.debtor.status)
        briefs = [_another(sample, number) for number in range(COUNT)]
        ready = [(composer.compose(brief), brief) for brief in briefs]

        taken = best(3, partial(_lint, ready, policy))
        bare = best(3, partial(_word, texts, briefs))
        say(f"{channel.value} linted", COUNT, taken, bare, "its words rendered", unit="messages")


def _lint(ready: list[tuple[Composed, Brief]], policy: Policy) -> None:
    for composed, brief in ready:
        lint_message(composed, brief, policy)


def _word(texts: Texts, briefs: list[Brief]) -> None:
    for brief in briefs:
        texts.render(brief)


def _another(brief: Brief, number: int) -> Brief:
    name = f"{_NAMES[number % len(_NAMES)]}{'x' * (number % 7)}"
    debtor = replace(brief.debtor, name=name, people=tuple(replace(p, name=name) for p in brief.debtor.people))
    cents, due_on = 1_000 + 37 * number, brief.dated_on - timedelta(days=10 + number % 90)
    amounts = {"principal_cents": cents, "paid_cents": 0, "open_cents": cents}
    line = replace(brief.statement.due[0], reference=f"F-{number}", due_on=due_on, **amounts)
    return replace(
        brief,
        case_id=f"C-{number}",
        debtor=debtor,
        person=debtor.people[0],
        statement=replace(brief.statement, due=(line,), credits=(), statutory=(), total_cents=cents),
        link=f"https://suivi.example.org/d/{secrets.token_urlsafe(16)}",
    )


if __name__ == "__main__":
    main()
