"""Who acts in a request of the staff's door, as journal and audit log name them."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id

__all__ = ["actor_of"]


def actor_of(request: HttpRequest) -> Actor:
    """Return who acts: the person who is signed in, by their public id.

    Parameters
    ----------
    request
        Of somebody who is signed in.

    Raises
    ------
    PermissionDenied
        If nobody is.
    """
    key = request.user.pk
    if key is None:
        raise PermissionDenied
    return Actor("staff", public_id("stf", key))
