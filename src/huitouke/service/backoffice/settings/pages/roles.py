"""What each role may do, from the table that the doors ask."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.settings.contexts import PermissionRow, Roles
from huitouke.service.core.permissions import PERMISSIONS, ROLES
from huitouke.service.ui.pages import show

__all__ = ["roles"]


@needs("settings.staff")
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """Show the table of roles.

    Parameters
    ----------
    request
        ``GET``.
    """
    page = Roles(
        roles=tuple((each.name, each.says) for each in ROLES.values()),
        rows=tuple(
            PermissionRow(
                name,
                says,
                tuple((role.name, name in role.permissions) for role in ROLES.values()),
            )
            for name, says in PERMISSIONS.items()
        ),
    )
    return show(
        request,
        template="backoffice/settings/roles.html",
        page=page,
        frame=frame_of(request),
    )
