"""How the service is, for who connects and runs it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from huitouke import __version__
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.settings.contexts import HealthPage
from huitouke.service.core.health import health as look
from huitouke.service.ledger.seal import head as seal_head
from huitouke.service.ui.pages import show

__all__ = ["health"]


@needs("settings.health")
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Show version, database, worker, and the last checks and copies.

    Parameters
    ----------
    request
        ``GET``.
    """
    found, last = look(), seal_head()
    checked = found.checked
    page = HealthPage(
        health=found,
        version=__version__,
        size_mb=round(found.size_bytes / 1_000_000),
        head="" if last is None else f"{last.block}:{last.hash}",
        checked_well=None
        if found.checked is None
        else found.checked.action.endswith("checked"),
        checked_at=None if checked is None else checked.at,
        backed_up_at=None if found.backed_up is None else found.backed_up.at,
    )
    frame = frame_of(request)
    return show(request, template="backoffice/settings/health.html", page=page, frame=frame)
