"""`relance campaign policy`: what the document says, in both languages, and what the command refuses (R30)."""

import html
import io
import re
import shutil
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pikepdf
import pytest
from pypdf import PdfReader

from orchestrator.domain.policy import policy_on
from orchestrator.domain.rules import Rule
from orchestrator.intake.policies.policy_yaml import load_packs
from orchestrator.settings import shipped
from tests.cli.conftest import Terminal

TODAY = date(2026, 11, 22)
LEAVES = ("fr-own-b2c", "fr-own-b2b", "fr-3p-b2c", "fr-3p-b2b")


@cache
def rules_in_force(pack: str, day: date = TODAY) -> tuple[Rule, ...]:
    return policy_on(load_packs(shipped("campaigns") / "policies"), pack, day).rules


class Page(HTMLParser):
    """The text of a page, its element names, and the ids and links that hold it together."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self._said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src"):
                self.links.append(value or "")

    def handle_data(self, data: str) -> None:
        self._said.append(data)

    @property
    def text(self) -> str:
        return plain(" ".join(self._said))


def plain(text: str) -> str:
    """Without typography: no-break spaces, curly apostrophes and line ends are the printer's."""
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ").replace("’", "'"))


def page(terminal: Terminal, *words: str) -> Page:
    said = terminal.type("campaign", "policy", *words)
    assert said.code == 0, said.err
    return Page(said.out)


