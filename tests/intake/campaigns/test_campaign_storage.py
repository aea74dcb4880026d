"""A campaign survives being stored as JSON and read back, whatever it says."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.campaign import Campaign
from orchestrator.intake.campaigns.campaign_yaml import canonical, load_campaign
from orchestrator.intake.strict_yaml.source import parse
from tests.intake.campaigns.campaign_fixtures import EXAMPLE, SHIPPED, TEMPLATES, load

_SPANS = st.builds(lambda n, u: f"{n}{u}", st.integers(1, 90), st.sampled_from(["d", "w", "h", " months"]))
_CONDITIONS = st.sampled_from(
    [
        "{balance: {from: 20 EUR}}",
        "{not: {marks: [vulnerable]}, debtor: business}",
        "{any: [{sector: [hotels]}, {phone: yes}]}",
        '{postcode: ["62", "59"]}',
        "{overdue: {from: 3d, below: 2w}}",
    ]
)


@st.composite
def campaign_texts(draw: st.DrawFn) -> str:
    """A valid campaign: a first dated step, then some of each kind of step, then an end."""
    lines = [
        "campaign: drawn", "title: Tirée", "policy: fr-own-b2c", f"priority: {draw(st.integers(0, 99))}",
        f"audience: {draw(_CONDITIONS)}", f"gap: {draw(_SPANS)}",
        f"creditor: {draw(st.sampled_from(['any', '[a, b-2]']))}",
        f"limits: {{rate: {draw(st.integers(1, 900))}/min, cost: {draw(st.integers(1, 99))}.50 EUR per day}}",
        ("agreements: {plan: {instalments: {to: 3}, first_within: 9d, every: 1 month, minimum: 5 EUR}, "
        f"settlement: {{down_to: {draw(st.integers(1, 99))} %, approve: {{by: admin, if: {draw(_CONDITIONS)}}}}}}}"),
        f"voice: [{{if: {draw(_CONDITIONS)}, soften: 1}}]",
        f"guards: [{{metric: bounce_rate, over: 0.{draw(st.integers(1, 9))} %, window: 1d, minimum: 9, do: warn}}]",
        f"reactions: {{payment.full: {{close: paid}}, reply.received: {{task: read, within: {draw(_SPANS)}}}}}",
        "steps:", f"  - {{id: s, at: due + {draw(st.integers(0, 60))}d, call: {{script: hello}}}}",
    ]  # fmt: skip
    kinds = [
        "send: {template: reminder, voice: factual, offer: [plan]}, channel: [{use: [sms, letter]}]",
        "send: {template: formal-notice, voice: formal, deadline: 15d}, channel: [{use: registered}], amounts: claim",
        "call: {script: again, to: owner, priority: 3}",
        "request: {action: block_orders, approve: {by: manager, within: 2 business days}}",
    ]
    for index, kind in enumerate(draw(st.lists(st.sampled_from(kinds), max_size=4))):
        lines.append(f"  - {{id: s-{index}, after: {draw(_SPANS)}, if: {draw(_CONDITIONS)}, {kind}}}")
    lines.append(f"  - {{id: end, after: 9d, choose: [{{if: {draw(_CONDITIONS)}, close: small}}, {{close: x}}]}}")
    return "\n".join(lines) + "\n"


@given(campaign_texts())
def test_any_valid_campaign_survives_storage(text: str) -> None:
    campaign = load_campaign(parse(text, name="drawn.yaml"), templates=TEMPLATES)
    stored = msgspec.json.encode(campaign)
    assert msgspec.json.decode(stored, type=Campaign) == campaign
    again = msgspec.json.decode(stored, type=Campaign)
    assert canonical(again) == canonical(campaign)


@pytest.mark.parametrize("path", [*SHIPPED, EXAMPLE], ids=lambda path: path.stem)
def test_shipped_campaigns_survive_storage(path: Path) -> None:
    campaign = load(path).campaign
    assert msgspec.json.decode(msgspec.json.encode(campaign), type=Campaign) == campaign
