"""The secrets that sign what endpoints are told: derived from the key of the deployment, stored nowhere."""

import base64
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from orchestrator.storage.endpoints import Endpoint

# After a rotation both secrets sign for so long.
OVERLAP = timedelta(hours=24)
_BYTES = 32


def secret_of(secret_key: str, endpoint_id: str, generation: int) -> str:
    """`whsec_` and base64, as receivers of Standard Webhooks expect it."""
    info = f"relance endpoint {endpoint_id} {generation}".encode()
    derived = HKDF(algorithm=SHA256(), length=_BYTES, salt=None, info=info).derive(secret_key.encode())
    return "whsec_" + base64.b64encode(derived).decode()


def secrets_of(secret_key: str, endpoint: Endpoint, *, real_now: datetime) -> tuple[str, ...]:
    """Those that sign now: the current one, and for a day after a rotation the one before."""
    generations = [endpoint.generation]
    if endpoint.rotated_at is not None and real_now < endpoint.rotated_at + OVERLAP:
        generations.append(endpoint.generation - 1)
    return tuple(secret_of(secret_key, endpoint.id, each) for each in generations)
