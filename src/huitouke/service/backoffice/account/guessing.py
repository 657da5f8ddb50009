"""Guessing passwords and codes: counted per address, network and person, and told the log.

A browser in which somebody signed in before is known by a cookie and counted apart: who
guesses at an address from elsewhere cannot lock its owner out of their own browser.
"""

from __future__ import annotations

import ipaddress
from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

from huitouke.service.core import attempts, audit
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.ids import public_id
from huitouke.service.core.models import Staff

__all__ = [
    "UNKNOWN",
    "ask_for_link",
    "code_succeeded",
    "failed",
    "lift",
    "network_of",
    "remember",
    "succeeded",
    "try_code",
    "try_password",
]

#: Who is noted when an address is nobody's.
UNKNOWN = "stf_unknown"
_KNOWN_COOKIE = "huitouke_known"
_KNOWN_SECONDS = 180 * 86_400
_SALT = "backoffice.known"
_NETWORK_TIMES = 5
_CODES = 5
_LINKS = 3
_LINKS_FROM_NETWORK = 20
_HOUR = timedelta(hours=1)


def _limit(kind: str, *, most: int) -> attempts.Limit:
    span = timedelta(minutes=settings.SIGNING.lock_minutes)
    return attempts.Limit(kind, most=most, window=span, lock=span)


def _network() -> attempts.Limit:
    return _limit("sign_in.network", most=settings.SIGNING.failures * _NETWORK_TIMES)


def _address() -> attempts.Limit:
    return _limit("sign_in.address", most=settings.SIGNING.failures)


def _code() -> attempts.Limit:
    return _limit("sign_in.code", most=_CODES)


def network_of(request: HttpRequest) -> str:
    """Return the network that a request came from: one IPv4 address, or 64 bits of IPv6.

    Parameters
    ----------
    request
        The request.
    """
    found = ipaddress.ip_address(get_adapter().get_client_ip(request))
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _who(address: str) -> str:
    """Return the public id of who has an address; the log gets no address."""
    found = Staff.objects.filter(username=address).values_list("id", flat=True).first()
    return UNKNOWN if found is None else public_id("stf", found)


def _take(limit: attempts.Limit, *, subject: str, who: str) -> None:
    try:
        attempts.take(limit, subject=subject)
    except attempts.LockedOut as error:
        if error.values["began"]:
            facts = {"kind": limit.kind, "minutes": error.values["minutes"]}
            audit.note("staff.locked_out", actor=SYSTEM, target=who, facts=facts)
        raise


def _subject(request: HttpRequest, address: str) -> str:
    """Return under what an address is counted: apart in a browser that is known for it."""
    try:
        known = signing.loads(
            request.COOKIES.get(_KNOWN_COOKIE, ""), salt=_SALT, max_age=_KNOWN_SECONDS
        )
    except signing.BadSignature:
        return address
    same = isinstance(known, dict) and known.get("who") == _who(address)
    return f"{address} {known['mark']}" if same else address


def try_password(request: HttpRequest, *, address: str) -> None:
    """Count a password that is about to be looked at.

    Parameters
    ----------
    request
        Where from.
    address
        Whose, in lower case.

    Raises
    ------
    LockedOut
        If there were too many.
    """
    who = _who(address)
    _take(_network(), subject=network_of(request), who=who)
    _take(_address(), subject=_subject(request, address), who=who)


def succeeded(request: HttpRequest, *, address: str) -> None:
    """Take the count of a right password back.

    Parameters
    ----------
    request, address
        As it was counted.
    """
    attempts.give_back(_network(), subject=network_of(request))
    attempts.forget(_address(), subject=_subject(request, address))


def failed(*, address: str, how: str) -> None:
    """Note that somebody could not sign in.

    Parameters
    ----------
    address
        What was typed, in lower case.
    how
        By what: ``"password"``, ``"oidc"``.
    """
    audit.note("staff.sign_in_failed", actor=SYSTEM, target=_who(address), facts={"how": how})


def try_code(person: Staff) -> None:
    """Count a code of a second factor that is about to be looked at.

    Parameters
    ----------
    person
        Whose.

    Raises
    ------
    LockedOut
        If there were too many.
    """
    _take(_code(), subject=str(person.pk), who=public_id("stf", person.pk))


def code_succeeded(person: Staff) -> None:
    """Forget wrong codes of a person: the right one came.

    Parameters
    ----------
    person
        Who.
    """
    attempts.forget(_code(), subject=str(person.pk))


def lift(person: Staff) -> None:
    """Open an address that was locked: its owner set a new password by a link.

    A lock on codes stays. Otherwise whoever reads the mail could guess codes without end.

    Parameters
    ----------
    person
        Who.
    """
    attempts.forget(_address(), subject=person.username)


def ask_for_link(request: HttpRequest, *, address: str) -> bool:
    """Say whether a link may be sent to an address once more.

    Parameters
    ----------
    request
        Where from.
    address
        Where to, in lower case.

    Raises
    ------
    LockedOut
        If the network asks too often; of an address that is asked for too often nothing is
        told, for it may be somebody's.
    """
    network = attempts.Limit("link.network", most=_LINKS_FROM_NETWORK, window=_HOUR, lock=_HOUR)
    one = attempts.Limit("link.address", most=_LINKS, window=_HOUR, lock=_HOUR)
    who = _who(address)
    _take(network, subject=network_of(request), who=who)
    try:
        _take(one, subject=address, who=who)
    except attempts.LockedOut:
        return False
    return True


def remember(request: HttpRequest, response: HttpResponse, *, person: Staff) -> None:
    """Make a browser known as one in which this person signed in.

    Parameters
    ----------
    request
        By which they did.
    response
        Its answer, which sets the cookie.
    person
        Who.
    """
    if _subject(request, person.username) != person.username:
        return
    who = {"who": public_id("stf", person.pk), "mark": get_random_string(16)}
    response.set_cookie(
        _KNOWN_COOKIE,
        signing.dumps(who, salt=_SALT),
        max_age=_KNOWN_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
