"""The lint of whole messages: every shipped word passes, and what is wrong is found where it stands, by which rule."""

from functools import cache
from pathlib import Path

import msgspec
import pytest

from channels.contract import Channel, LetterMessage
from orchestrator.domain.campaign import OF_LAW, DocumentKind
from orchestrator.domain.contact import PointKind
from orchestrator.domain.policy import ContactChannel, Policy, PolicyBook, TextRule
from orchestrator.domain.text_rules import CHECKS
from orchestrator.intake.policies.policy_yaml import load_packs
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.lint import checks
from orchestrator.rendering.lint.facts import LintFacts
from orchestrator.rendering.lint.families import families
from orchestrator.rendering.lint.finding import Finding, Severity
from orchestrator.rendering.lint.lint import lint_message, lint_text
from orchestrator.rendering.lint.looks import layout_findings
from orchestrator.rendering.rendered import LetterWords, Rendered, RenderedEmail
from tests.rendering.wording import LANGUAGES, TEMPLATES, a_brief, composed, described, said, shipped_texts

# Documents of one sector or of another country: these packs are not the ones that they leave under.
ELSEWHERE = OF_LAW - {DocumentKind.FORMAL_NOTICE, DocumentKind.R124_4_LETTER}
ORDINARY = sorted(
    name
    for name, entry in shipped_texts().catalogue.entries.items()
    if entry.kind not in ELSEWHERE and not name.endswith("-belgium")
)
PACKS = ("fr-own-b2c", "fr-own-b2b", "fr-3p-b2c", "fr-3p-b2b")


@cache
def book() -> PolicyBook:
    return PolicyBook(load_packs(Path(__file__).parents[3] / "campaigns" / "policies"))


def policy_of(brief: Brief) -> Policy:
    party = "3p" if brief.creditor.party == "third_party" else "own"
    who = "b2c" if brief.debtor.status.is_individual else "b2b"
    return book().on(f"fr-{party}-{who}", brief.dated_on, brief.debtor.status)


def linted(brief: Brief, rendered: Rendered) -> list[Finding]:
    return lint_message(composed(brief, rendered), brief, policy_of(brief))


def an_sms(words: str, **changes: object) -> list[Finding]:
    brief = a_brief("reminder", Channel.SMS, **changes)
    rendered = shipped_texts().render(brief)
    return linted(brief, msgspec.structs.replace(rendered, text=f"{rendered.text} {words}"))


def names(found: list[Finding]) -> set[str]:
    return {finding.family for finding in found}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ORDINARY)
def test_every_shipped_message_passes(name: str, language: str) -> None:
    for brief, rendered in said(name, language):
        found = linted(brief, rendered)
        assert [str(finding) for finding in found] == [], described(brief)


