"""Whom an address stands for, as far as a limit is concerned. Pure."""

from __future__ import annotations

import ipaddress

IPV6_PREFIX_BITS = 64
"""One household or machine has at least as many addresses as that; to count each would be no limit."""
NEIGHBORHOOD_BITS = {4: 24, 6: 56}
"""Who has many addresses has them side by side: so many bits of them are the same."""


def client_of(address: str) -> str:
    """The address itself, or the network of an IPv6 address; what is no address stands for itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, IPV6_PREFIX_BITS), strict=False))
    return str(found)


def neighborhood_of(address: str) -> str:
    """The network of an address and its neighbors (/24, or /56 of IPv6); what is no address stands for itself."""
    client = client_of(address).partition("/")[0]
    try:
        found = ipaddress.ip_address(client)
    except ValueError:
        return client
    return str(ipaddress.ip_network((found, NEIGHBORHOOD_BITS[found.version]), strict=False))
