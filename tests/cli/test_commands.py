"""The commands of part one: what they say, what they refuse, and their exit codes (design 11)."""

import json
import shutil
from pathlib import Path

import pytest

from orchestrator.cli.terminal import console, print_sections
from orchestrator.settings import shipped
from tests.cli.conftest import Terminal, row


def test_help_names_every_command_without_loading_one(terminal: Terminal) -> None:
    said = terminal.type("--help")
    assert said.code == 0
    for name in ("demo", "import", "simulate", "campaign", "crisis", "task", "why", "check", "db"):
        assert name in said.out


def test_a_wrong_command_line_ends_with_two(terminal: Terminal) -> None:
    assert terminal.type("campaing").code == 2
    assert terminal.type("import").code == 2


def test_the_shipped_configuration_has_no_error(terminal: Terminal) -> None:
    said = terminal.type("check")
    assert said.code == 0, said.out
    assert "0 errors" in said.out


def test_a_misspelt_setting_is_refused_by_name(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELANCE_CAMPAINGS", "x")
    said = terminal.type("check")
    assert said.code == 1
    assert "RELANCE_CAMPAIGNS" in said.err


def test_import_release_advance_why_tell_one_story(terminal: Terminal) -> None:
    path = terminal.debts(row(due="2026-03-02"))
    imported = terminal.type("import", str(path))
    assert imported.code == 0, imported.err
    assert "1 new cases" in imported.out
    assert terminal.type("campaign", "release", "b2c-small").code == 0
    assert terminal.type("advance", "--decide-only").code == 0
    said = terminal.type("why", "C-1")
    assert said.code == 0, said.err
    assert "F-1 enregistrée" in said.out
    assert "b2c-small" in said.out
    assert terminal.type("why", "C-1", "--language", "en").out.count("recorded") >= 1


def test_why_of_an_unknown_case_says_so(terminal: Terminal) -> None:
    said = terminal.type("why", "NOBODY")
    assert said.code == 1
    assert "no case has this reference" in said.err


def test_refused_rows_come_back_with_their_reason(terminal: Terminal) -> None:
    path = terminal.debts(row("F-1"), row("F-2", amount="-5,00"), row("F-3", due="2026-02-31"))
    said = terminal.type("import", str(path))
    assert said.code == 0
    report = (terminal.home / "debts.refused.csv").read_text(encoding="utf-8-sig")
    assert "F-2" in report
    assert "credit_note" in report
    assert "F-3" in report
    assert "1 new cases" in said.out


def test_a_file_with_wrong_columns_is_refused_whole(terminal: Terminal) -> None:
    path = terminal.write("debts.csv", "client;facture;montant", "A;B;10")
    said = terminal.type("import", str(path))
    assert said.code == 1
    assert "reference" in said.err
    assert terminal.type("import", "--list", "acme-telecom", "--json").out.strip() == "[]"


def test_lint_accepts_every_shipped_campaign(terminal: Terminal) -> None:
    said = terminal.type("campaign", "lint")
    assert said.code == 0, said.out
    assert "0 errors" in said.out


def test_lint_names_the_place_of_a_fault(terminal: Terminal) -> None:
    text = (shipped("campaigns") / "b2c-small.yaml").read_text(encoding="utf-8")
    broken = terminal.write("mine.yaml", text.replace("template: reminder,", "template: remindr,", 1))
    said = terminal.type("campaign", "lint", str(broken))
    assert said.code == 1
    line = next(n for n, words in enumerate(broken.read_text(encoding="utf-8").splitlines(), 1) if "remindr" in words)
    assert f"mine.yaml:{line}:" in said.out
    assert "reminder" in said.out


def test_lint_says_when_a_test_of_the_file_fails(terminal: Terminal) -> None:
    text = (shipped("campaigns") / "b2c-small.yaml").read_text(encoding="utf-8")
    slower = terminal.write("mine.yaml", text.replace("at: due + 5d", "at: due + 9d", 1))
    said = terminal.type("campaign", "lint", str(slower))
    assert said.code == 1
    assert "test_failed" in said.out
    assert "2026-03-07" in said.out


def test_lint_refuses_a_campaign_that_contradicts_its_pack(terminal: Terminal) -> None:
    text = (shipped("campaigns") / "b2c-small.yaml").read_text(encoding="utf-8")
    hasty = terminal.write("hasty.yaml", text.replace("deadline: 15d", "deadline: 2d", 1))
    said = terminal.type("campaign", "lint", str(hasty))
    assert said.code == 1
    assert "8 to 15" in said.out
    business = terminal.write("business.yaml", text.replace("policy: fr-own-b2c", "policy: fr-own-b2b", 1))
    assert "no case can enter" in terminal.type("campaign", "lint", str(business)).out
    text = (shipped("campaigns") / "third-party.yaml").read_text(encoding="utf-8")
    without = terminal.write("no-letter.yaml", text.replace("template: r124-4-letter", "template: reminder", 1))
    assert "r124_4_letter" in terminal.type("campaign", "lint", str(without)).out


def test_a_faulty_campaign_is_not_released(terminal: Terminal) -> None:
    text = (shipped("campaigns") / "b2c-small.yaml").read_text(encoding="utf-8")
    broken = terminal.write("mine.yaml", text.replace("policy: fr-own-b2c", "policy: fr-own-b2d", 1))
    assert terminal.type("campaign", "release", str(broken)).code == 1
    listed = json.loads(terminal.type("campaign", "list", "--json").out)
    assert {item["state"] for item in listed} == {"not released"}


def test_render_writes_every_message_with_an_index(terminal: Terminal) -> None:
    said = terminal.type("campaign", "render", "third-party", "--language", "fr", "--output", "pages")
    assert said.code == 0, said.err
    folder = terminal.home / "pages"
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "cannot be written" not in page
    assert {path.suffix for path in folder.iterdir()} >= {".html", ".txt", ".eml", ".pdf"}
    assert "fr factual" in said.out
    assert "0 warnings" in said.out


def test_render_prints_the_voices_of_a_step_and_what_changes(terminal: Terminal) -> None:
    said = terminal.type(
        "campaign", "render", "b2c-small", "--step", "reminder-2", "--channel", "sms", "--language", "fr"
    )
    assert said.code == 0, said.err
    assert "| sauf erreur, dossier C-1001 à régler." in said.out
    assert "| dossier C-1001 toujours pas réglé." in said.out
    assert "  Payer, répondre, refuser les SMS:" in said.out
    assert not any(terminal.home.glob("**/index.html"))
    told = terminal.type("campaign", "render", "b2c-small", "--step", "reminder-2", "--language", "fr", "--json")
    figures = json.loads(told.out)
    assert {each["voice"] for each in figures} == {"courteous", "factual", "firm"}
    assert all(0 < each["words_per_sentence"] <= 18 and each["faults"] == [] for each in figures)
    assert terminal.type("campaign", "render", "b2c-small", "--step", "nowhere").code == 1


def test_the_schema_is_json_for_editors(terminal: Terminal) -> None:
    schema = json.loads(terminal.type("campaign", "schema").out)
    assert "campaign" in schema["properties"]


def test_a_crisis_starts_is_listed_and_ends(terminal: Terminal) -> None:
    file = str(shipped("campaigns") / "crises" / "spring-floods.yaml")
    assert terminal.type("crisis", "start", file).code == 0
    assert terminal.type("crisis", "start", file).code == 1
    assert terminal.type("crisis", "end", "spring-floods").code == 0
    assert terminal.type("crisis", "end", "nothing").code == 1


def test_a_task_is_answered_once_by_the_right_role(terminal: Terminal) -> None:
    terminal.type("import", str(terminal.debts(row(amount="3,00"))))
    terminal.type("campaign", "release", "b2c-small")
    terminal.type("advance")
    (task,) = json.loads(terminal.type("task", "list", "--json").out)
    assert task["kind"] == "no_campaign"
    listed = terminal.type("task", "list").out
    assert f"\n    {task['id']}\n" in listed  # on a line of its own, whole, to be copied
    assert f"no_campaign for manager, case {task['case_id']}" in listed
    assert terminal.type("task", "done", task["id"], "--role", "agent").code == 1
    assert terminal.type("task", "done", task["id"], "--role", "manager").code == 0
    assert terminal.type("task", "done", task["id"], "--role", "manager").code == 1


def test_an_own_folder_of_campaigns_is_used(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(shipped("campaigns"), mine)
    (mine / "third-party.yaml").unlink()
    monkeypatch.setenv("RELANCE_CAMPAIGNS", str(mine))
    listed = json.loads(terminal.type("campaign", "list", "--json").out)
    assert "third-party" not in {item["campaign"] for item in listed}


def test_a_round_that_only_observes_says_where_to_read_it(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELANCE_NOW", "2026-03-10T10:00:00+01:00")
    terminal.type("import", str(terminal.debts(row(), row(reference="F-2", debtor="C-2"))))
    terminal.type("campaign", "release")
    said = terminal.type("advance").out
    assert "relance why CASE" in said
    assert "what was sent" not in said


def test_a_narrow_terminal_reads_why_nothing_was_sent_below_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {"b2c": [("step-1", "-", "", "", "2 no channel is possible"), ("step-2", "e-mail", 3, 3, "")]}
    for width, below in ((80, ["  b2c step-1: 2 no channel is possible"]), (200, [])):
        monkeypatch.setattr(console, "width", width)
        print_sections("T", ("step", "channel", "planned", "left", "why"), rows)
        seen = capsys.readouterr().out.splitlines()
        assert [line for line in seen if line.startswith("  b2c step-1")] == below
        assert sum("2 no channel is possible" in line for line in seen) == 1
