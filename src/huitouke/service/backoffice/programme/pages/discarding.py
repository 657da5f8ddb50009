"""A draft that nobody wants is thrown away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from huitouke.language import N_
from huitouke.service.backoffice.acts import actor_of, at_most_once
from huitouke.service.backoffice.programme.acts import goes, tell
from huitouke.service.core.ids import private_id
from huitouke.service.programme.versions.discarding import discard

__all__ = ["throw_away"]

_GONE = N_("The draft is thrown away. What is in force stays as it is.")


@require_POST
def throw_away(request: HttpRequest, *, version: str) -> HttpResponse:
    """Throw a draft away.

    Parameters
    ----------
    request
        Of who drafts; with the form's ``key``.
    version
        Public id of the draft.
    """

    def act(_: str) -> str:
        discard(private_id("ver", version), actor=actor_of(request))
        return reverse("programme_home")

    address = at_most_once(request, act)
    tell(request, _GONE)
    return goes(address)
