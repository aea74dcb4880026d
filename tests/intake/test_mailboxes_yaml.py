"""The mailboxes of the lanes file: the example, each mistake at its place, no password in a file or a sentence."""

from pathlib import Path

import pytest

from orchestrator.domain.mailbox import Mailbox
from orchestrator.intake.lanes_yaml import load_mailboxes
from orchestrator.intake.strict_yaml.source import FileErrors

EXAMPLE = Path(__file__).resolve().parents[2] / "campaigns" / "lanes.example.yaml"
LANES = "lanes:\n  - id: sandbox\n    channel: sms\n    provider: sandbox\n"
BOX = "mailboxes:\n  - mailbox: replies\n    host: imap.acme.example\n    username: a@acme.example\n"
WHOLE = f"{BOX}    password: {{env: IMAP_PASSWORD}}\n"


def test_the_example_is_read_whole() -> None:
    replies, bounces = load_mailboxes(EXAMPLE)
    assert replies == Mailbox(
        id="replies",
        host="imap.acme.example",
        port=993,
        security="tls",
        username="reponses@acme.example",
        password="IMAP_PASSWORD",
        folder="INBOX",
        move_to="Relance",
    )
    assert (bounces.port, bounces.security) == (143, "starttls")


def test_a_file_without_mailboxes_and_no_file_have_none(tmp_path: Path) -> None:
    path = tmp_path / "lanes.yaml"
    path.write_text(LANES)
    assert load_mailboxes(path) == ()
    assert load_mailboxes(None) == ()


@pytest.mark.parametrize(
    "text, line, words",
    [
        (BOX, 6, "a mailbox needs a password or a token file, not both"),
        (f"{WHOLE}    token_file: /x\n", 6, "a mailbox needs a password or a token file, not both"),
        (f"{BOX}    password: hunter2\n", 9, "this is not the name of an environment variable"),
        (f"{WHOLE}    security: none\n", 10, "mail beyond this machine is encrypted"),
        (f"{WHOLE}    security: ssl\n", 10, "ssl"),
        (f"{WHOLE}    move_to: INBOX\n", 10, "this is the folder that is read"),
        (f"{WHOLE}    port: 70000\n", 10, "70000"),
        (f"{WHOLE}    protocol: pop3\n", 10, "protocol"),
        (WHOLE + WHOLE.partition("\n")[2], 10, '"replies" is already a mailbox'),
    ],
)
def test_a_mistake_is_told_at_its_place(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = tmp_path / "lanes.yaml"
    path.write_text(LANES + text)
    with pytest.raises(FileErrors) as refused:
        load_mailboxes(path)
    (error,) = refused.value.errors
    assert words in str(error)
    assert f":{line}:" in str(error)
    assert "hunter2" not in str(error)
