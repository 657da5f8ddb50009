"""How long a session lives: not longer than a working day, nor unused for long.

Times are the database's and stand in the session itself; the time of the last use is written
anew once in a while, not with every page.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest

from huitouke.language import N_
from huitouke.service.backoffice.account.acting import actor_of
from huitouke.service.backoffice.account.wording import say
from huitouke.service.core import audit, clock

__all__ = ["begin", "over"]

_BEGAN = "staff.began"
_SEEN = "staff.seen"
_PARTS = 20  # The last use is known to a twentieth of the time allowed.
_ENDED = N_("You were away for a while and are signed out. Sign in to go on.")
_LONG = N_("You signed in many hours ago and are signed out. Sign in to go on.")


def begin(request: HttpRequest) -> None:
    """Note in the session that it begins now.

    Parameters
    ----------
    request
        Of somebody who just signed in.
    """
    at = clock.now().timestamp()
    request.session[_BEGAN] = at
    request.session[_SEEN] = at


def over(request: HttpRequest) -> bool:
    """Say whether a session is over, and end it then.

    Parameters
    ----------
    request
        Of somebody who is signed in.
    """
    session, at = request.session, clock.now()
    idle = timedelta(minutes=settings.SIGNING.idle_minutes)
    began, seen = _moment(session.get(_BEGAN)), _moment(session.get(_SEEN))
    tired = began is None or at - began >= timedelta(hours=settings.SIGNING.hours)
    if tired or seen is None or at - seen >= idle:
        _end(request, tired=tired)
        return True
    if at - seen >= idle / _PARTS:
        session[_SEEN] = at.timestamp()
    return False


def _moment(kept: float | None) -> datetime | None:
    return None if kept is None else datetime.fromtimestamp(kept, tz=UTC)


def _end(request: HttpRequest, *, tired: bool) -> None:
    who = actor_of(request)
    audit.note(
        "staff.session_ended",
        actor=who,
        target=who.name,
        facts={"why": "age" if tired else "idle"},
    )
    logout(request)
    messages.info(request, say(_LONG if tired else _ENDED))
