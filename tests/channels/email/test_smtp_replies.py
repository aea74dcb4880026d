"""A refusal of a mail server, by its codes: one test for each row of each table."""

import pytest

from channels.contract import ReasonClass, Rejected, Throttled
from channels.email.smtp_replies import (
    ANY_STEP,
    BY_CODE,
    CODES,
    DETAILS,
    SUBJECTS,
    Reply,
    Stage,
    meaning_of,
    reason_of,
    refusal,
)

BUSY, LATER = "after 60 s", "after 300 s"
ADDRESS, BLOCKED, CONFIG, CONTENT, UNREACHABLE = "address", "blocked", "config", "content", "unreachable"


def said(meaning: ReasonClass | Throttled) -> str:
    return f"after {meaning.retry_after_seconds:.0f} s" if isinstance(meaning, Throttled) else meaning.value


EXPECTED_SUBJECTS = {
    "5.1": ADDRESS,
    "5.2": UNREACHABLE,
    "5.3": UNREACHABLE,
    "5.4": UNREACHABLE,
    "5.5": CONFIG,
    "5.6": CONTENT,
    "5.7": BLOCKED,
    "4.1": UNREACHABLE,
    "4.2": UNREACHABLE,
    "4.3": LATER,
    "4.4": UNREACHABLE,
    "4.5": LATER,
    "4.6": CONTENT,
    "4.7": LATER,
}
EXPECTED_DETAILS = {
    **dict.fromkeys(["5.1.7", "5.1.8", "5.4.14"], CONFIG),
    "5.2.1": ADDRESS,
    **dict.fromkeys(["5.2.3", "5.3.4", "4.3.4"], CONTENT),
    **dict.fromkeys([f"5.7.{detail}" for detail in (3, 4, 8, 9, 10, 11, 13, 14, *range(20, 28))], CONFIG),
}
EXPECTED_CODES = {
    ("mail", 550): CONFIG,
    ("mail", 552): CONTENT,
    ("mail", 553): CONFIG,
    ("rcpt", 450): LATER,
    ("rcpt", 452): LATER,
    ("rcpt", 552): UNREACHABLE,
    **dict.fromkeys([("rcpt", code) for code in (501, 550, 551, 553, 556)], ADDRESS),
    ("rcpt", 555): BLOCKED,
    ("content", 552): CONTENT,
}
EXPECTED_ANY_STEP = {
    **dict.fromkeys([450, 451, 452, 454], LATER),
    **dict.fromkeys([455, 500, 501, 502, 503, 504, 521, 555], CONFIG),
    **dict.fromkeys([550, 553, 554], BLOCKED),
}
EXPECTED_BY_CODE = {421: BUSY, **dict.fromkeys([530, 534, 535, 538], CONFIG)}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_has_its_meaning(subject: str) -> None:
    reply = Reply(550 if subject[0] == "5" else 450, (f"{subject}.99 words",))
    assert said(meaning_of(Stage.RCPT, reply)) == EXPECTED_SUBJECTS[subject]


@pytest.mark.parametrize("enhanced", DETAILS)
def test_a_detail_has_its_meaning_before_its_subject(enhanced: str) -> None:
    reply = Reply(550 if enhanced[0] == "5" else 450, (f"{enhanced} words",))
    assert said(meaning_of(Stage.RCPT, reply)) == EXPECTED_DETAILS[enhanced]


@pytest.mark.parametrize("stage, code", CODES)
def test_a_code_has_the_meaning_of_its_step(stage: Stage, code: int) -> None:
    assert said(meaning_of(stage, Reply(code, ("words",)))) == EXPECTED_CODES[(stage.value, code)]


@pytest.mark.parametrize("code", ANY_STEP)
def test_a_code_has_its_meaning_at_a_step_without_one(code: int) -> None:
    assert said(meaning_of(Stage.DATA, Reply(code))) == EXPECTED_ANY_STEP[code]


@pytest.mark.parametrize("code", BY_CODE)
def test_some_codes_mean_the_same_whatever_stands_behind(code: int) -> None:
    enhanced = f"{str(code)[0]}.1.1 words"
    assert said(meaning_of(Stage.RCPT, Reply(code, (enhanced,)))) == EXPECTED_BY_CODE[code]


def test_the_tables_have_no_row_more_and_none_less() -> None:
    assert set(SUBJECTS) == set(EXPECTED_SUBJECTS)
    assert set(DETAILS) == set(EXPECTED_DETAILS)
    assert set(CODES) == set(EXPECTED_CODES)
    assert set(ANY_STEP) == set(EXPECTED_ANY_STEP)
    assert set(BY_CODE) == set(EXPECTED_BY_CODE)


@pytest.mark.parametrize(
    "code, line, enhanced",
    [
        (550, "5.1.1 unknown", "5.1.1"),
        (550, "5.1.1", "5.1.1"),
        (550, "5.1.1unknown", ""),
        (450, "5.1.1 greylisted, whatever it says", ""),
        (550, "no 5.1.1 here", ""),
        (550, "5.1 short", ""),
        (550, "", ""),
    ],
)
def test_an_enhanced_code_stands_first_and_is_of_the_replys_class(code: int, line: str, enhanced: str) -> None:
    assert Reply(code, (line,)).enhanced == enhanced


def test_a_code_that_no_table_has_is_unknown() -> None:
    assert meaning_of(Stage.DATA, Reply(599)) is ReasonClass.UNKNOWN
    assert meaning_of(Stage.DATA, Reply(550, ("5.9.9 words",))) is ReasonClass.UNKNOWN


@pytest.mark.parametrize("stage", [Stage.GREETING, Stage.EHLO, Stage.STARTTLS, Stage.AUTH])
@pytest.mark.parametrize("code, reason_class", [(454, "not_written"), (550, "config")])
def test_before_a_message_a_refusal_is_for_now_or_our_setup(stage: Stage, code: int, reason_class: str) -> None:
    outcome = refusal(stage, Reply(code, ("x",)))
    assert isinstance(outcome, Rejected)
    assert outcome.reason_class == reason_class


@pytest.mark.parametrize(
    "status, reason", [("5.1.1", "address"), ("4.4.7", "unreachable"), ("4.7.1", "unreachable"), ("9.9.9", "unknown")]
)
def test_the_status_of_a_bounce_says_why_and_never_when(status: str, reason: str) -> None:
    assert reason_of(status) == reason
