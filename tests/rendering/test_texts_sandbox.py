"""What templates, phrasebooks, the catalogue and the words of the law may not be, and where the error points."""

import pytest

from channels.contract import Channel
from orchestrator.domain.campaign import Purpose
from orchestrator.domain.errors import RelanceError, TemplateError
from orchestrator.domain.voice import Voice
from orchestrator.rendering import catalogue, located_yaml, phrasebook, sandbox
from orchestrator.rendering.proofreading import check
from orchestrator.rendering.texts import Texts
from tests.rendering.wording import a_brief, an_email, an_sms, changed, shipped_files

SALUTATION = 'salutation: "Madame, Monsieur,"'


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'a' * 100000000 }}",
        "{{ '%0100000000d' % 1 }}",
        "{{ 2 ** 99 }}",
        "{{ 1 + 1 }}",
        "{{ 'a' ~ name }}",
        "{{ name.__class__.__mro__ }}",
        "{{ name['__class__'] }}",
        "{{ name.upper() }}",
        "{{ range(9) }}",
        "{{ name|upper }}",
        "{{ name is defined }}",
        "{{ [1, 2] }}",
        "{{ {'a': 1} }}",
        "{{ 3 }}",
        "{{ 'a' < 'b' }}",
        "{% set x = 1 %}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'a' %}",
        "{% import 'a' as b %}",
        "{% extends 'a' %}",
        "{% block b %}{% endblock %}",
        "{% filter upper %}a{% endfilter %}",
        "{% call m() %}{% endcall %}",
        "{% for a in name %}{% endfor %}",
        "{% for row in rows %}{% endfor %}",
        "{% for row in invoices if row.paid %}{% endfor %}",
        "{% for row in invoices recursive %}{% endfor %}",
        "{% for row in invoices %}{% else %}none{% endfor %}",
        "{% for row in invoices %}{% for row in invoices %}{% endfor %}{% endfor %}",
        "{% for row in invoices %}{{ loop.index() }}{% endfor %}",
        "{% if %}",
        "{{ name",
    ],
)
def test_what_is_not_on_the_list_is_refused(source: str) -> None:
    """Reliability, section 7, note 1."""
    with pytest.raises(TemplateError) as caught:
        sandbox.parse(f"\n\n{source}", path="sms/x.txt")
    assert caught.value.where == "sms/x.txt:3"


@pytest.mark.parametrize(
    "source",
    [
        "{{ name }} {% if several and not third_party %}a{% elif matter in ('rent', 'water') %}b{% else %}c{% endif %}",
        "{% for row in invoices %}{{ row.reference }}{{ 'x' if row.is_future else 'y' }}{% endfor %}",
        "{% if matter == 'rent' or matter != 'water' %}{% endif %}",
    ],
)
def test_what_is_on_the_list_passes(source: str) -> None:
    assert sandbox.parse(source, path="sms/x.txt")


@pytest.mark.parametrize(
    "path,old,new,where,says",
    [
        ("email/demand.html", "{{ greeting }}", "{{ greting }}", "email/demand.html:2", 'did you mean "greeting"?'),
        ("sms/demand.txt", "{{ link }}", "{{ lnik }}", "sms/demand.txt:1", 'did you mean "link"?'),
        ("phrases/fr.yaml", "({{ amount_paid }}) et", "({{ amount_payd }}) et", "phrases/fr.yaml:", "amount_paid"),
        ("phrases/fr.yaml", "{{ row.paid }}", "{{ row.payed }}", "phrases/fr.yaml:", 'did you mean "paid"?'),
        ("phrases/fr.yaml", "matter: [rent]", "mater: [rent]", "phrases/fr.yaml:28:29", 'did you mean "matter"?'),
        ("phrases/fr.yaml", "debtor: individual", "debtor: consumer", "phrases/fr.yaml:", "one of individual"),
        ("phrases/fr.yaml", SALUTATION, "", "letter/part_head.txt:6", "salutation"),
        ("phrases/fr.yaml", SALUTATION, 'salutation: "{{ salutation }}"', "phrases/fr.yaml:", "back to itself"),
        ("phrases/fr.yaml", SALUTATION, 'name: "x"', "phrases/fr.yaml", "the name of a fact"),
        ("phrases/fr.yaml", SALUTATION, "salutation: [{when: {several: yes}, say: x}]", "phrases/fr.yaml", "always"),
        ("phrases/fr.yaml", SALUTATION, 'salutation: "{{ row.paid }}"', "phrases/fr.yaml:", "row.paid"),
        ("phrases/fr.yaml", "language: fr", "language: de", "phrases/fr.yaml", "phrases/de.yaml"),
        ("phrases/fr.yaml", "  formal-notice:\n", "  formal-notise:\n", "phrases/fr.yaml", '"formal-notice"?'),
        ("phrases/fr.yaml", "  legal_interest: [", "  legal_interests: [", "phrases/fr.yaml", "legal_interest"),
        ("catalogue.yaml", "voices: [formal]", "voices: [formel]", "catalogue.yaml:40:14", '"formal"?'),
        ("catalogue.yaml", "requires: [deadline]", "requires: [dedline]", "catalogue.yaml:41:16", '"deadline"?'),
        ("catalogue.yaml", "letter: r124-4}", "letter: r124}", "catalogue.yaml:49:24", "letter/r124.txt is missing"),
        ("catalogue.yaml", "purpose: demand", "purpuse: demand", "catalogue.yaml:14:5", 'did you mean "purpose"?'),
        ("letter/demand.txt", "[totals]", "[total]", "letter/demand.txt", "no section"),
        ("statutory/fr-l111-8.txt", "débiteur", "debiteur", "statutory/fr-l111-8.txt", "words of a law were changed"),
    ],
)  # fmt: skip
def test_a_fault_is_found_where_it_stands(path: str, old: str, new: str, where: str, says: str) -> None:
    """House style 23: what happened, where, and what to do."""
    files = changed(path, old, new)
    del files["phrases/en.yaml"]  # one language shows it
    faults = check(files)
    assert faults, "nothing was found"
    assert any(fault.where.startswith(where) and says in str(fault) for fault in faults), [str(f) for f in faults]


