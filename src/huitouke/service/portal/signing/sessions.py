"""Sessions of members: a cookie and a table of their own, apart from those of staff."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.utils.crypto import get_random_string

from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.portal.models import Session

__all__ = ["Me", "begin", "end", "end_all", "forget_old", "me_of"]

_PARTS = 20  # The last use is known to a twentieth of the time allowed.
_FIND = """
SELECT id, customer_id, core_now(), seen_at < core_now() - %s
  FROM portal_session
 WHERE secret_hash = %s AND began_at > core_now() - %s AND seen_at > core_now() - %s
"""


@dataclass(frozen=True)
class Me:
    """The member who is signed in.

    Parameters
    ----------
    session
        Id of the session.
    customer
        Id of the person's record.
    at
        The moment of the request.
    """

    session: UUID
    customer: UUID
    at: datetime

    @property
    def actor(self) -> Actor:
        """As whom the member acts."""
        return Actor("member", public_id("cus", self.customer))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _lives() -> tuple[timedelta, timedelta]:
    """Return how long a session lives with, and without, use."""
    ours = settings.MEMBERS
    return timedelta(days=ours.session_days), timedelta(days=ours.session_idle_days)


def me_of(request: HttpRequest) -> Me | None:
    """Return who is signed in with this browser, or None.

    Parameters
    ----------
    request
        Its cookie is looked at, and nothing of the staff's.
    """
    secret = request.COOKIES.get(settings.MEMBERS.cookie, "")
    if not secret:
        return None
    whole, idle = _lives()
    values: list[Any] = [idle / _PARTS, _hash(secret), whole, idle]
    with connection.cursor() as cursor:
        cursor.execute(_FIND, values)
        found = cursor.fetchone()
        if found is None:
            return None
        if found[3]:
            cursor.execute(
                "UPDATE portal_session SET seen_at = core_now() WHERE id = %s", [found[0]]
            )
    return Me(session=found[0], customer=found[1], at=found[2])


def begin(
    request: HttpRequest, response: HttpResponse, *, customer: UUID, at: datetime
) -> Session:
    """Sign a member in: a new session under a new secret; one that was there is ended.

    Parameters
    ----------
    request
        Of the browser; its mark against forged forms is changed, too.
    response
        Gets the cookie.
    customer
        Who it is.
    at
        The present moment.
    """
    _end(request)
    secret = get_random_string(43)
    made = Session.objects.create(
        id=new_id(),
        secret_hash=_hash(secret),
        customer_id=customer,
        began_at=at,
        seen_at=at,
    )
    rotate_token(request)
    ours = settings.MEMBERS
    response.set_cookie(
        ours.cookie,
        secret,
        max_age=ours.session_days * 86_400,
        secure=ours.https,
        httponly=True,
        samesite="Lax",
    )
    name = public_id("cus", customer)
    audit.note("member.signed_in", actor=Actor("member", name), target=name)
    return made


def _end(request: HttpRequest) -> None:
    secret = request.COOKIES.get(settings.MEMBERS.cookie, "")
    if secret:
        Session.objects.filter(secret_hash=_hash(secret)).delete()


def end(request: HttpRequest, response: HttpResponse) -> None:
    """Sign this browser out.

    Parameters
    ----------
    request
        Of the browser.
    response
        Takes the cookie away.
    """
    _end(request)
    rotate_token(request)
    ours = settings.MEMBERS
    response.set_cookie(
        ours.cookie, "", max_age=0, secure=ours.https, httponly=True, samesite="Lax"
    )


def end_all(me: Me) -> int:
    """Sign a member out of every browser, and say of how many.

    Parameters
    ----------
    me
        Who.
    """
    count, _ = Session.objects.filter(customer=me.customer).delete()
    name = public_id("cus", me.customer)
    audit.note("member.signed_out_everywhere", actor=me.actor, target=name)
    return count


def forget_old() -> int:
    """Forget sessions that are over, and say how many they were."""
    whole, idle = _lives()
    values: list[Any] = [whole, idle]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM portal_session"
            " WHERE began_at < core_now() - %s OR seen_at < core_now() - %s",
            values,
        )
        found: int = cursor.rowcount
    return found
