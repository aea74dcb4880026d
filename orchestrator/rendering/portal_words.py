"""The words of the page behind each message's link, one file per language of `templates/portal/`. Draws no page."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from orchestrator.rendering.language_files import filled, in_use, opened, read_languages, sayable
from orchestrator.rendering.located_yaml import map_of, text_of
from orchestrator.rendering.typography import typography

KEYS = frozenset(
    """title heading who_own who_third_party amicable case intro done_title done_close again speak privacy
    pay_title pay_text pay_online pay_transfer pay_to pay_cheque pay_reference pay_ask pay_help
    paid_title paid_text paid_cheque paid_cheque_note paid_button paid_done
    disagree_title disagree_text disagree_words disagree_note disagree_button disagree_done
    call_title call_text call_phone call_hours call_hours_note call_button call_done
    stop_email_title stop_email_text stop_email_button stop_email_done
    stop_sms_title stop_sms_text stop_sms_button stop_sms_done
    stop_letter_title stop_letter_text stop_letter_button stop_letter_done
    too_many_title too_many_text trouble_title trouble_text gone_title gone_text""".split()
)
# Nothing of the debtor: whoever was given the link may read it.
FACTS = frozenset({"case", "creditor", "of_creditor", "collector", "of_collector", "sender"})
FOLDER = "portal"


class PortalWords(msgspec.Struct, frozen=True):
    """The words of one language; `name` is what its readers call it."""

    language: str
    name: str
    words: Mapping[str, str]

    def say(self, key: str, **facts: str) -> str:
        """A text with its facts in place. It is text, not HTML."""
        return filled(self.words[key], facts)


def load(text: str, path: str) -> PortalWords:
    """The words of a file. Raises TemplateError with file:line for one that is missing, unknown or not sayable."""
    root, language = opened(text, path, "name", "words")
    found = map_of(root.required("words"))
    found.only(*KEYS)
    hand = typography(language)
    words = {key: hand.spaced(sayable(text_of(found.required(key)), FACTS, f'"{key}"')) for key in KEYS}
    return PortalWords(language, root.text("name"), MappingProxyType(words))


def read_portal(templates_dir: Path) -> dict[str, PortalWords]:
    """The languages of a templates folder; none in one that has no `portal/`. Raises TemplateError."""
    return read_languages(templates_dir, FOLDER, load)


@cache
def portal_words(templates_dir: Path, shipped_dir: Path) -> Mapping[str, PortalWords]:
    """The words in use: the folder's own where it has them, else the shipped ones. Raises TemplateError."""
    return in_use(templates_dir, shipped_dir, FOLDER, load)
