"""Acts of staff: done once however often the form is sent, and told in words afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from huitouke.service.backoffice.account.acting import actor_of
from huitouke.service.core import permissions
from huitouke.service.core.errors import Refused, ServiceError
from huitouke.service.core.idempotency import Answer, StillRunning, canonical_hash, once
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.loop.place import settled
from huitouke.service.ui.reader import current

__all__ = [
    "Done",
    "actor_of",
    "at_most_once",
    "done_once",
    "explain",
    "failed",
    "may",
    "new_key",
    "say",
]

_SCOPE = "page"
_TRIES = 40
_WAIT_SECONDS = 0.1
_NOT_PART_OF_IT = frozenset({"csrfmiddlewaretoken", "key"})


@dataclass(frozen=True)
class Done:
    """What an act came to.

    Parameters
    ----------
    to
        Address of the page that shows it.
    said
        What happened and what is next, in the reader's words; empty says nothing.
    tone
        ``success``, ``info``, ``warning`` or ``error``.
    """

    to: str
    said: str = ""
    tone: str = "success"


def may(request: HttpRequest, permission: str) -> bool:
    """Say whether who reads may do something, to show its button or not.

    Parameters
    ----------
    request
        Of whoever is signed in.
    permission
        Its name.
    """
    person: Any = request.user
    return permissions.may(person.role, permission)


def new_key() -> str:
    """Return a key for a form: the same form sent twice carries the same one."""
    return public_id("key", new_id())[4:]


def say(message: str, **values: Any) -> str:
    """Return a message in the reader's words, numbers and days written out.

    Parameters
    ----------
    message
        English, marked with ``N_``.
    **values
        What goes into its places.
    """
    reader = current()
    if any(isinstance(value, datetime) for value in values.values()):
        reader = replace(reader, zone=settled().zone)
    return reader.words.say(
        message, **{name: reader.written(value) for name, value in values.items()}
    )


def at_most_once(request: HttpRequest, act: Callable[[str], str]) -> str:
    """Do something once for the key of its form, and return where to go then.

    Who clicks twice waits for the first click, and is led to the same place.

    Parameters
    ----------
    request
        ``POST`` with ``key``.
    act
        Gets the key and does it, in one transaction with the note that it was done; returns
        an address.

    Raises
    ------
    ServiceError
        What the act refused; nothing was done then, and the form may be mended.
    """
    return str(_kept(request, act))


def done_once(request: HttpRequest, act: Callable[[], Done]) -> HttpResponse:
    """Do something once for the key of its form, and lead on to where it shows.

    Parameters
    ----------
    request
        As for :func:`at_most_once`.
    act
        Does it, and says so; who sends the form again is told the same.

    Raises
    ------
    ServiceError
        What the act refused.
    """
    told = _kept(request, lambda _: asdict(act()))
    if told["said"]:
        level = getattr(messages, told["tone"].upper())
        messages.add_message(request, level, told["said"])
    response = HttpResponseRedirect(resolve_url(told["to"]))
    response.status_code = 303
    return response


def _kept(request: HttpRequest, act: Callable[[str], Any]) -> Any:
    """Return what an act came to, now or when its form was sent first."""
    given = {
        name: values for name, values in request.POST.lists() if name not in _NOT_PART_OF_IT
    }
    asked = canonical_hash(request.path, given)
    # A form without a key is one that is sent for the first time.
    key = request.POST.get("key", "")[:60] or new_key()
    own = f"{actor_of(request).name}:{key}"

    def refused(error: Refused) -> Answer:
        raise error

    for _ in range(_TRIES):
        with suppress(StillRunning):
            return once(
                _SCOPE,
                key=own,
                request_hash=asked,
                act=lambda: Answer(303, act(key)),
                refuse=refused,
            ).body
        time.sleep(_WAIT_SECONDS)
    raise StillRunning(key=own)


def explain(error: ServiceError) -> str:
    """Return what went wrong and what to do, in the reader's words.

    Parameters
    ----------
    error
        Of a command.
    """
    return error.text(current().language)


def failed(form: forms.Form, error: ServiceError, *, field: str | None = None) -> None:
    """Put an error beside the field it is about, or above the form.

    Parameters
    ----------
    form
        Bound.
    error
        Of a command.
    field
        Which field; none for the whole form.
    """
    form.add_error(field, explain(error))
