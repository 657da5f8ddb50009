"""Letters to staff: few words, in the language of who gets them, at most one link."""

from __future__ import annotations

from datetime import datetime

from django.core.mail import send_mail
from django.urls import reverse

from huitouke.language import N_, words
from huitouke.service.core.models import Staff
from huitouke.service.loop.place import settled
from huitouke.service.ui.choosing import known_language
from huitouke.service.ui.reader import Reader

__all__ = ["CHANGES", "send_changed", "send_forgotten", "send_invitation"]

_INVITED = N_("You are invited to Huitouke")
_FORGOTTEN = N_("A new password for Huitouke")
_INVITED_TEXT = N_(
    "You are invited to work with Huitouke as {email}. Set your password here within 7 days; "
    "the link is good once:\n\n{link}\n\nIf you expect no invitation, do nothing."
)
_FORGOTTEN_TEXT = N_(
    "Somebody asked for a new password for {email}. Set it here within an hour; the link is "
    "good once:\n\n{link}\n\nIf it was not you, do nothing: your password stays as it is."
)
#: What is told of a change that lets somebody else in, or keeps its owner out.
CHANGES: dict[str, str] = {
    "password": N_("The password of {email} was changed on {moment}."),
    "factor_on": N_("A second factor was set up for {email} on {moment}."),
    "factor_off": N_("The second factor of {email} was switched off on {moment}."),
    "factor_taken": N_(
        "The second factor of {email} was taken away by an owner or operator on {moment}."
    ),
    "recovery_codes": N_("New recovery codes were made for {email} on {moment}."),
}
_CHANGED = N_("Your sign-in to Huitouke was changed")
_NOT_YOU = N_(
    "If it was you, or you know of it, do nothing. If not, ask for a new password on the "
    "sign-in page and tell an owner of the shop at once."
)


def _send(person: Staff, *, base: str, secret: str, subject: str, text: str) -> None:
    say = words(known_language(person.language) or "zh").say
    link = base + reverse("account_link", args=[secret])
    send_mail(say(subject), say(text, email=person.email, link=link), None, [person.email])


def send_invitation(person: Staff, *, base: str, secret: str) -> None:
    """Send somebody who was invited the link to set a password.

    Parameters
    ----------
    person
        Who.
    base
        Address of the service, without a slash at its end.
    secret
        What the link carries.
    """
    _send(person, base=base, secret=secret, subject=_INVITED, text=_INVITED_TEXT)


def send_forgotten(person: Staff, *, base: str, secret: str) -> None:
    """Send somebody who forgot the password the link to set a new one.

    Parameters
    ----------
    person
        Who.
    base
        Address of the service, without a slash at its end.
    secret
        What the link carries.
    """
    _send(person, base=base, secret=secret, subject=_FORGOTTEN, text=_FORGOTTEN_TEXT)


def send_changed(person: Staff, *, what: str, at: datetime) -> None:
    """Tell somebody that the way in which they sign in was changed.

    There is no link in it: who did not change anything must not learn to follow one.

    Parameters
    ----------
    person
        Who.
    what
        One of :data:`CHANGES`.
    at
        When.
    """
    reader = Reader(known_language(person.language) or "zh", zone=settled().zone)
    say = reader.words.say
    told = say(CHANGES[what], email=person.email, moment=reader.moment(at))
    send_mail(say(_CHANGED), f"{told}\n\n{say(_NOT_YOU)}", None, [person.email])
