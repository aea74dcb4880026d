"""What a campaign is and has been: its releases, what changed, and who stands where in it; on both databases."""

from datetime import timedelta

import msgspec
import pytest

from orchestrator.domain.errors import NotFound
from orchestrator.flows.campaign_view import compare_files, find_release, is_for, standing, versions
from orchestrator.flows.project_figures import project_all
from orchestrator.flows.release_campaign import CAMPAIGN_FILE, release_campaign
from orchestrator.storage import releases
from tests.flows.conftest import TUESDAY, World, row, shipped_campaign


def release_again(world: World, name: str, *, days: int, title: str, by: str) -> str:
    """The shipped file with another title, under an id of its own."""
    shipped = shipped_campaign("b2c-small")
    text = shipped.text.replace("title: Petits impayés, particuliers", f"title: {title}")
    words = {**world.deployment.texts.files}
    words.pop(min(words))
    release_campaign(
        world.database, campaign="b2c-small", release=name, text=text, words=words, by=by, now=TUESDAY + timedelta(days)
    )
    return name


def test_versions_come_latest_first_each_with_the_one_before_it(world: World) -> None:
    first = shipped_campaign("b2c-small").campaign.release
    second = release_again(world, "second", days=1, title="Autre", by="ann")
    found = versions(world.database, "b2c-small")
    assert [(each.id, each.before, each.is_current) for each in found] == [(second, first, True), (first, "", False)]
    assert (found[0].released_by, found[0].set_by) == ("ann", "ann")
    assert versions(world.database, "none-such") == ()


def test_going_back_to_a_version_keeps_its_date_and_makes_it_current(world: World) -> None:
    release_again(world, "second", days=1, title="Autre", by="ann")
    world.deployment.release(shipped_campaign("b2c-small"), by="bob", now=TUESDAY + timedelta(days=2))
    latest, first = versions(world.database, "b2c-small")
    assert (latest.is_current, first.is_current) == (False, True)
    assert (first.released_at, first.current_since, first.set_by) == (TUESDAY, TUESDAY + timedelta(days=2), "bob")


def test_a_change_is_told_line_by_line_and_by_the_names_of_the_words(world: World) -> None:
    release_again(world, "second", days=1, title="Autre", by="ann")
    before = find_release(world.database, "b2c-small", shipped_campaign("b2c-small").campaign.release).files
    after = find_release(world.database, "b2c-small", "second").files
    change = compare_files(before, after)
    assert [(each.kind, each.text) for each in change.lines if each.kind in ("added", "removed")] == [
        ("removed", "title: Petits impayés, particuliers"),
        ("added", "title: Autre"),
    ]
    assert len(change.removed) == 1
    assert (change.added, change.changed) == ((), ())
    assert compare_files(after, before).added == change.removed
    assert compare_files(after, after).is_empty
    assert CAMPAIGN_FILE not in compare_files({}, after).added
    changed = {**after, sorted(after)[1]: "other"}
    assert compare_files(after, changed).changed == (sorted(after)[1],)


def test_lines_that_begin_like_a_diff_are_lines() -> None:
    change = compare_files({CAMPAIGN_FILE: "-- a\n++ b\n@@ c"}, {CAMPAIGN_FILE: "-- a\n@@ c\n+++ d"})
    assert [(each.kind, each.text) for each in change.lines if each.kind != "gap"] == [
        ("same", "-- a"), ("removed", "++ b"), ("same", "@@ c"), ("added", "+++ d"),
    ]  # fmt: skip


def test_a_release_of_another_campaign_is_not_found(world: World) -> None:
    other = shipped_campaign("b2c-large").campaign.release
    assert find_release(world.database, "b2c-large", other).campaign == "b2c-large"
    for campaign, release in (("b2c-small", other), ("b2c-small", "none")):
        with pytest.raises(NotFound):
            find_release(world.database, campaign, release)


def test_headings_are_of_every_campaign_and_name_what_is_in_force(world: World) -> None:
    release_again(world, "second", days=1, title="Autre", by="ann")
    with world.database.read() as conn:
        found = releases.headings(conn)
        full = releases.current(conn)
    assert {each.campaign: each.id for each in found if each.current_since} == {name: r.id for name, r in full.items()}
    assert len(found) == 3


def test_cases_are_counted_where_they_stand(world: World) -> None:
    world.load(row("F-1", debtor="C-1"), row("F-3", debtor="C-3", due="2026-03-09"))
    world.advance()
    planned = standing(world.database, "b2c-small", creditors=None)
    assert planned.reached is None  # nobody has made figures yet
    assert sum(each.count for each in planned.planned) == 1
    assert {(each.step, each.channel) for each in planned.planned} == {("reminder-1", "sms")}

    world.dispatch()
    project_all(world.database, world.strategy(), now=TUESDAY)
    stood = standing(world.database, "b2c-small", creditors=None)
    assert stood.planned == ()
    assert {each.step: each.count for each in stood.reached or ()} == {"": 1, "reminder-1": 1}
    assert [(each.step, each.channel, each.left, each.currency) for each in stood.results] == [
        ("reminder-1", "sms", 1, "EUR")
    ]
    assert standing(world.database, "b2c-small", creditors=frozenset({"other"})).results == ()
    release = shipped_campaign("b2c-small").campaign.release
    assert (stood.open_by_release, stood.closed_by_release) == ({release: 2}, {})
    assert standing(world.database, "b2c-large", creditors=None).followed == ()


def test_counts_are_of_the_creditors_that_one_may_see(world: World) -> None:
    world.load(row("F-1", debtor="C-1"))
    world.advance()
    project_all(world.database, world.strategy(), now=TUESDAY)
    mine = standing(world.database, "b2c-small", creditors=frozenset({"acme-telecom"}))
    none = standing(world.database, "b2c-small", creditors=frozenset({"other"}))
    assert (len(mine.followed), len(mine.planned), len(mine.reached or ())) == (1, 1, 1)
    assert (none.followed, none.planned, none.asked, none.reached) == ((), (), (), ())


def test_what_a_person_must_do_is_counted_by_step(world: World) -> None:
    world.load(row("F-1", debtor="C-1", amount="900,00", email="a@b.example"))
    for day in range(9):
        now = TUESDAY + timedelta(days=day)
        world.advance(now)
        world.dispatch(now)
    found = standing(world.database, "b2c-large", creditors=None).asked
    assert standing(world.database, "b2c-large", creditors=frozenset({"acme-telecom"})).asked == found
    assert standing(world.database, "b2c-large", creditors=frozenset({"other"})).asked == ()
    assert [(each.kind, each.step, each.count) for each in found] == [("call", "call", 1)]


def test_a_campaign_of_named_creditors_is_for_who_sees_one_of_them() -> None:
    campaign = shipped_campaign("b2c-small").campaign
    named = msgspec.structs.replace(campaign, creditors=("acme", "bolt"))
    assert is_for(campaign, frozenset({"any"}))
    assert is_for(named, None)
    assert is_for(named, frozenset({"bolt", "any"}))
    assert not is_for(named, frozenset({"any"}))
    assert not is_for(named, frozenset())
