"""The outbox: what is written where, whole or not at all, and what a script refuses."""

from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import (
    Accepted,
    Channel,
    InDoubt,
    Message,
    Outcome,
    ReasonClass,
    Rejected,
)
from channels.errors import InvalidOptions
from channels.sandbox import Sandbox
from tests.channels.builders import NOW, PDF, a_letter, a_message, an_email, an_sms, now


def written(outbox: Path) -> dict[str, bytes]:
    """Every file under the outbox, hidden ones too, by its relative path."""
    return {path.relative_to(outbox).as_posix(): path.read_bytes() for path in outbox.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "channel, path",
    [
        (Channel.SMS, "sms/2026-07-15/0905-F-12-01J2ATTEMPT.txt"),
        (Channel.EMAIL, "email/2026-07-15/0905-F-12-01J2ATTEMPT.eml"),
        (Channel.LETTER, "letter/2026-07-15/0905-F-12-01J2ATTEMPT.pdf"),
    ],
)
def test_a_message_is_one_file_named_by_day_time_reference_and_attempt(
    channel: Channel, path: str, tmp_path: Path
) -> None:
    assert Sandbox(channel, tmp_path, clock=now).send(a_message(channel)) == Accepted("sandbox-01J2ATTEMPT")
    assert list(written(tmp_path)) == [path]


def test_an_sms_shows_who_to_how_many_and_the_text_as_it_is(tmp_path: Path) -> None:
    Sandbox(Channel.SMS, tmp_path, clock=now).send(an_sms(text="Reçu ?\nMerci\r\n"))
    (content,) = written(tmp_path).values()
    assert content.decode() == (
        "To: +33644631234\nFrom: RELANCE\nDate: 2026-07-15T09:05:30+02:00\n"
        "Segments: 1 (ucs2, 14 units)\n\nReçu ?\nMerci\r\n\n"
    )


def test_an_email_reopens_with_its_names_subject_and_text(tmp_path: Path) -> None:
    name = 'Société « Dupont, Frères » & "Cie"'
    Sandbox(Channel.EMAIL, tmp_path, clock=now).send(an_email(to_name=name))
    (content,) = written(tmp_path).values()
    parsed = message_from_bytes(content, policy=policy.default)
    assert parsed["To"].addresses[0].display_name == name
    assert parsed["Subject"] == "Votre facture F-12 arrive à échéance"
    text = parsed.get_body(("plain",))
    assert text is not None
    assert "1 234,56 €" in text.get_content()


def test_a_letter_is_its_pdf_and_nothing_else(tmp_path: Path) -> None:
    Sandbox(Channel.LETTER, tmp_path, clock=now).send(a_letter())
    assert list(written(tmp_path).values()) == [PDF]


@pytest.mark.parametrize("channel", Channel)
def test_the_same_message_at_the_same_instant_gives_the_same_file_and_bytes(channel: Channel, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        Sandbox(channel, tmp_path / folder, clock=now).send(a_message(channel))
    assert written(tmp_path / "a") == written(tmp_path / "b")


@given(reference=st.text(max_size=120))
def test_no_reference_leaves_its_folder_or_hides_its_file(reference: str) -> None:
    outbox = Path("outbox")
    path = Sandbox(Channel.SMS, outbox, clock=now).path(an_sms(reference=reference), sent_at=NOW)
    relative = PurePosixPath(path.relative_to(outbox).as_posix())
    assert relative.parent == PurePosixPath("sms/2026-07-15")
    assert relative.name.startswith("0905-")
    assert relative.name.endswith("-01J2ATTEMPT.txt")
    assert relative.name.isascii()
    assert set(relative.name.removesuffix(".txt")) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
    )
    assert len(relative.name) <= 140


@pytest.mark.parametrize(
    "reference, shown",
    [
        ("../../etc/passwd", "-etc-passwd"),
        ("Dossier n° 12/É", "-Dossier-n-12-E"),
        ("\x00\n", ""),
        ("..", ""),
        ("", ""),
        ("CON", "-CON"),
        ("x" * 300, "-" + "x" * 60),
    ],
)
def test_a_hostile_reference_still_names_a_file(reference: str, shown: str, tmp_path: Path) -> None:
    assert isinstance(Sandbox(Channel.SMS, tmp_path, clock=now).send(an_sms(reference=reference)), Accepted)
    assert list(written(tmp_path)) == [f"sms/2026-07-15/0905{shown}-01J2ATTEMPT.txt"]


def test_two_attempts_with_one_reference_are_two_files(tmp_path: Path) -> None:
    sandbox = Sandbox(Channel.SMS, tmp_path, clock=now)
    for attempt_id in ("first", "second"):
        sandbox.send(an_sms(attempt_id=attempt_id))
    assert len(written(tmp_path)) == 2


def test_a_script_decides_per_message_and_only_what_it_accepts_is_written(tmp_path: Path) -> None:
    bounced = Rejected(reason_class=ReasonClass.ADDRESS, code="21614")

    def verdict(message: Message) -> Outcome | None:
        answers: dict[str, Outcome] = {"bad": bounced, "lost": InDoubt("cut"), "named": Accepted("SM-1")}
        return answers.get(message.attempt_id)

    sandbox = Sandbox(Channel.SMS, tmp_path, clock=now, verdict=verdict)
    outcomes = [sandbox.send(an_sms(attempt_id=name)) for name in ("bad", "lost", "named", "usual")]
    assert outcomes == [bounced, InDoubt("cut"), Accepted("SM-1"), Accepted("sandbox-usual")]
    assert sorted(name[-9:] for name in written(tmp_path)) == ["named.txt", "usual.txt"]


def test_a_folder_that_cannot_be_written_is_a_refusal_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "sms").write_text("a file where a folder should be")
    outcome = Sandbox(Channel.SMS, tmp_path, clock=now).send(an_sms())
    assert isinstance(outcome, Rejected)
    assert outcome.reason_class is ReasonClass.NOT_WRITTEN
    assert list(written(tmp_path)) == ["sms"]


def test_a_file_that_cannot_take_its_name_leaves_no_half_file(tmp_path: Path) -> None:
    sandbox = Sandbox(Channel.SMS, tmp_path, clock=now)
    sandbox.path(an_sms(), sent_at=NOW).mkdir(parents=True)
    assert isinstance(sandbox.send(an_sms()), Rejected)
    assert written(tmp_path) == {}


def test_a_clock_without_time_zone_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    naive: datetime = NOW.replace(tzinfo=None)
    with pytest.raises(InvalidOptions):
        Sandbox(Channel.SMS, tmp_path, clock=lambda: naive).send(an_sms())
    assert written(tmp_path) == {}


def test_the_sandbox_says_that_nothing_leaves_and_confirms_only_when_a_simulator_will(tmp_path: Path) -> None:
    alone = Sandbox(Channel.SMS, tmp_path, clock=now).capabilities
    simulated = Sandbox(Channel.SMS, tmp_path, clock=now, confirms_delivery=True).capabilities
    assert (alone.leaves_machine, alone.confirms_delivery) == (False, False)
    assert (simulated.leaves_machine, simulated.confirms_delivery) == (False, True)
