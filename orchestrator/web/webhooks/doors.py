"""Which webhooks are listened to: those of providers with a secret to verify them, and the feed of partners."""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from channels.provider import Secrets, Webhook
from channels.registry import PROVIDERS, webhooks
from orchestrator.bootstrap import Deployment
from orchestrator.web.webhooks.partner import SOURCE as PARTNER
from orchestrator.web.webhooks.partner import payments_webhook

PREFIX = "/webhooks/"


class Door(msgspec.Struct, frozen=True):
    """One address: `source` is what stands behind `/webhooks/`, such as `twilio/status`."""

    source: str
    webhook: Webhook
    secrets: Secrets


def doors(deployment: Deployment, *, clock: Callable[[], datetime]) -> Mapping[str, Door]:
    """The doors by path; one without a secret does not exist. Raises FileErrors when the lanes cannot be read.

    `clock` tells the wall's instant.
    """
    found = [
        Door(f"{name}/{kind}", webhook, deployment.webhook_secrets(name))
        for name in PROVIDERS
        if deployment.webhook_secrets(name)
        for kind, webhook in webhooks(name).items()
    ]
    found.append(Door(PARTNER, payments_webhook(clock), deployment.settings.partner_secrets))
    return {PREFIX + door.source: door for door in found if door.secrets}
