"""What listening needs of the settings: secrets that can verify, said before the first webhook is refused."""

import base64

import pytest

from orchestrator.checks import check
from orchestrator.domain.errors import InputError
from orchestrator.settings import read_settings
from tests.deployment.conftest import PUBLIC, Site

ONE = "whsec_" + base64.b64encode(b"a key of thirty-two bytes, no less").decode()
TWO = "whsec_" + base64.b64encode(b"another one, while they are changed").decode()
LANES = """
lanes:
  - id: mail
    channel: email
    provider: sendgrid
    settings: {api_key: {env: SENDGRID_API_KEY}}
    webhook_secrets: [{env: SENDGRID_WEBHOOK_KEY}, {env: SENDGRID_OLD_KEY}]
"""


@pytest.mark.parametrize("text", [f"{ONE} {TWO}", f"{ONE},{TWO}", f" {ONE} ,\t{TWO},"])
def test_several_secrets_of_partners_are_live_at_once(text: str) -> None:
    assert read_settings({"RELANCE_PARTNER_SECRETS": text}).partner_secrets == (ONE, TWO)


def test_without_one_there_is_none() -> None:
    assert read_settings({}).partner_secrets == ()


@pytest.mark.parametrize("text", ["whsec_", "whsec_QUJD", "my secret is hush", f"{ONE} hush", "whsec_é"])
def test_what_can_verify_nothing_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InputError) as refused:
        read_settings({"RELANCE_PARTNER_SECRETS": text})
    assert refused.value.where == "RELANCE_PARTNER_SECRETS"
    assert "hush" not in str(refused.value)


def test_a_key_that_would_refuse_every_webhook_is_said(site: Site) -> None:
    place = site.deployment(LANES=site.lanes(LANES), PUBLIC_URL=PUBLIC)
    place.environ = {**place.environ, "SENDGRID_OLD_KEY": "hush, no key"}
    found = [fault for fault in check(place) if fault.id == "webhook_secret_unusable"]
    assert [(fault.severity, fault.where) for fault in found] == [("error", "lane mail")]
    assert "SENDGRID_OLD_KEY" in str(found[0])
    assert "hush" not in str(found[0])
