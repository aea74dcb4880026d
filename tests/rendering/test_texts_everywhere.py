"""Every template, in every voice, channel and language, for every debtor and party: what all of them must be."""

import html
import re

import pytest

from channels.contract import Channel
from channels.gsm7 import Encoding
from orchestrator.domain.campaign import DocumentKind, Purpose
from orchestrator.domain.voice import Voice
from orchestrator.rendering.mentions import missing_mentions
from orchestrator.rendering.proofreading import check
from orchestrator.rendering.rendered import LetterWords, RenderedEmail, RenderedSms
from orchestrator.rendering.typography import typography
from tests.rendering.forbidden import flat, forbidden_words
from tests.rendering.wording import (
    LANGUAGES,
    a_brief,
    a_letter,
    all_words,
    an_sms,
    described,
    said,
    shipped_files,
    shipped_texts,
)

NAMES = sorted(shipped_texts().catalogue.entries)
EVERY = pytest.mark.parametrize("name,language", [(name, language) for name in NAMES for language in LANGUAGES])
# FR-PRIV-03: what others may read over a shoulder.
DEBT_WORDS = re.compile(
    r"impaye|dette|relance|recouvrement|contentieux|rappel|mise en demeure|debt|unpaid|overdue|reminder|formal notice"
)
BASE = ("creditor_name", "case_reference")
SMS = (*BASE, "link", "way_out")
DEMAND = (*BASE, "sender_contact", "debtor_name", "debt_basis", "amounts_itemised", "total", "due_date",
          "payment_means", "already_paid", "disagreement", "help")  # fmt: skip
THIRD = ("letter_reference", "letter_date", "collector_name", "amicable_activity")
FORMAL = ("words_mise_en_demeure", "creditor_address", "payment_demand", "deadline_date", "consequence",
          "legal_interest", "place_and_date", "signatory")  # fmt: skip
FORMAL_BUSINESS = ("penalty_rate_and_base", "indemnity_per_invoice", "penalty_statute")
R124 = ("collector_address", "creditor_address", "payment_demand", "l111_8_second", "l111_8_third", "gdpr_controller",
        "gdpr_purpose", "gdpr_basis", "gdpr_source", "gdpr_retention", "gdpr_rights", "gdpr_authority")  # fmt: skip


_UNWRITTEN = re.compile(r"[{}]|\(\)|\x1d|\x1e|\x1f|None|[,;] ?[.,;]|  \S|\s[,.](?:\s|$)")


@EVERY
def test_nothing_forbidden_is_said(name: str, language: str) -> None:
    for brief, rendered in said(name, language):
        assert forbidden_words(all_words(rendered)) == [], described(brief)


@EVERY
def test_everything_that_must_be_said_is_said(name: str, language: str) -> None:
    for brief, rendered in said(name, language):
        send, is_third = brief.send, brief.creditor.party == "third_party"
        wanted: tuple[str, ...] = (
            SMS if send.channel is Channel.SMS else DEMAND if send.purpose is Purpose.DEMAND else BASE
        )
        if is_third and "letter_date" in shipped_texts().catalogue.entry(name).third_party_requires:
            wanted += THIRD
        if name == "formal-notice":
            wanted += FORMAL if brief.debtor.status.is_individual else (*FORMAL, *FORMAL_BUSINESS)
        if send.kind is DocumentKind.R124_4_LETTER:
            wanted += R124
        assert missing_mentions(rendered, brief, wanted) == (), described(brief)


@EVERY
def test_nothing_is_left_unwritten(name: str, language: str) -> None:
    """R8: no brace, no empty parenthesis, no doubled space or sign where a value was missing."""
    for _, rendered in said(name, language):
        assert not _UNWRITTEN.search(rendered.text.replace("\n  ", "\n")), rendered.text


@EVERY
def test_every_sms_stays_in_the_cheap_alphabet_and_two_segments(name: str, language: str) -> None:
    """PLT-05."""
    for brief, rendered in said(name, language):
        if isinstance(rendered, RenderedSms):
            assert rendered.segments.encoding is Encoding.GSM7, described(brief)
            assert rendered.segments.segments <= 2, f"{described(brief)}: {rendered.text}"
            assert rendered.unsupported == ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["upcoming", "reminder", "last-reminder", "restatement", "thanks"])
