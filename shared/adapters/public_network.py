"""Connections to public addresses only, so that a webhook cannot reach inside; it leaves HTTP and TLS to httpcore.

The host is resolved here and the connection goes to exactly the address that was checked, so a name that changes
its address in between gains nothing. https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpcore

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[Address]]]

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""https://www.iana.org/assignments/ipv6-address-space: all that is assigned as global unicast."""

NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: an IPv4 address for a translator is in the last 32 bits."""


class AddressRefused(httpcore.ConnectError):
    """The host has an address that is not public."""


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """Network backend for httpcore that connects to public addresses only. Raise AddressRefused for others."""

    def __init__(self, resolve: Resolve | None = None) -> None:
        self._resolve = resolve or resolved
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (httpcore's signature)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first of the host's addresses that answers, if all of them are public."""
        addresses = await self._checked(host, port)
        share = None if timeout is None else timeout / len(addresses)
        for address in addresses:
            try:
                return await self._network.connect_tcp(str(address), port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
        raise fault

    async def _checked(self, host: str, port: int) -> list[Address]:
        try:
            addresses = await self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} has no address") from error
        if not all(is_public(address) for address in addresses):
            raise AddressRefused(host)
        return addresses


async def resolved(host: str, port: int) -> list[Address]:
    """Return the host's addresses in the system's order. Raise OSError where there is none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(sockaddr[0]) for *_, sockaddr in found]


def is_public(address: Address) -> bool:
    """Return whether the address, and any IPv4 address wrapped in it, is a unicast one on the public internet."""
    if isinstance(address, IPv4Address):
        return address.is_global and not (address.is_multicast or address.is_reserved)
    wrapped = _wrapped(address)
    if wrapped is not None:
        return is_public(wrapped)
    return address in GLOBAL_UNICAST and address.is_global


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
