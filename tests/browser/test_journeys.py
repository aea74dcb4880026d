"""What people come for, as they do it: set up, stop what is being sent, let it go again, answer, act, find out why."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENSHOTS
from tests.browser.reading import faults_of, keep
from tests.browser.world import PASSWORD, World, sign_in_as

_ANSWER = {"fr": "Bonjour, nous avons bien lu votre message et revenons vers vous demain.",
           "en": "Hello, we have read your message and come back to you tomorrow."}  # fmt: skip


def test_a_one_time_link_sets_a_person_up(page: Page, world: World, size: str, language: str) -> None:
    name = world.user(f"new-{size}-{language}", "agent", language)
    link = world.link(name)
    page.goto(f"{link}?lang={language}")
    assert faults_of(page) == []
    page.fill("input[name=full_name]", "Ada Royer")
    page.fill("input[name=password]", f"{PASSWORD} nouveau")
    page.fill("input[name=again]", f"{PASSWORD} nouveau")
    page.click("main button")
    page.wait_for_url("**/console/")
    expect(page.locator("header")).to_contain_text("Ada Royer")
    keep(page, SCREENSHOTS, f"set-up-{size}-{language}")
    page.goto(link)
    expect(page.locator("main")).not_to_contain_text("Ada Royer")


def test_everything_stops_in_four_taps_and_goes_on_after_a_preview(
    page: Page, world: World, size: str, language: str
) -> None:
    world.live()
    sign_in_as(page, world.user(f"chief-{language}", "manager", language))
    page.locator("header a.stop").click()
    page.locator("#pause-all").click()
    expect(page.locator("#reach-people")).to_contain_text(re.compile(r"\d"))
    assert faults_of(page) == []
    keep(page, SCREENSHOTS, f"pause-confirm-{size}-{language}")
    page.locator("input[name=reason]").first.check()
    page.locator("#confirm-pause").click()
    page.wait_for_url(re.compile(r"/console/pauses/p-[0-9a-f]+"))
    # The page tells by itself, and only once nothing is in flight.
    expect(page.locator("p.state .status.bad")).to_be_visible()
    assert world.in_flight() == 0
    left = world.attempts()
    keep(page, SCREENSHOTS, f"paused-{size}-{language}")
    time.sleep(2.5)  # two rounds of the workers
    assert world.attempts() == left
    page.goto("/console/now")
    expect(page.locator(".strip.warn")).to_be_visible()
    page.locator(".strip.warn a").first.click()
    page.locator("a[href$='/resume']").click()
    expect(page.locator("#confirm-resume")).to_be_visible(timeout=60_000)
    assert faults_of(page) == []
    keep(page, SCREENSHOTS, f"resume-preview-{size}-{language}")
    page.locator("#f-ramp").select_option("0")
    page.locator("#confirm-resume").click()
    page.wait_for_load_state()
    assert any(_is_quiet(page) for _ in range(60))


def _is_quiet(page: Page) -> bool:
    """Whether no pause is told any more; a resume goes on behind its page for a moment."""
    page.goto("/console/pauses")
    if page.locator(".strip.warn").count() == 0:
        return True
    time.sleep(0.5)
    return False


def test_the_live_page_changes_without_being_loaded_again(page: Page, world: World, size: str, language: str) -> None:
    sign_in_as(page, world.user(f"chief-{language}", "manager", language), path="/console/now")
    shown = page.locator("main time").first
    before = shown.inner_text()
    expect(shown).not_to_have_text(before)


def test_a_reply_is_taken_answered_and_told_by_the_case(page: Page, world: World, size: str, language: str) -> None:
    numbers = {("desktop", "fr"): 0, ("desktop", "en"): 1, ("phone", "fr"): 2, ("phone", "en"): 3}
    case, reply = world.write(
        "Pouvez-vous m'expliquer cette somme ? Je ne comprends rien.", number=numbers[size, language]
    )
    sign_in_as(page, world.user(f"writer-{size}-{language}", "agent", language), path="/console/inbox")
    keep(page, SCREENSHOTS, f"inbox-open-{size}-{language}")
    page.locator(f"main a[href*='{reply}']").first.click()
    page.wait_for_url(re.compile(r"/console/inbox/.+"))
    assert faults_of(page) == []
    keep(page, SCREENSHOTS, f"reply-{size}-{language}")
    expect(page.locator("#f-words")).not_to_be_empty()
    page.fill("#f-words", _ANSWER[language])
    page.locator("form.answer button:not([name=check])").click()
    page.wait_for_load_state()
    page.goto(f"/console/cases/{case}")
    expect(page.locator("main")).to_contain_text(_ANSWER[language][:30])
    keep(page, SCREENSHOTS, f"answered-{size}-{language}")


def test_a_newcomer_finds_out_why_a_person_received_their_last_message(
    page: Page, world: World, size: str, language: str
) -> None:
    sign_in_as(page, world.user(f"looker-{language}", "viewer", language), path="/console/cases")
    page.goto("/console/messages")
    page.locator("table a[href^='/console/messages/']").first.click()
    page.wait_for_url(re.compile(r"/console/messages/.+"))
    keep(page, SCREENSHOTS, f"why-{size}-{language}")
    expect(page.locator("main")).to_contain_text("Pourquoi" if language == "fr" else re.compile("why", re.IGNORECASE))


@pytest.mark.parametrize("path", ["/console/users", "/console/pauses/new"])
def test_a_viewer_is_told_no_in_words(page: Page, world: World, language: str, path: str) -> None:
    sign_in_as(page, world.user(f"looker-{language}", "viewer", language), path="/console/account")
    answer = page.goto(path)
    assert (answer.status if answer else 0) == 403
    expect(page.locator("[role=alert]")).to_contain_text("rôle" if language == "fr" else "role")