OWN_PACKS = {
    "energy-first-letter": ("fr-own-b2c+fr-energy", "fr-3p-b2c+fr-energy"),
    "energy-second-letter": ("fr-own-b2c+fr-energy", "fr-own-b2c+fr-energy"),
    "insurance-notice": ("fr-own-b2c+fr-insurance", "fr-3p-b2c+fr-insurance"),
    "credit-arrears-notice": ("fr-own-b2c+fr-credit", "fr-3p-b2c+fr-credit"),
    "loan-transfer-notice": ("fr-own-b2c+fr-credit", "fr-3p-b2c+fr-credit"),
    "first-claim-germany": ("de", "de-3p"),
    "fourteen-day-letter": ("nl", "nl-3p"),
    "first-reminder-belgium": ("be", "be-3p"),
    "formal-notice-belgium": ("be", "be-3p"),
    "arrears-notice": ("uk-general+uk-credit", "uk-3p+uk-credit"),
    "default-notice": ("uk-general+uk-credit", "uk-3p+uk-credit"),
    "letter-of-claim": ("uk-general", "uk-3p"),
    "validation-notice": ("us-1p", "us-3p"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(OWN_PACKS))
def test_every_document_of_law_passes_under_its_own_pack(name: str, language: str) -> None:
    for brief, rendered in said(name, language):
        pack = OWN_PACKS[name][brief.creditor.party == "third_party"]
        policy = book().on(pack, brief.dated_on, brief.debtor.status)
        found = lint_message(composed(brief, rendered), brief, policy)
        assert [str(finding) for finding in found] == [], described(brief)


def test_a_cut_is_announced_only_where_the_pack_says_in_which_season() -> None:
    """FR-UTIL-03: without the sector's rules nobody watches the winter."""
    brief, rendered = next(iter(said("energy-second-letter", "fr")))
    assert names(linted(brief, rendered)) == {"L14"}


def test_every_document_of_law_has_its_pack() -> None:
    assert {*ORDINARY, *OWN_PACKS} == set(shipped_texts().catalogue.entries)


@pytest.mark.parametrize("pack", PACKS)
def test_every_family_and_check_is_in_force_in_france(pack: str) -> None:
    brief = a_brief()
    rules = book().on(pack, brief.dated_on).of(TextRule)
    named = {value for rule in rules if rule.check == "words" for value in rule.values}
    assert named == set(families())
    assert {rule.check for rule in rules} == set(CHECKS) == {*checks.CHECKS, "words"}


def test_a_finding_says_who_forbids_it_where_it_stands_and_what_to_write() -> None:
    brief = a_brief("reminder", Channel.EMAIL)
    rendered = shipped_texts().render(brief)
    assert isinstance(rendered, RenderedEmail)
    text = f"{rendered.text}\n\nNotre huis\u00adsier passera."
    (found,) = linted(brief, msgspec.structs.replace(rendered, text=text))
    assert (found.family, found.severity, found.blocks) == ("L01", Severity.ERROR, True)
    assert (found.rule, found.source, found.words) == ("FR-IMP-01", "C. pén. 433-13", "huissier")
    assert found.where == f"text, line {text.count(chr(10)) + 1}"
    assert "huissier" not in found.problem


def test_words_cut_by_markup_or_by_entities_are_read() -> None:
    brief = a_brief("reminder", Channel.EMAIL)
    rendered = shipped_texts().render(brief)
    assert isinstance(rendered, RenderedEmail)
    html = rendered.html.replace(
        "</body>", "<p>Avant <b>sai</b>sie de<br>vos&nbsp;biens</p><img alt='x' title=\"Cerfa\"></body>"
    )
    assert names(linted(brief, msgspec.structs.replace(rendered, html=html))) == {"L06", "L24"}


@pytest.mark.parametrize("name", ["Paul Lhuissier", "Jean L'Huissier", "Amende Frères"])
def test_a_debtors_name_is_data(name: str) -> None:
    brief = a_brief("reminder", Channel.EMAIL)
    debtor = msgspec.structs.replace(brief.debtor, name=name, people=())
    brief = msgspec.structs.replace(brief, debtor=debtor)
    assert names(linted(brief, shipped_texts().render(brief))) == set()


def test_one_urgent_word_warns_and_two_block() -> None:
    assert [f.blocks for f in an_sms("C'est urgent.")] == [False]
    assert [f.blocks for f in an_sms("C'est urgent. Dernier avis.")] == [True, True]


@pytest.mark.parametrize(
    "fact,words",
    [
        ("has_title", "Une saisie de votre salaire est possible."),
        ("is_officer", "L'huissier passera."),
        ("claim_filed", "Une procédure judiciaire est en cours."),
        ("court_awarded", "Des dommages et intérêts sont dus."),
        ("is_enforceable", "Vous serez poursuivi."),
        ("is_verified_lawyer", "Notre avocat vous répondra."),
        ("eligible_and_required_notice", "Vous serez inscrit au FICP."),
    ],
)
def test_a_known_fact_makes_words_lawful_and_an_unknown_one_does_not(fact: str, words: str) -> None:
    policy = book().on("fr-own-b2c", a_brief().dated_on)
    known = msgspec.structs.replace(LintFacts(), **{fact: True})
    unknown, lawful = (
        lint_text(words, policy, ContactChannel.LETTER, language="fr", facts=facts) for facts in (LintFacts(), known)
    )
    assert any(finding.blocks for finding in unknown)
    assert not any(finding.blocks for finding in lawful)


def test_a_title_on_the_case_allows_to_speak_of_seizure() -> None:
    words = "La saisie de votre salaire est possible."
    assert names(an_sms(words)) == {"L06"}
    assert names(an_sms(words, marks=frozenset({"title"}))) == set()


def test_a_cut_of_energy_waits_for_two_letters_and_for_spring_and_water_for_ever() -> None:
    from_day = a_brief().dated_on
    old = msgspec.structs.replace(
        LintFacts(), on=from_day.replace(month=4, day=1), is_main_residence=True,
        energy_letters_on=(from_day.replace(month=2, day=1), from_day.replace(month=3, day=1)),
    )  # fmt: skip
    assert old.energy_cut_may_be_announced
    winter = msgspec.structs.replace(old, on=from_day.replace(month=3, day=31))
    assert not winter.energy_cut_may_be_announced
    assert not msgspec.structs.replace(old, energy_letters_on=(None, from_day)).energy_cut_may_be_announced
    policy = book().on("fr-own-b2c", from_day)
    for words, facts, expected in (
        ("Nous suspendrons votre électricité.", old, set()),
        ("Nous suspendrons votre électricité.", winter, {"L14"}),
        ("Nous suspendrons votre eau.", old, {"L14"}),
    ):
        assert names(lint_text(words, policy, ContactChannel.LETTER, language="fr", facts=facts)) == expected


def test_penalties_need_their_rate_and_their_date_in_the_text() -> None:
    brief = a_brief("formal-notice", Channel.LETTER, is_business=True)
    words = shipped_texts().render(brief)
    assert isinstance(words, LetterWords)
    assert "énalités" in words.text
    assert linted(brief, words) == []
    assert "L23" in names(linted(brief, msgspec.structs.replace(words, rows=(), totals=())))


def test_a_collectors_message_recalls_its_letter() -> None:
    brief = a_brief("reminder", Channel.SMS, is_third_party=True)
    rendered = shipped_texts().render(brief)
    assert linted(brief, rendered) == []
    without = msgspec.structs.replace(rendered, text=rendered.text.replace(brief.letter_reference, ""))
    assert names(linted(brief, without)) == {"L27"}


def test_another_language_than_the_readers_warns_and_is_read_all_the_same() -> None:
    policy = book().on("fr-own-b2c", a_brief().dated_on)
    words = "Hello, this is about the invoice that you have not paid. We will send our bailiff to you with the police."
    found = lint_text(words, policy, ContactChannel.EMAIL, language="fr", facts=LintFacts())
    assert {"L26", "L01"} <= names(found)
    assert not next(finding for finding in found if finding.family == "L26").blocks


@pytest.mark.parametrize(
    "number",
    ["08 99 12 34 56", "+33 8 99 12 34 56", "0899.12.34.56", "+33 (0)8 21 00 00 00", "0033 810 11 22 33",
     "0８99 12 34 56", "0\u202f899\u00a0123\u202f456", "08-92-70-12-34", "Appelez le 32 65", "+44 909 879 0000"],
)  # fmt: skip
def test_a_premium_number_is_found_however_it_is_written(number: str) -> None:
    assert "premium_numbers" in names(an_sms(number))


@pytest.mark.parametrize(
    "words",
    ["08 00 12 34 56", "+33 4 65 71 00 00", "09 70 12 34 56, 7j/7", "FR76 0812 3456 7890 1234 5678 901", "3919"],
)
def test_an_ordinary_number_passes(words: str) -> None:
    assert an_sms(words) == []


def test_links_lead_to_the_sender_and_never_through_a_shortener() -> None:
    assert names(an_sms("https://suivi.example.org/x")) == set()
    assert names(an_sms("https://pay.acme.example/C-1")) == set()
    for link in ("https://elsewhere.example/x", "bit.ly/x3", "HTTPS://T.CO/abc", "https://acme.example.evil.example/"):
        assert names(an_sms(link)) == {"link_domains"}, link


def test_a_debt_word_outside_is_found_and_a_legal_name_is_none() -> None:
    brief = a_brief("reminder", Channel.EMAIL, is_third_party=True)
    rendered = shipped_texts().render(brief)
    assert linted(brief, rendered) == []
    (found,) = linted(brief, msgspec.structs.replace(rendered, subject="Vos impayés"))
    assert (found.family, found.where, found.rule) == ("outside_words", "subject", "FR-PRIV-03")


def test_an_sms_keeps_the_rules_of_its_channel() -> None:
    assert names(an_sms("STOP au 36180")) == {"stop_code"}
    assert not any(finding.blocks for finding in an_sms("STOP au 36180"))
    brief = a_brief("reminder", Channel.SMS)
    assert brief.person is not None
    point = brief.person.point(PointKind.PHONE)
    assert point is not None
    assert not point.verified
    assert names(an_sms("Solde : 120,00 €")) == {"sms_amount"}
    senders = msgspec.structs.replace(brief.creditor.senders, sms="AB")
    short = msgspec.structs.replace(brief.creditor, senders=senders)
    assert names(an_sms("", creditor=short)) == {"sender_name"}


def test_an_address_that_the_post_cannot_read_is_found() -> None:
    brief = a_brief("reminder", Channel.LETTER)
    sent = composed(brief, shipped_texts().render(brief))
    assert isinstance(sent.message, LetterMessage)
    for lines, family in (
        (("X" * 39, "1 RUE A", "69003 LYON"), "address_lines"),
        (("Jeanne", "1 RUE A", "69003 Lyon"), "address_lines"),
        (("A", "B", "C", "D, E", "F", "69003 LYON"), "address_lines"),
        (("Jeanne", "HAUPTSTR 1", "10115 BERLIN", "Allemagne"), "address_country"),
    ):
        message = msgspec.structs.replace(sent.message, address_lines=lines)
        found = lint_message(msgspec.structs.replace(sent, message=message), brief, policy_of(brief))
        assert family in names(found), lines


def test_the_shipped_layout_has_no_look_of_the_state_and_another_has() -> None:
    rule = next(r for r in book().on(PACKS[0], a_brief().dated_on).of(TextRule) if "L24" in r.values)
    assert list(layout_findings((TEMPLATES / "letter" / "layout.typ").read_text("utf-8"), "layout.typ", rule)) == []
    bands = (
        '#rect(fill: rgb("#000091"))\n#rect(fill: white)\n#rect(fill: rgb("#e1000f"))\n#image("img/marianne-bw.svg")'
    )
    assert [(f.words, f.where) for f in layout_findings(bands, "x.typ", rule)] == [
        ("blue, white, red", "x.typ, line 1"), ("marianne", "x.typ, line 4"),
    ]  # fmt: skip
    brand = msgspec.structs.replace(a_brief().creditor.brand, logo="tribunal_lyon.svg")
    creditor = msgspec.structs.replace(a_brief().creditor, brand=brand)
    assert names(an_sms("", creditor=creditor)) == {"L24"}
