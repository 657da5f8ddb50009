"""Background work of signing in: letters, and forgetting what is over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import close_old_connections
from procrastinate.contrib.django import app

from huitouke.service.backoffice.account import letters
from huitouke.service.core import attempts, clock, links
from huitouke.service.core.models import Staff

__all__ = ["forget", "send_link", "tell_changed"]


@app.task(queue="letters", name="backoffice.send_link")
def send_link(who: str, base: str) -> None:
    """Send a link to set a new password, if there is anybody to send it to.

    The request that asked for it made the same job for an address that nobody has: it took
    the same time and says as little. The link itself is made only here and stands in no job.

    Parameters
    ----------
    who
        Id of a person of the staff, or of nobody.
    base
        Address of the service.
    """
    close_old_connections()
    person = Staff.objects.filter(id=UUID(who), is_active=True).first()
    if person is not None:
        link = links.make(person, at=clock.now(), lasts=links.FORGOTTEN_LASTS)
        letters.send_forgotten(person, base=base, secret=link.secret)


@app.task(queue="letters", name="backoffice.tell_changed")
def tell_changed(who: str, what: str, at: str) -> None:
    """Tell somebody that the way in which they sign in was changed.

    Parameters
    ----------
    who
        Id of a person of the staff; who is switched off is told, too.
    what
        One of :data:`letters.CHANGES`.
    at
        When, in ISO 8601.
    """
    close_old_connections()
    person = Staff.objects.get(id=UUID(who))
    letters.send_changed(person, what=what, at=datetime.fromisoformat(at))


@app.periodic(cron="20 3 * * *")
@app.task(queueing_lock="backoffice.forget", name="backoffice.forget")
def forget(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands over the moment
    """Delete sessions, links and counts that are over."""
    close_old_connections()
    at = clock.now()
    Session.objects.filter(expire_date__lt=at).delete()
    links.forget_old(at=at)
    attempts.forget_old()
