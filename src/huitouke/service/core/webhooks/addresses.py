"""Where webhooks may go: https to public addresses, and nowhere inside."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

import httpcore
from django.conf import settings

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError

__all__ = ["AddressRefused", "GuardedNetwork", "checked_url", "is_public"]

_URL_MOST = 2_000
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# All of IPv6 that was ever given out to the internet; and IPv4 addresses of protocols, at
# one of which a cloud keeps the secrets of its machines.
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")


class AddressRefused(ServiceError):
    """A webhook may not go to this address."""

    code = "core.webhook_address_refused"
    status = 422
    says = N_("Webhooks cannot go to this address: {why}.")
    remedy = N_("Give an https address that everybody on the internet may reach.")


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the open internet.

    Parameters
    ----------
    address
        IPv4 or IPv6; an IPv4 address inside IPv6 counts as itself.

    Examples
    --------
    >>> [is_public(each) for each in ("93.184.216.34", "10.0.0.1", "::ffff:127.0.0.1")]
    [True, False, False]
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = None
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
    found = inner or found
    if isinstance(found, ipaddress.IPv6Address):
        return found.is_global and found in _GIVEN_OUT
    return found.is_global and not found.is_multicast and found not in _PROTOCOLS


def checked_url(url: str) -> str:
    """Return an address that webhooks may be sent to.

    The name is looked up again at each delivery: what it leads to may change.

    Parameters
    ----------
    url
        What the merchant gave.

    Raises
    ------
    AddressRefused
        If it is not https, holds a login, or leads to a private address.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressRefused(why="URL") from error
    written = url.isascii() and url.isprintable() and " " not in url
    if len(url) > _URL_MOST or not host or not written or port == 0:
        raise AddressRefused(why="URL")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(why="user:password@")
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.WEBHOOK_PRIVATE):
        raise AddressRefused(why=f"{parts.scheme or '-'}://"[:40])
    _resolved(host, port=port or 443)
    return url


def _resolved(host: str, *, port: int) -> list[str]:
    """Return the addresses of a host, all of them public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(why=f"DNS: {host[:80]}") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not settings.WEBHOOK_PRIVATE:
        for address in addresses:
            if not is_public(address):
                # Where a name leads inside is not for whoever asks.
                raise AddressRefused(why=host[:80])
    return addresses


class GuardedNetwork(httpcore.NetworkBackend):
    """Opens connections to the very address that was looked at.

    Between a check by name and a connection by name the name may change what it leads to;
    here the checked address itself is connected. TLS still proves the name.
    """

    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()

    def connect_tcp(  # noqa: PLR0917 - the shape is httpcore's
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a connection to the first address of a host that answers.

        Raises
        ------
        AddressRefused
            If the host leads to a private address.
        """
        failure: Exception = httpcore.ConnectError("no address")
        for address in _resolved(host, port=port)[:3]:
            try:
                return self._plain.connect_tcp(
                    address,
                    port,
                    timeout=timeout,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure
