"""docs/outgoing-webhooks.md shows every event as it is really told."""

import json
import re
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from channels import standard_webhooks
from channels.contract import DeliveryStatus
from orchestrator.domain import events as ev
from orchestrator.domain.condition import OneOf
from orchestrator.domain.debt import Payment
from orchestrator.domain.interruption import Pause
from orchestrator.storage.outbox_bodies import TYPES, Account, Data, data_of, message_of, name_of, pause_data
from tests.storage.portfolio import NOW
from tests.storage.test_outbox import A_HOLD, A_PROMISE, a_departure, a_receipt

PAGE = Path(__file__).parents[2].joinpath("docs", "outgoing-webhooks.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(text) for text in re.findall(r"```json\n(.*?)\n```", PAGE, re.DOTALL)]
ACCOUNT = Account("c1", "acme", "C-1", "EUR")
MESSAGE: Data = {"campaign": "b2c-small", "step": "reminder-1", "channel": "sms"}
FACTS: list[Any] = [
    a_departure(),
    a_receipt(DeliveryStatus.DELIVERED),
    ev.MessageCancelled(id="refused:a1", at=NOW, message_id="m1", why="address: 21211"),
    ev.ReplyReceived(id="r", at=NOW, channel="sms", reading="promise"),
    ev.PromiseMade(id="e", at=NOW, promise=A_PROMISE),
    ev.PromiseKept(id="e", at=NOW, promise_id="p"),
    ev.PromiseBroken(id="e", at=NOW, promise_id="p"),
    ev.DisputeOpened(id="e", at=NOW, hold=A_HOLD),
    ev.DisputeResolved(id="e", at=NOW, hold_id="h", outcome="x"),
    ev.PaymentReceived(id="e", at=NOW, payment=Payment("P", 1, date(2026, 3, 1))),
    ev.CaseClosed(id="e", at=NOW, outcome="paid"),
    ev.HandedOver(id="e", at=NOW, stage="counsel"),
]


def test_every_kind_has_its_example_in_the_order_of_the_list() -> None:
    assert tuple(example["type"] for example in EXAMPLES) == TYPES


@pytest.mark.parametrize("fact", FACTS, ids=name_of)
def test_an_example_has_the_fields_that_are_told(fact: Any) -> None:
    (example,) = [each for each in EXAMPLES if each["type"] == name_of(fact)]
    data = data_of(fact, ACCOUNT, MESSAGE if message_of(fact) else None)
    assert _shape(example["data"]) == _shape(data)
    assert set(example) == {"type", "timestamp", "data"}


def test_the_examples_of_pauses_have_the_fields_that_are_told() -> None:
    scope = OneOf("campaign", frozenset({"b2c-small"}))
    pause = Pause(id="p", scope=scope, since=NOW, reason="x", by="ann", channels=("sms",))
    for example in EXAMPLES[-2:]:
        assert set(example["data"]) == set(pause_data(pause, ""))
        assert example["data"]["scope"] == pause_data(pause, "")["scope"]


def _shape(data: Any) -> Any:
    return {name: _shape(value) for name, value in data.items()} if isinstance(data, dict) else type(data)


SECRET = "whsec_" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
BODY = b'{"type":"ping"}'


def test_the_page_verifies_what_we_sign_in_python() -> None:
    (code,) = re.findall(r"```python\n(.*?)\n```", PAGE, re.DOTALL)
    made: dict[str, Any] = {}
    exec(code, made)  # noqa: S102 - the very lines that readers copy
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": "v1,bm90aGluZw== " + standard_webhooks.sign(SECRET, "msg_1", now, BODY),
    }
    is_from_relance = made["is_from_relance"]
    assert is_from_relance(headers, BODY, SECRET)
    assert not is_from_relance(headers, BODY + b" ", SECRET)
    assert not is_from_relance({**headers, "webhook-timestamp": "1"}, BODY, SECRET)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="this machine has no openssl")
def test_the_page_verifies_what_we_sign_by_hand(tmp_path: Path) -> None:
    (code,) = re.findall(r"```sh\n(.*?)\n```", PAGE, re.DOTALL)
    tmp_path.joinpath("body").write_bytes(BODY)
    environ = {"SECRET": SECRET, "ID": "msg_1", "TIMESTAMP": str(int(NOW.timestamp())), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["sh", "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)
    assert "v1," + done.stdout.strip() == standard_webhooks.sign(SECRET, "msg_1", NOW, BODY)
