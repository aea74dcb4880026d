"""The drawing of a campaign says everything that its file says: each step, way, condition, approval and reaction."""

import itertools
import re
from functools import cache
from pathlib import Path

import msgspec
import pytest

from orchestrator.domain.campaign import Campaign, ChannelLine, DocumentKind, Offset, SendTerms, Step, Use
from orchestrator.domain.condition import ALWAYS, Between
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.reactions import HOUSE_REACTIONS
from orchestrator.domain.voice import Voice
from orchestrator.intake.campaigns.campaign_yaml import load_campaign_file
from orchestrator.intake.strict_yaml.source import read
from orchestrator.rendering.earliest_days import EarliestDay, earliest_days
from orchestrator.rendering.policy_document.condition_words import clause
from orchestrator.rendering.policy_document.gathered import CampaignInForce
from orchestrator.rendering.policy_document.words import Words
from orchestrator.rendering.texts import Texts
from orchestrator.rendering.timeline.chart import chart
from orchestrator.rendering.timeline.draw import Pen, draw
from orchestrator.rendering.timeline.drawn import Drawn
from orchestrator.rendering.timeline.page_part import timeline_html

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(path.stem for path in (ROOT / "campaigns").glob("*.yaml") if "." not in path.stem)
LANGUAGES = ("fr", "en")
DAY, BUSINESS = Unit.DAY, Unit.BUSINESS_DAY
BIG = Between("balance", at_least=100_00, currency="EUR")
each_campaign = pytest.mark.parametrize("name", SHIPPED)
each_language = pytest.mark.parametrize("language", LANGUAGES)


@cache
def words_of_templates() -> Texts:
    return Texts(ROOT / "templates")


@cache
def shipped(name: str) -> CampaignInForce:
    texts = words_of_templates()
    source = read(ROOT / "campaigns" / f"{name}.yaml")
    file = load_campaign_file(source, templates=texts.catalogue.entries)
    titles = {key: entry.title for key, entry in texts.catalogue.entries.items()}
    return CampaignInForce(campaign=file.campaign, titles=titles)


def drawn(name: str, language: str = "fr") -> Drawn:
    return draw(shipped(name), language=language, house=HOUSE_REACTIONS)


def text_of(html: str) -> str:
    """What a reader hears: no tags, plain spaces."""
    bare = re.sub(r"<[^>]+>", " ", html).replace("&#39;", "'").replace("&amp;", "&")
    return re.sub(r"[\s\u00a0\u202f]+", " ", bare)


