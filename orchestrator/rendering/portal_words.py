"""The words of the page behind each message's link, one file per language of `templates/portal/`. Draws no page."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from orchestrator.domain.errors import TemplateError, did_you_mean
from orchestrator.rendering import located_yaml
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
_NAME = re.compile(r"\{\{\s*(\w*)\s*\}\}")
_MARKS = re.compile(r"\{\{|\}\}|\{%|%\}")


class PortalWords(msgspec.Struct, frozen=True):
    """The words of one language; `name` is what its readers call it."""

    language: str
    name: str
    words: Mapping[str, str]

    def say(self, key: str, **facts: str) -> str:
        """A text with its facts in place. It is text, not HTML."""
        return _NAME.sub(lambda found: facts.get(found[1], ""), self.words[key])


def load(text: str, path: str) -> PortalWords:
    """The words of a file. Raises TemplateError with file:line for one that is missing, unknown or not sayable."""
    root = located_yaml.read(text, path)
    root.only("language", "name", "words")
    language = root.text("language")
    if language != Path(path).stem:
        raise TemplateError(f'this file says that its language is "{language}"', where=path, hint="its name says it")
    found = map_of(root.required("words"))
    found.only(*KEYS)
    hand = typography(language)
    words = {key: hand.spaced(_checked(found.required(key), key)) for key in KEYS}
    return PortalWords(language, root.text("name"), MappingProxyType(words))


def _checked(value: located_yaml.Located, key: str) -> str:
    text = text_of(value)
    if not text.value.strip():
        raise TemplateError(f'"{key}" says nothing', where=text.where)
    for name in _NAME.findall(text.value):
        if name not in FACTS:
            hint = did_you_mean(name, FACTS) or f"known here: {', '.join(sorted(FACTS))}"
            raise TemplateError(f'unknown variable "{name}"', where=text.where, hint=hint, code="unknown_variable")
    if _MARKS.search(_NAME.sub("", text.value)):
        raise TemplateError("only {{ name }} may stand here", where=text.where)
    return text.value


def read_portal(templates_dir: Path) -> dict[str, PortalWords]:
    """The languages of a templates folder; none in one that has no `portal/`. Raises TemplateError."""
    found = {}
    for path in sorted((templates_dir / FOLDER).glob("*.yaml")):
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            raise TemplateError("the file is not written in UTF-8", where=f"{FOLDER}/{path.name}") from None
        found[path.stem] = load(text, f"{FOLDER}/{path.name}")
    return found


@cache
def portal_words(templates_dir: Path, shipped_dir: Path) -> Mapping[str, PortalWords]:
    """The words in use: the folder's own where it has them, else the shipped ones. Raises TemplateError."""
    return MappingProxyType({**read_portal(shipped_dir), **read_portal(templates_dir)})
