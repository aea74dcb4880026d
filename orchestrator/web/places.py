"""Where a request comes from, as far as it tells one visitor from another. Believes proxies that are named, no more.

Nobody else reads `X-Forwarded-*`: the server is told not to, and addresses in links are those of the settings.
"""

from collections.abc import Collection, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import Request

from orchestrator.settings import Network

# From there speaks a proxy that was not named, for anybody: what one of them does must not cost the others their turn.
_WITHIN = tuple(
    map(
        ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"),
    )
)
_LONGEST_ADDRESS = 60  # characters, with brackets, a zone and a port
_MOST_HOPS = 20

Address = IPv4Address | IPv6Address


def place_of(request: Request, proxies: Collection[Network]) -> str:
    """The address of the visitor, of IPv6 its network of 64 bits; empty where it tells nobody from anybody else.

    What a named proxy forwards is read from its end: each proxy adds whom it heard, so what stands before the last one
    that is no proxy was written by the visitor.
    """
    peer = _address(request.client.host if request.client else "")
    if peer is None:
        return ""
    if not _is_among(peer, proxies):
        return "" if _is_among(peer, _WITHIN) else _shown(peer)
    visitor = None
    for hop in _hops(request):
        visitor = _address(hop)
        if visitor is None or not _is_among(visitor, proxies):
            break
    return "" if visitor is None else _shown(visitor)


def _hops(request: Request) -> Iterator[str]:
    """Whom the proxies heard, the nearest first."""
    lists = request.headers.getlist("x-forwarded-for")
    told = [hop for each in lists for hop in each.split(",")]
    return reversed(told[-_MOST_HOPS:])


def _address(text: str) -> Address | None:
    """An address, with or without a port; None for what is none."""
    text = text.strip()
    if len(text) > _LONGEST_ADDRESS:
        return None
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _is_among(address: Address, networks: Collection[Network]) -> bool:
    return any(address in network for network in networks)


def _shown(address: Address) -> str:
    """Of IPv6 the network, for everybody has 2^64 addresses."""
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else str(address)
