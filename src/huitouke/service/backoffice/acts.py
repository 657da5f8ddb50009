"""Acts of staff: done once however often the form is sent, and told in words afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from huitouke.service.backoffice.account.acting import actor_of
from huitouke.service.core.errors import Refused, ServiceError
from huitouke.service.core.idempotency import Answer, StillRunning, canonical_hash, once
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.permissions import allowed
from huitouke.service.ui.reader import current

__all__ = ["Done", "actor_of", "done_once", "explain", "failed", "may", "new_key", "say"]

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
    return permission in allowed(person.role)


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
    return reader.words.say(
        message, **{name: reader.written(value) for name, value in values.items()}
    )


def done_once(request: HttpRequest, act: Callable[[], Done]) -> HttpResponse:
    """Do something once for the key of its form, and lead on to where it shows.

    Who clicks twice, or sends the form again, is led to the same place.

    Parameters
    ----------
    request
        ``POST`` with ``key``.
    act
        Does it, in one transaction with the note that it was done.

    Raises
    ------
    ServiceError
        What the act refused; nothing was done then, and the form may be mended.
    """
    given = {
        name: values for name, values in request.POST.lists() if name not in _NOT_PART_OF_IT
    }
    asked = canonical_hash(request.path, given)
    # A form without a key is one that is sent for the first time.
    key = f"{actor_of(request).name}:{request.POST.get('key', '')[:60] or new_key()}"

    def acted() -> Answer:
        done = act()
        return Answer(303, {"to": done.to, "said": done.said, "tone": done.tone})

    def refused(error: Refused) -> Answer:
        raise error

    for _ in range(_TRIES):
        try:
            answer = once(_SCOPE, key=key, request_hash=asked, act=acted, refuse=refused)
            break
        except StillRunning:
            time.sleep(_WAIT_SECONDS)
    else:
        raise StillRunning(key=key)
    if answer.body["said"]:
        level = getattr(messages, answer.body["tone"].upper())
        messages.add_message(request, level, answer.body["said"])
    response = HttpResponseRedirect(resolve_url(answer.body["to"]))
    response.status_code = 303
    return response


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
