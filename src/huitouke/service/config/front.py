"""The bare address: who is known goes on to their door, everybody else chooses one."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from huitouke.service.core.models import Staff
from huitouke.service.ui.frame import Frame, Shop
from huitouke.service.ui.pages import show

__all__ = ["front"]


@dataclass(frozen=True)
class _Doors:
    """Addresses of the two doors for people."""

    members: str
    staff: str


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Lead staff to their pages; show others the way to both doors.

    Parameters
    ----------
    request
        ``GET /``.
    """
    doors = _Doors(members=reverse("my_home"), staff=reverse("staff_home"))
    if isinstance(request.user, Staff):
        return HttpResponseRedirect(doors.staff)
    return show(request, template="ui/front.html", page=doors, frame=Frame(shop=Shop(name="")))
