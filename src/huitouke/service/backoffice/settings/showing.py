"""The page that shows a secret: once, in the answer to who made it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_variables

from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.settings.contexts import Secret
from huitouke.service.ui.pages import show

__all__ = ["shown_once"]


@sensitive_variables("secret", "page")
def shown_once(
    request: HttpRequest,
    *,
    secret: str,
    title: str,
    lead: str,
    back: str,
    back_url: str,
    use: str,
) -> HttpResponse:
    """Return the one page that shows a secret; it is nowhere kept by the door.

    Parameters
    ----------
    request
        Of who made it.
    secret
        The secret.
    title, back, use
        English messages: the heading, the way back, and how the secret is used.
    lead
        What it is the secret of, in the reader's words.
    back_url
        Where the way back leads.
    """
    page = Secret(title, lead, secret, back, back_url, use)
    frame = frame_of(request)
    return show(request, template="backoffice/settings/secret.html", page=page, frame=frame)