def test_the_creditors_own_sms_is_one_segment_at_its_longest(name: str, language: str) -> None:
    """With the longest names and no amount, as it leaves unless the number is verified (semantics D9)."""
    for voice in shipped_texts().catalogue.entry(name).voices:
        brief = a_brief(name, Channel.SMS, voice=voice, language=language, is_long=True, person=None)
        assert an_sms(brief).segments.segments == 1, an_sms(brief).text


@EVERY
def test_no_debt_word_stands_where_others_may_read(name: str, language: str) -> None:
    """FR-PRIV-03: subject and preheader are read on a locked screen."""
    for _, rendered in said(name, language):
        if isinstance(rendered, RenderedEmail):
            preheader = re.search(r'class="preheader"[^>]*>(.*?)</div>', rendered.html)
            assert preheader
            assert not DEBT_WORDS.search(flat(f"{rendered.subject} {preheader[1]}")), rendered.subject


@EVERY
def test_the_table_adds_up_in_every_part(name: str, language: str) -> None:
    """R9: what is read line by line is what is asked for."""
    for brief, rendered in said(name, language):
        shows = shipped_texts().catalogue.entry(name).shows_amounts
        total = typography(language).amount(brief.statement.total_cents, "EUR")
        if isinstance(rendered, RenderedEmail) and shows:
            rows = re.findall(
                r"<td(?P<style>[^>]*)>([^<]*)</td></tr>", rendered.html.split("<caption")[1].split("</table>")[0]
            )
            figures = [
                html.unescape(cell)
                for style, cell in rows
                if 'class="sub"' not in style and 'class="total"' not in style
            ]
            assert sum(_cents(figure) for figure in figures) == brief.statement.total_cents, described(brief)
            assert html.unescape(rows[-1][1]) == total
        if isinstance(rendered, LetterWords) and shows:
            principal = typography(language).amount(brief.statement.principal_cents, "EUR")
            subtotals = [
                row for row in rendered.rows if row[1] == "" and row[2] == principal and len(rendered.rows) > 1
            ]
            figures = [row[2] for row in rendered.rows if row not in subtotals]
            assert sum(_cents(figure) for figure in figures) == brief.statement.total_cents, described(brief)
            assert rendered.totals[-1][2] == total


def _cents(figure: str) -> int:
    digits = int(re.sub(r"\D", "", figure))
    return -digits if "-" in figure else digits


def test_the_shipped_folder_has_no_fault() -> None:
    assert check(shipped_files()) == ()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["reminder", "last-reminder"])
def test_each_voice_sounds_different(name: str, language: str) -> None:
    """R4: the same template in two voices shares neither its opening nor what it asks."""
    texts, opened = shipped_texts(), {}
    for voice in texts.catalogue.entry(name).voices:
        rendered = texts.render(a_brief(name, voice=voice, language=language))
        assert isinstance(rendered, RenderedEmail)
        opened[voice] = rendered.text.split("\n\n")[2]
    assert len(set(opened.values())) == len(opened)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_consequence_is_only_named_from_firm_on(language: str) -> None:
    sign = {"fr": "pourra décider", "en": "may decide"}[language]
    for name in ("reminder", "last-reminder"):
        for voice in shipped_texts().catalogue.entry(name).voices:
            words = all_words(shipped_texts().render(a_brief(name, voice=voice, language=language)))
            assert (sign in words) == (voice is Voice.FIRM), f"{name}/{voice}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_two_paragraphs_of_the_law_are_printed_to_the_letter(language: str) -> None:
    """CPCE R124-4, 5°."""
    words = a_letter(a_brief("r124-4-letter", Channel.LETTER, is_third_party=True, language=language))
    quotes = [paragraph.text for paragraph in words.paragraphs if paragraph.kind == "quote"]
    assert quotes == shipped_files()["statutory/fr-l111-8.txt"].strip().split("\n")
