"""Opens a connection to the first of some addresses that answers, within one deadline. Speaks no protocol."""

import socket
from collections.abc import Sequence
from typing import Any

from channels import boot_clock


def dialled(addresses: Sequence[tuple[Any, ...]], deadline: float) -> socket.socket:
    """A connection to one of these, as `socket.getaddrinfo` gives them. Raises OSError, that of the last one tried."""
    cause: OSError = TimeoutError()
    for number, (family, kind, protocol, _, address) in enumerate(addresses):
        remaining = (deadline - boot_clock.now()) / (len(addresses) - number)  # each address has its share
        if remaining <= 0:
            break
        plug = socket.socket(family, kind, protocol)
        try:
            plug.settimeout(remaining)
            plug.connect(address)
            plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # refused when the server has reset already
        except OSError as error:
            plug.close()
            cause = error
        else:
            return plug
    raise cause