def heard(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", text).strip()


def a_step(step: str, *, at: int | None = None, after: Duration | None = None, if_: object = ALWAYS) -> Step:
    send = SendTerms("reminder", Voice.COURTEOUS, DocumentKind.REMINDER)
    return Step(
        id=step,
        at=Offset(Duration(at, DAY)) if at is not None else None,
        after=after,
        if_=if_,  # type: ignore[arg-type]  # any condition
        send=send,
        channel=(ChannelLine((Use.EMAIL,)),),
    )


def a_campaign(*steps: Step, gap: int = 0, title: str = "A title") -> Campaign:
    return Campaign(
        id="drawn", title=title, policy="fr-own-b2c", priority=1, audience=ALWAYS, steps=steps, gap=Duration(gap, DAY)
    )


# ------------------------------------------------------------------------------------------------- days


def test_days_add_up_from_the_due_date_or_from_entry() -> None:
    counted = earliest_days(a_campaign(a_step("a", at=-5), a_step("b", at=5), a_step("c", after=Duration(10, DAY))))
    assert [each.day for each in counted] == [-5, 5, 15]
    from_entry = earliest_days(
        a_campaign(a_step("a", after=Duration(0, DAY)), a_step("b", after=Duration(2, Unit.WEEK)))
    )
    assert [each.day for each in from_entry] == [0, 14]


def test_the_gap_of_the_campaign_is_kept_in_the_drawing() -> None:
    counted = earliest_days(a_campaign(a_step("a", at=0), a_step("b", after=Duration(2, DAY)), gap=5))
    assert [each.day for each in counted] == [0, 5]


def test_a_wait_that_is_no_number_of_days_leaves_the_rest_without_a_day() -> None:
    campaign = a_campaign(
        a_step("a", at=3), a_step("b", after=Duration(2, BUSINESS)), a_step("c", after=Duration(9, DAY))
    )
    assert [each.day for each in earliest_days(campaign)] == [3, None, None]
    markers = [
        stop.marker for stop in draw(CampaignInForce(campaign=campaign, titles={}), language="en", house={}).stops
    ]
    assert [heard(marker) for marker in markers] == ["D + 3", "then", "then"]


def test_a_step_passed_by_hands_its_departure_on() -> None:
    steps = (a_step("a", at=10), a_step("b", after=Duration(12, DAY), if_=BIG), a_step("c", after=Duration(20, DAY)))
    assert earliest_days(a_campaign(*steps)) == (EarliestDay(10), EarliestDay(22), EarliestDay(42, 30))
    soon = (*steps[:2], a_step("c", after=Duration(5, DAY)))
    assert earliest_days(a_campaign(*soon))[2] == EarliestDay(27, 22)  # not before the one passed by was looked at


# ------------------------------------------------------------------------------- every shipped campaign


@each_language
@each_campaign
def test_every_step_is_drawn_with_its_ways_conditions_voice_and_approval(name: str, language: str) -> None:
    campaign, words = shipped(name).campaign, Words(language)
    html = timeline_html(drawn(name, language)).html
    items = re.split(r'(?=<li class="tl-stop)', html)[1:]
    assert len(items) == len(campaign.steps)
    for step, item in zip(campaign.steps, items, strict=True):
        said = text_of(item)
        assert f'id="step-{step.id}"' in item
        conditions = [step.if_, *(line.if_ for line in step.channel), *(each.if_ for each in step.choose)]
        approvals = [step.approve, *(each.approve for each in step.choose)]
        conditions += [each.if_ for each in approvals if each]
        for condition in conditions:
            assert condition == ALWAYS or heard(clause(words, condition)) in said
        for line in step.channel:
            row = " ".join(words.term(use.value, "channels") for use in line.use)
            assert row in said.replace(Pen(language).says["then"] + " ", "")
        for approval in filter(None, approvals):
            assert heard(words.people(approval.by)) in said
        if step.send:
            assert words.term(step.send.voice.value, "voices") in said
            assert all(heard(words.term(offer, "offers")) in said for offer in step.send.offer)
            assert not step.send.deadline or heard(words.duration(step.send.deadline)) in said
        assert not step.expires or heard(words.duration(step.expires)) in said
        assert not step.amounts or heard(words.say("amounts", step.amounts.value)) in said


@each_language
@each_campaign
def test_every_reaction_is_drawn_the_houses_too(name: str, language: str) -> None:
    campaign, words = shipped(name).campaign, Words(language)
    html = timeline_html(drawn(name, language)).html
    _, turns = html.split('class="tl-turns"')
    said = text_of(turns).lower()
    for event, reaction in {**HOUSE_REACTIONS, **campaign.reactions}.items():
        assert heard(words.term(event, "events")).lower() in said
        assert not reaction.task or heard(words.term(reaction.task, "tasks")).lower() in said
        assert not reaction.close or heard(words.term(reaction.close, "outcomes")).lower() in said
        assert not reaction.send or words.term(reaction.send.voice.value, "voices") in said


@each_campaign
def test_what_a_campaign_says_itself_is_told_from_the_common_rules(name: str) -> None:
    own = {turn.event.code for turn in drawn(name).turns if turn.is_own}
    assert own == set(shipped(name).campaign.reactions)


@each_campaign
def test_the_chart_has_a_column_for_each_step_and_marks_each_way(name: str) -> None:
    picture, steps = chart(drawn(name)), shipped(name).campaign.steps
    assert [column.number for column in picture.columns] == list(range(1, len(steps) + 1))
    rows = {lane.y: lane.name for lane in picture.lanes}
    for column, step in zip(picture.columns, steps, strict=True):
        uses = {use for line in step.channel for use in line.use}
        firsts = {line.use[0] for line in step.channel}
        by_channel = [mark for mark in column.marks if rows[mark.y] != Pen("fr").says["person"]]
        assert len(by_channel) == len(uses)
        assert sum(mark.is_first for mark in by_channel) == len(firsts)
        is_of_a_person = bool(step.approve or step.call or step.request or step.choose)
        assert (len(column.marks) > len(by_channel)) is is_of_a_person
    across = [column.x for column in picture.columns]
    assert all(second - first >= 40 for first, second in itertools.pairwise(across))
    assert across[0] > picture.left
    assert across[-1] < picture.width


@each_campaign
def test_the_page_part_has_no_style_or_script_and_no_id_twice(name: str) -> None:
    html = timeline_html(drawn(name)).html
    assert "style=" not in html
    assert "<script" not in html
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


@each_language
def test_no_word_is_missing_in_either_language(language: str) -> None:
    assert all(said.strip() for said in Pen(language).says.values())
    other = Pen(LANGUAGES[1 - LANGUAGES.index(language)])
    fields = {key: set(re.findall(r"{(\w+)}", said)) for key, said in Pen(language).says.items()}
    assert fields == {key: set(re.findall(r"{(\w+)}", said)) for key, said in other.says.items()}


# ------------------------------------------------------------------------------------------ what is data


def test_titles_of_a_release_are_data() -> None:
    shown = CampaignInForce(campaign=a_campaign(a_step("a", at=1)), titles={"reminder": {"en": "<b>Pay</b> {now}"}})
    html = timeline_html(draw(shown, language="en", house=HOUSE_REACTIONS)).html
    assert "<b>Pay" not in html
    assert "&lt;b&gt;Pay&lt;/b&gt; {now}" in html


def test_only_steps_that_send_lead_to_their_messages() -> None:
    html = timeline_html(drawn("b2b-large"), links=lambda stop: f"messages?step={stop.id}").html
    assert re.findall(r'href="messages\?step=([^"]+)"', html) == [
        step.id for step in shipped("b2b-large").campaign.steps if step.send
    ]


def test_a_request_is_drawn_as_an_act_of_a_person() -> None:
    with_call = msgspec.structs.replace(drawn("b2b-large").stops[3], kind="request")
    assert chart(msgspec.structs.replace(drawn("b2b-large"), stops=(with_call,))).columns[0].marks[0].shape == "call"