def test_an_unknown_name_is_refused_at_run_time_too() -> None:
    with pytest.raises(TemplateError) as caught:
        an_sms(a_brief("reminder", Channel.SMS), Texts.of_files(changed("sms/demand.txt", "{{ link }}", "{{ lnik }}")))
    assert (caught.value.code, caught.value.where) == ("unknown_variable", "sms/demand.txt:1")


def test_words_of_the_law_that_were_changed_stop_everything() -> None:
    """CPCE R124-7: a missing mention is a fine."""
    with pytest.raises(TemplateError) as caught:
        Texts.of_files(changed("statutory/fr-l111-8.txt", "réputée", "reputée"))
    assert caught.value.code == "statute_changed"


def test_a_fault_in_one_template_leaves_the_others_alone() -> None:
    texts = Texts.of_files(changed("letter/r124-4.txt", "{{ basis }}", "{{ bassis }}"))
    assert an_email(a_brief(), texts).subject


def test_a_phrase_may_have_nothing_to_say_where_it_is_asked() -> None:
    """`{% if history %}` around a phrase whose lines do not fit prints no empty paragraph."""
    assert "<p></p>" not in an_email(a_brief()).html
    assert "\n\n\n" not in an_email(a_brief()).text


# ---------------------------------------------------------------- files


@pytest.mark.parametrize(
    "text,where",
    [
        ("a: 1\nb: {c: 1, c: 2}\n", "f.yaml:2:11"),
        ("a: &x 1\n", "f.yaml:1:4"),
        ("a: !!python/object 1\n", "f.yaml:1:4"),
        ("a: *x\n", "f.yaml:1:4"),
        ("a: [1\n", "f.yaml:2:1"),
        ("- a\n", "f.yaml:1:1"),
        ("? [a]\n: b\n", "f.yaml:1:3"),
    ],
)
def test_a_file_that_could_be_misread_is_refused(text: str, where: str) -> None:
    with pytest.raises(TemplateError) as caught:
        located_yaml.read(text, "f.yaml")
    assert caught.value.where == where


def test_a_scalar_is_the_text_that_was_typed() -> None:
    read = located_yaml.read("a: yes\nb: 01\nc: 12:30\nd: null\n", "f.yaml")
    assert [read.text(key) for key in "abcd"] == ["yes", "01", "12:30", "null"]


def test_a_more_particular_place_speaks_first() -> None:
    book = phrasebook.load(
        "language: fr\ntitle: t\nwords: {x: w}\nvoices: {firm: {x: v}}\nanswers: {x: a}\n"
        "templates: {thanks: {x: t, voices: {firm: {x: tv}}}}\n",
        "f.yaml",
    )

    def says(template: str, purpose: Purpose, voice: Voice) -> list[str]:
        found = book.lines("x", template=template, purpose=purpose, voice=voice)
        return [line.text.value for line in found]

    assert says("thanks", Purpose.ANSWER, Voice.FIRM) == ["tv", "t", "a", "w"]
    assert says("thanks", Purpose.ANSWER, Voice.SERVICE) == ["t", "a", "w"]
    assert says("reminder", Purpose.DEMAND, Voice.FIRM) == ["v", "w"]
    assert says("reminder", Purpose.ANSWER, Voice.FIRM) == ["a", "w"]


def test_the_catalogue_says_what_each_template_is() -> None:
    """Gates and mentions speak of kinds (semantics B8)."""
    entries = catalogue.load(shipped_files()).entries
    assert entries["r124-4-letter"].kind == "r124_4_letter"
    assert entries["r124-4-letter"].party == "third_party"
    assert list(entries["r124-4-letter"].channels) == ["letter"]
    assert "sms" not in entries["formal-notice"].channels
    assert entries["thanks"].purpose == "answer"
    assert all(set(entry.title) == {"fr", "en"} for entry in entries.values())


def test_a_folder_without_catalogue_is_one_clear_fault() -> None:
    faults = check({})
    assert len(faults) == 1
    assert isinstance(faults[0], RelanceError)
