"""Letters to staff: few words, one link, in the language of who gets them."""

from __future__ import annotations

from django.core.mail import send_mail
from django.urls import reverse

from huitouke.language import N_, words
from huitouke.service.core.models import Staff
from huitouke.service.ui.choosing import known_language

__all__ = ["send_forgotten", "send_invitation"]

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
