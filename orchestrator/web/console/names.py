"""What people call a code: a campaign by its title, a creditor by its name, a step by its place and words.

The only place that turns such a code into a name. What no file names stays as it is written.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from orchestrator.domain.campaign import Campaign
from orchestrator.domain.condition import ALWAYS, Condition
from orchestrator.domain.errors import RelanceError
from orchestrator.domain.lane import SANDBOX_LANES
from orchestrator.flows.strategy import Strategy
from orchestrator.rendering.policy_document.condition_words import clause
from orchestrator.rendering.policy_document.gathered import CampaignInForce
from orchestrator.rendering.policy_document.ladder_words import step_title
from orchestrator.rendering.policy_document.words import Words as DocumentWords
from orchestrator.rendering.policy_document.words import sentence
from orchestrator.web.console.words import Words
from orchestrator.web.desk import Desk

Titles = dict[str, dict[str, str]]
"""{template: {language: title}}."""

_SANDBOX = {lane.id: lane.channel for lane in SANDBOX_LANES}


# The id of an import: its instant, then its creditor.
_IMPORT = re.compile(r"\d{8}T\d{12}-(.+)")


class Names:
    """The names of one language. What is in force is read once a name is asked for."""

    def __init__(self, language: str, strategy: Callable[[], Strategy], titles: Callable[[], Titles]) -> None:
        self.language = language
        self._strategy_of, self._titles_of = strategy, titles
        self._steps: dict[tuple[str, str], str] = {}

    def campaign(self, code: str) -> str:
        """The title of a campaign: that of its release in force, else of one still followed."""
        return self._campaign_names.get(code, code)

    def creditor(self, code: str) -> str:
        """The name of a creditor."""
        return self._creditor_names.get(code, code)

    def step(self, campaign: str, code: str) -> str:
        """`Étape 2 · Rappel` of a step; for what an event causes, the event."""
        short = self.short_step(campaign, code)
        is_numbered = short[:1].isdigit()
        return Words(self.language).say("names.step", step=short) if is_numbered else short

    def ends_case(self, campaign: str, code: str) -> bool:
        """Whether a step sends nothing, but ends the case: a hand-over, or a close."""
        found = (each.step(code.partition(":")[0]) for each in self._campaigns.get(campaign, ()))
        return next((bool(step.choose) for step in found if step is not None), False)

    def short_step(self, campaign: str, code: str) -> str:
        """`2 · Rappel`, for where it is said that it is a step."""
        step = code.partition(":")[0]
        key = (campaign, step)
        if key not in self._steps:
            self._steps[key] = self._told(campaign, step)
        return self._steps[key]

    def lane(self, code: str) -> str:
        """A lane as whoever runs the deployment calls it; those of the house, for trials, in words."""
        channel = _SANDBOX.get(code)
        if channel is None:
            return code
        words = Words(self.language)
        return words.say("names.sandbox", channel=words.say(f"messages.use_{channel.value}"))

    def of(self, kind: str, code: str) -> str:
        """The name of a code of a kind: `campaign`, `creditor` or `lane`; any other code is its own name."""
        name = {"campaign": self.campaign, "creditor": self.creditor, "lane": self.lane}.get(kind)
        return name(code) if name is not None else code

    def author(self, by: str) -> str:
        """Who did something: a person by the name that they sign in with, the program's own codes in words."""
        words, is_import = Words(self.language), _IMPORT.fullmatch(by)
        if is_import:
            return words.say("names.by_import", creditor=self.creditor(is_import[1]))
        key = f"names.by_{by}"
        return words.say(key) if by != "import" and words.knows(key) else by

    def term(self, code: str) -> str:
        """A code of the program as stories word it, such as why a message was held; a rule's id as it is."""
        return DocumentWords(self.language).term(code)

    def condition(self, term: Condition) -> str:
        """`le solde dû est inférieur à 60 €`; empty for what always holds."""
        return "" if term == ALWAYS else clause(DocumentWords(self.language), term)

    def options(self, kind: str, codes: Iterable[str]) -> list[tuple[str, str]]:
        """(code, name) to choose from, by name."""
        return sorted(((code, self.of(kind, code)) for code in codes), key=lambda each: each[1].casefold())

    def _told(self, campaign: str, code: str) -> str:
        words = DocumentWords(self.language)
        for each in self._campaigns.get(campaign, ()):
            step = each.step(code)
            if step is None:
                continue
            number = each.steps.index(step) + 1
            template = step.send.template if step.send is not None else ""
            if step.send is not None and template not in self._titles:
                title = words.term(step.send.kind.value, "documents")  # a template that the folder has no more
            else:
                title = step_title(words, CampaignInForce(campaign=each, titles=self._titles, examples=()), step)
            return f"{number} · {sentence(title)}"
        ours = f"names.house_{code.replace('-', '_').replace('.', '_')}"
        if Words(self.language).knows(ours):  # no step: what the house sends beside the ladder
            return Words(self.language).say(ours)
        return sentence(words.term(code, "events")) if "." in code else code

    @cached_property
    def _strategy(self) -> Strategy:
        return self._strategy_of()

    @cached_property
    def _titles(self) -> Titles:
        return self._titles_of()

    @cached_property
    def _campaign_names(self) -> dict[str, str]:
        return _told_apart({code: several[0].title for code, several in self._campaigns.items()})

    @cached_property
    def _creditor_names(self) -> dict[str, str]:
        return _told_apart({code: each.name for code, each in self._strategy.creditors.items()})

    @cached_property
    def _campaigns(self) -> Mapping[str, list[Campaign]]:
        found: dict[str, list[Campaign]] = {}
        for each in self._strategy.all_campaigns:
            found.setdefault(each.id, []).append(each)
        return found


def _told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """The names, with the code where another has the same name: nobody stops or gives one for the other."""
    count = Counter(name.casefold() for name in names.values())
    return {code: f"{name} ({code})" if count[name.casefold()] > 1 else name for code, name in names.items()}


def names_of(desk: Desk, language: str) -> Names:
    """The names in a language, of what is in force at this desk."""

    def titles() -> Titles:
        try:
            return {name: entry.title for name, entry in desk.deployment.texts.catalogue.entries.items()}
        except RelanceError:  # words that cannot be read are told by `check`; a page shows the kinds of documents
            return {}

    return Names(language, desk.strategy, titles)