@pytest.fixture
def campaigns(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped campaigns, to change."""
    folder = terminal.home / "campaigns"
    shutil.copytree(shipped("campaigns"), folder)
    monkeypatch.setenv("RELANCE_CAMPAIGNS", str(folder))
    return folder


# ------------------------------------------------------------------------------------- what it says


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_rule_in_force_is_there_once_with_its_source(terminal: Terminal, language: str) -> None:
    said = terminal.type("campaign", "policy", "--on", TODAY.isoformat(), "--language", language).out
    entries = [Page(each.partition("</article>")[0]).text for each in said.split("<article>")[1:]]
    rules: list[Rule] = []
    for rule in (rule for leaf in LEAVES for rule in rules_in_force(leaf)):
        rules += [rule] if rule not in rules else []
    assert len(rules) > 60
    for rule in rules:
        of_this_id = [each for each in entries if each.rstrip().endswith(f" {rule.id}")]
        assert len(of_this_id) == len([each for each in rules if each.id == rule.id]), rule.id
        title, source = plain(rule.title_in(language)), plain(rule.source_in(language))
        source = source.removeprefix("Relance").lstrip(" ;,").replace(" ;", ";")
        assert any(f" {title} " in each and source in each.replace(" ;", ";") for each in of_this_id), rule.id


def test_a_consumer_campaign_is_told_step_by_step(terminal: Terminal) -> None:
    text = page(terminal, "b2c-small").text
    assert "Le solde dû est d'au moins 15 € et inférieur à 500 €." in text
    for marker in ("J + 5", "J + 15", "J + 28", "J + 40", "J + 60"):
        assert marker in text
    assert "Canal, si le solde dû est inférieur à 60 € : SMS, à défaut e-mail, à défaut courrier." in text
    assert "Délai laissé pour payer : 15 jours" in text
    assert "Accord préalable d'un responsable si le solde dû est d'au moins 300 €, à donner sous 5 jours" in text
    assert "Si le solde dû est inférieur à 100 € : clôture du dossier, somme trop faible pour poursuivre." in text
    assert "4 échéances au plus, la première sous 15 jours" in text
    assert "au moins 70 % du solde, toujours avec l'accord d'un responsable" in text
    assert "À partir de 60 EUR, l'e-mail passe avant le SMS" in text, "the examples of the file"


def test_parameters_of_rules_are_in_words(terminal: Terminal) -> None:
    text = page(terminal, "b2c-small").text
    assert "Au plus 2 contacts en 7 jours et 6 contacts en 30 jours." in text
    assert "Au moins 3 jours entre deux contacts." in text
    assert "SMS : du lundi au samedi, de 9 h à 19 h, à l'heure du débiteur." in text
    assert "Plus aucune demande 2 ans après l'échéance" in text
    english = page(terminal, "b2b-small", "--language", "en").text
    assert "SMS, e-mail and call: Monday to Friday, from 8:00 to 19:00, in the debtor's own time." in english
    assert "€40 for each late invoice, once." in english


def test_a_campaign_has_its_own_rules_and_those_of_no_other(terminal: Terminal) -> None:
    own, third = page(terminal, "b2c-small").text, page(terminal, "third-party").text
    assert "FR-3P-04" in third
    assert "FR-3P-04" not in own
    assert "Recouvrement Rhône SAS" in third, "the collector behind the creditor"
    assert "police RC-12345" in third
    assert "FR7630006000011234567890189" not in third, "an account is shown by its end only"
    assert "Recouvrement Rhône SAS" not in own


def test_every_shipped_campaign_stands_in_one_document(terminal: Terminal) -> None:
    found = page(terminal, "--on", TODAY.isoformat())
    known = [path.stem for path in shipped("campaigns").glob("*.yaml") if "." not in path.stem]
    assert {f"campaign-{name}" for name in known} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids)), "an id names one place"
    assert {link.removeprefix("#") for link in found.links} <= set(found.ids), "nothing is loaded from elsewhere"


def test_a_rule_of_another_day_is_not_there(terminal: Terminal) -> None:
    then = date(2018, 6, 1)
    text = page(terminal, "b2c-small", "--on", then.isoformat()).text
    early = {rule.id for rule in rules_in_force("fr-own-b2c", then)}
    assert "FR-TIME-01" not in early
    assert "FR-TIME-01" not in text
    assert "FR-HAR-03" in early
    assert "FR-HAR-03" in text
    assert "Les règles sont celles du 1er juin 2018." in text
    assert "non connu ce jour-là : la ligne est retirée" in text, "a rate is never carried to a day without one"


def test_a_moved_house_value_says_who_moved_it_and_why(terminal: Terminal, campaigns: Path) -> None:
    local = campaigns / "policies" / "local"
    local.mkdir()
    (local / "own.yaml").write_text(
        "overrides:\n  - policy: fr-own-b2c\n    rule: FR-HAR-01\n    set: {gap: 96h}\n"
        "    changed_by: Claire Morel\n    changed_on: 2026-11-02\n    reason: Comité de novembre\n",
        encoding="utf-8",
    )
    text = page(terminal, "b2c-small").text
    assert "Au moins 4 jours entre deux contacts." in text
    assert "Claire Morel, 2026-11-02: Comité de novembre" in text


def test_what_is_in_force_is_shown_and_not_what_the_file_became(terminal: Terminal, campaigns: Path) -> None:
    assert "aucun dossier ne suit cette version" in page(terminal, "b2c-small").text
    assert terminal.type("campaign", "release", "b2c-small", "--by", "Nadia Roy").code == 0
    file = campaigns / "b2c-small.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("at: due + 5d", "at: due + 7d"), encoding="utf-8")
    text = page(terminal, "b2c-small").text
    assert "par Nadia Roy" in text
    assert "J + 5" in text
    assert "Le fichier du scénario a été modifié depuis" in text
    draft = page(terminal, str(file)).text
    assert "J + 7" in draft
    assert "aucun dossier ne suit cette version" in draft


def test_a_title_is_never_markup(terminal: Terminal, campaigns: Path) -> None:
    file = campaigns / "b2c-small.yaml"
    text = file.read_text(encoding="utf-8")
    hostile = "title: '<script>alert(1)</script> & *us*'"
    file.write_text(text.replace("title: Petits impayés, particuliers", hostile), encoding="utf-8")
    said = terminal.type("campaign", "policy", "b2c-small").out
    assert html.escape("<script>alert(1)</script> & *us*") in said
    assert "script" not in Page(said).tags
    assert "\\<script\\>" in terminal.type("campaign", "policy", "b2c-small", "--format", "md").out


# --------------------------------------------------------------------------------------------- forms


@pytest.mark.parametrize("language, said", [("fr", "Mise en demeure"), ("en", "Formal notice")])
def test_the_pdf_opens_is_tagged_and_holds_the_text(terminal: Terminal, language: str, said: str) -> None:
    path = terminal.home / "policy.pdf"
    assert terminal.type("campaign", "policy", "b2c-small", "--language", language, "--output", str(path)).code == 0
    reader = PdfReader(io.BytesIO(path.read_bytes()))
    text = plain(" ".join(each.extract_text() for each in reader.pages))
    for rule in rules_in_force("fr-own-b2c"):
        assert rule.id in text.replace("- ", "-"), rule.id
    assert said in text
    assert any(said.get("/Title", "") for said in reader.outline if isinstance(said, dict)), "an outline to move by"
    with pikepdf.open(path) as opened:
        assert opened.Root.Lang == {"fr": "fr-FR", "en": "en-GB"}[language]
        assert opened.Root.MarkInfo.Marked


def test_the_same_strategy_makes_the_same_bytes(terminal: Terminal) -> None:
    one, two = (terminal.home / name for name in ("one.html", "two.html"))
    for path in (one, two):
        assert terminal.type("campaign", "policy", "--output", str(path)).code == 0
    assert one.read_bytes() == two.read_bytes()


# ------------------------------------------------------------------------------------ what it refuses


def test_an_unknown_campaign_is_refused_by_name(terminal: Terminal) -> None:
    said = terminal.type("campaign", "policy", "b2c-smal")
    assert said.code == 1
    assert 'no campaign is named "b2c-smal"' in said.err
    assert "b2c-small" in said.err


def test_a_day_that_is_none_and_a_form_that_is_none_are_wrong_usage(terminal: Terminal) -> None:
    assert terminal.type("campaign", "policy", "--on", "2026-02-31").code == 2
    assert terminal.type("campaign", "policy", "--format", "docx").code == 2


def test_a_file_that_cannot_be_written_is_one_sentence(terminal: Terminal) -> None:
    said = terminal.type("campaign", "policy", "b2c-small", "--output", str(terminal.home / "nowhere" / "policy.html"))
    assert said.code == 1
    assert "the file cannot be written" in said.err
