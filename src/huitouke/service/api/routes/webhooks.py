"""Webhooks: who is told what happens, what was told, and telling it again."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from huitouke.service.api.answers import PROBLEMS, answer
from huitouke.service.api.keys import Scoped, actor_of
from huitouke.service.api.shapes.fields import Limit
from huitouke.service.api.shapes.webhooks import (
    AttemptOut,
    DeliveryOut,
    DeliveryPage,
    WebhookChange,
    WebhookIn,
    WebhookMade,
    WebhookOut,
)
from huitouke.service.core import clock
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.core.webhooks import commands, queries

__all__ = ["router"]

router = Router(tags=["webhooks"], auth=Scoped("webhooks:write"))


@router.post(
    "/webhooks", response={201: WebhookMade, **PROBLEMS}, operation_id="subscribeWebhook"
)
def subscribe(request: HttpRequest, *, body: WebhookIn) -> HttpResponse:
    """Have an address told what happens, signed after Standard Webhooks.

    The secret is shown this once. The same id comes with every try; tries go on for three
    days, further and further apart.
    """
    made = commands.subscribe(
        body.url,
        at=clock.now(),
        actor=actor_of(request),
        topics=body.topics,
        description=body.description,
    )
    shown = WebhookMade(webhook=WebhookOut.of(made.record), secret=made.secret)
    return answer(shown, status=201)


@router.get(
    "/webhooks", response={200: list[WebhookOut], **PROBLEMS}, operation_id="listWebhooks"
)
def listed(request: HttpRequest) -> list[WebhookOut]:
    """Return all webhooks."""
    return [WebhookOut.of(each) for each in queries.endpoints()]


@router.get(
    "/webhooks/{webhook_id}",
    response={200: WebhookOut, **PROBLEMS},
    operation_id="getWebhook",
)
def get(request: HttpRequest, *, webhook_id: str) -> HttpResponse:
    """Return a webhook."""
    return answer(WebhookOut.of(queries.endpoint(private_id("whk", webhook_id))))


@router.patch(
    "/webhooks/{webhook_id}",
    response={200: WebhookOut, **PROBLEMS},
    operation_id="changeWebhook",
)
def change(request: HttpRequest, *, webhook_id: str, body: WebhookChange) -> HttpResponse:
    """Change what is sent; ``active: true`` starts one again that was stopped."""
    changed = commands.change(
        private_id("whk", webhook_id),
        at=clock.now(),
        actor=actor_of(request),
        **body.model_dump(),
    )
    return answer(WebhookOut.of(changed))


@router.delete(
    "/webhooks/{webhook_id}",
    response={200: WebhookOut, **PROBLEMS},
    operation_id="removeWebhook",
)
def remove(request: HttpRequest, *, webhook_id: str) -> HttpResponse:
    """Tell this address nothing more; the log stays."""
    removed = commands.remove(
        private_id("whk", webhook_id), at=clock.now(), actor=actor_of(request)
    )
    return answer(WebhookOut.of(removed))


@router.post(
    "/webhooks/{webhook_id}/rotate",
    response={200: WebhookMade, **PROBLEMS},
    operation_id="rotateWebhookSecret",
)
def rotate(request: HttpRequest, *, webhook_id: str) -> HttpResponse:
    """Make a new secret; for a day both sign, so that the receiver can change in peace."""
    made = commands.rotate(
        private_id("whk", webhook_id), at=clock.now(), actor=actor_of(request)
    )
    return answer(WebhookMade(webhook=WebhookOut.of(made.record), secret=made.secret))


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    response={200: DeliveryPage, **PROBLEMS},
    operation_id="listDeliveries",
)
def deliveries(
    request: HttpRequest,
    *,
    webhook_id: str,
    state: Annotated[Literal["waiting", "delivered", "dead"] | None, Query()] = None,
    cursor: Annotated[str, Query(max_length=60)] = "",
    limit: Limit = 50,
) -> HttpResponse:
    """Return what was told and what waits, newest first."""
    endpoint = queries.endpoint(private_id("whk", webhook_id))
    before = private_id("dlv", cursor) if cursor else None
    found = queries.deliveries(endpoint.pk, state=state, before=before, limit=limit + 1)
    following = public_id("dlv", found[limit - 1].pk) if len(found) > limit else None
    shown = [DeliveryOut.of(each) for each in found[:limit]]
    return answer(DeliveryPage(deliveries=shown, next=following))


@router.get(
    "/deliveries/{delivery_id}/attempts",
    response={200: list[AttemptOut], **PROBLEMS},
    operation_id="listAttempts",
)
def attempts(request: HttpRequest, *, delivery_id: str) -> list[AttemptOut]:
    """Return every try of a delivery."""
    found = queries.delivery(private_id("dlv", delivery_id))
    return [AttemptOut.of(each) for each in queries.attempts(found.pk)]


@router.post(
    "/deliveries/{delivery_id}/replay",
    response={200: DeliveryOut, **PROBLEMS},
    operation_id="replayDelivery",
)
def replay(request: HttpRequest, *, delivery_id: str) -> HttpResponse:
    """Tell it again, with the same id."""
    again = commands.replay(
        private_id("dlv", delivery_id), at=clock.now(), actor=actor_of(request)
    )
    return answer(DeliveryOut.of(again))
