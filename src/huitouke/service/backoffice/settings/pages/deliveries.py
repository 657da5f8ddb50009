"""Deliveries of webhooks: what was sent, what came back, and sending again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import actor_of, new_key, say
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.settings.contexts import DeliveryPage, DeliveryRow, TryRow
from huitouke.service.core import clock
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.core.webhooks import commands, queries
from huitouke.service.core.webhooks.models import Attempt, Delivery
from huitouke.service.ui.pages import show

__all__ = ["STATES", "delivery", "replay", "row_of"]

#: A word and a tone for each state of a delivery.
STATES: dict[str, tuple[str, str]] = {
    "waiting": (N_("waiting"), "info"),
    "delivered": (N_("delivered"), "good"),
    "dead": (N_("given up"), "bad"),
}
_NOTES: dict[str, str] = {
    "gave_up_after_3_days": N_("tried for three days"),
    "receiver_gone": N_("the receiver is gone"),
    "webhook_removed": N_("the webhook was removed"),
}
_TAKEN = range(200, 300)


def row_of(each: Delivery) -> DeliveryRow:
    """Return a delivery as a row of the log.

    Parameters
    ----------
    each
        The delivery.
    """
    says, tone = STATES[each.state]
    key = public_id("dlv", each.id)
    return DeliveryRow(
        key=key,
        url=reverse("settings_delivery", args=[key]),
        topic=each.topic,
        subject=each.subject,
        at=each.created_at,
        state=says,
        tone=tone,
        tries=each.tries,
        note=say(_NOTES[each.note]) if each.note in _NOTES else each.note,
    )


def _try(each: Attempt) -> TryRow:
    taken = each.status in _TAKEN
    return TryRow(
        at=each.at,
        answered=str(each.status or each.problem),
        tone="good" if taken else "bad",
        answer=each.answer,
        ms=each.ms,
    )


@needs("settings.webhooks")
@require_safe
def delivery(request: HttpRequest, key: str) -> HttpResponse:
    """Show a delivery, every try, and what came back.

    Parameters
    ----------
    request
        ``GET``.
    key
        Public id of the delivery.
    """
    found = queries.delivery(private_id("dlv", key))
    endpoint = queries.endpoint(found.endpoint_id)
    page = DeliveryPage(
        delivery=row_of(found),
        webhook_url=reverse("settings_webhook", args=[public_id("whk", endpoint.id)]),
        address=endpoint.url,
        next_at=found.next_at if found.state == Delivery.State.WAITING else None,
        tries=tuple(_try(each) for each in queries.attempts(found.id)),
        form_key=new_key(),
    )
    return show(
        request,
        template="backoffice/settings/delivery.html",
        page=page,
        frame=frame_of(request, here="settings_webhooks"),
    )


@needs("settings.webhooks")
@require_POST
def replay(request: HttpRequest, key: str) -> HttpResponse:
    """Send a delivery again.

    Parameters
    ----------
    request
        ``POST``.
    key
        Public id of the delivery.
    """
    commands.replay(private_id("dlv", key), at=clock.now(), actor=actor_of(request))
    messages.success(request, say(N_("It is sent again within seconds, with the same id.")))
    answer = HttpResponseRedirect(reverse("settings_delivery", args=[key]))
    answer.status_code = 303
    return answer
