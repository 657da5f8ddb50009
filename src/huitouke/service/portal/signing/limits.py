"""How often codes are asked for and guessed, for all server processes together."""

from __future__ import annotations

import ipaddress
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest

from huitouke.language import N_
from huitouke.service.core import attempts, audit
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.errors import ServiceError

__all__ = ["TooManyTries", "may_send", "network_of", "take_ask", "take_guess", "take_heard"]

_HOUR = timedelta(hours=1)
_ASK_NETWORK = attempts.Limit("my.ask.network", most=30, window=_HOUR, lock=_HOUR)
_ASK_ADDRESS = attempts.Limit("my.ask.address", most=6, window=_HOUR, lock=_HOUR)
_GUESS_NETWORK = attempts.Limit("my.guess.network", most=60, window=_HOUR, lock=_HOUR)
_GUESS_ADDRESS = attempts.Limit("my.guess.address", most=20, window=_HOUR, lock=_HOUR)
_HEARD = attempts.Limit("my.heard", most=20, window=_HOUR, lock=_HOUR)
_NOBODY = "cus_unknown"


class TooManyTries(ServiceError):
    """Codes were asked for, or guessed, too often."""

    code = "portal.too_many_tries"
    status = 429
    says = N_("There were too many tries. No more codes are looked at for {minutes} minutes.")
    remedy = N_("Wait, then ask for a new code; or show your phone number at the till.")


def network_of(request: HttpRequest) -> str:
    """Return the network that a request came from: one IPv4 address, or 64 bits of IPv6.

    Parameters
    ----------
    request
        Behind a proxy the last address that it wrote down is believed, no other.
    """
    said = request.META.get("REMOTE_ADDR", "")
    if settings.MEMBERS.behind_proxy:
        forwarded = request.headers.get("X-Forwarded-For", "")
        said = forwarded.rpartition(",")[2].strip() or said
    try:
        found = ipaddress.ip_address(said)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _take(limit: attempts.Limit, *, subject: str) -> None:
    try:
        attempts.take(limit, subject=subject)
    except attempts.LockedOut as error:
        if error.values["began"]:
            facts = {"kind": limit.kind, "minutes": error.values["minutes"]}
            audit.note("member.locked_out", actor=SYSTEM, target=_NOBODY, facts=facts)
        minutes, seconds = error.values["minutes"], error.values["retry_after"]
        raise TooManyTries(minutes=minutes, retry_after=seconds) from None


def take_ask(request: HttpRequest) -> None:
    """Count that a network asks for a code.

    Parameters
    ----------
    request
        Where from.

    Raises
    ------
    TooManyTries
        If it asks too often.
    """
    _take(_ASK_NETWORK, subject=network_of(request))


def may_send(address: str) -> bool:
    """Count that a code goes to an address, and say whether it still may; nobody is told.

    Parameters
    ----------
    address
        Kind and value; whether anybody has it makes no difference.
    """
    try:
        _take(_ASK_ADDRESS, subject=address)
    except TooManyTries:
        return False
    return True


def take_guess(request: HttpRequest, *, address: str) -> None:
    """Count a code that is about to be looked at.

    Parameters
    ----------
    request
        Where from.
    address
        For which address.

    Raises
    ------
    TooManyTries
        If there were too many.
    """
    _take(_GUESS_NETWORK, subject=network_of(request))
    _take(_GUESS_ADDRESS, subject=address)


def take_heard(customer: str) -> None:
    """Count that a member looks a friend's code up.

    Parameters
    ----------
    customer
        Public id.

    Raises
    ------
    TooManyTries
        If there were too many.
    """
    _take(_HEARD, subject=customer)
