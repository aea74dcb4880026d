"""Which addresses of the internet an endpoint may have: none of a private network, none of this machine.

Who may add an endpoint must not be able to make Relance talk to what stands beside it (a database, a metadata service).
"""

import ipaddress

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet; an IPv4 address within an IPv6 one is looked at itself."""
    try:
        found: _Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    return all(_is_public(each) for each in (found, *_inner(found)))


def _is_public(address: _Address) -> bool:
    return _is_nat64(address) or (address.is_global and not address.is_multicast and not address.is_reserved)


def _is_nat64(address: _Address) -> bool:
    """Says nothing of itself: what counts is the address within."""
    return isinstance(address, ipaddress.IPv6Address) and address in _NAT64


def _inner(address: _Address) -> list[_Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found: list[_Address] = [each for each in (address.ipv4_mapped, address.sixtofour) if each is not None]
    if address.teredo is not None:
        found += address.teredo
    if _is_nat64(address):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return found
