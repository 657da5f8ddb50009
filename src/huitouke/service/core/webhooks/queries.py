"""What a merchant sees of webhooks: addresses, deliveries, every try."""

from __future__ import annotations

from uuid import UUID

from huitouke.service.core.ids import public_id
from huitouke.service.core.webhooks.commands import DeliveryUnknown, EndpointUnknown
from huitouke.service.core.webhooks.models import Attempt, Delivery, Endpoint

__all__ = ["attempts", "deliveries", "delivery", "endpoint", "endpoints"]


def endpoints() -> list[Endpoint]:
    """Return every webhook that was not removed, oldest first."""
    return list(Endpoint.objects.filter(removed_at__isnull=True).order_by("id"))


def endpoint(endpoint_id: UUID) -> Endpoint:
    """Return a webhook.

    Parameters
    ----------
    endpoint_id
        Which.

    Raises
    ------
    EndpointUnknown
        If there is none, or it was removed.
    """
    found = Endpoint.objects.filter(id=endpoint_id, removed_at__isnull=True).first()
    if found is None:
        raise EndpointUnknown(webhook=public_id("whk", endpoint_id))
    return found


def deliveries(
    endpoint_id: UUID,
    *,
    state: str | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Delivery]:
    """Return deliveries of a webhook, newest first.

    Parameters
    ----------
    endpoint_id
        Which webhook.
    state
        ``"waiting"``, ``"delivered"``, ``"dead"``; None: all.
    before
        Only older ones than this, to read on.
    limit
        Most of them.
    """
    found = Delivery.objects.filter(endpoint_id=endpoint_id).order_by("-id")
    if state is not None:
        found = found.filter(state=state)
    if before is not None:
        found = found.filter(id__lt=before)
    return list(found[:limit])


def delivery(delivery_id: UUID) -> Delivery:
    """Return a delivery.

    Parameters
    ----------
    delivery_id
        Which.

    Raises
    ------
    DeliveryUnknown
        If there is none.
    """
    found = Delivery.objects.filter(id=delivery_id).first()
    if found is None:
        raise DeliveryUnknown(delivery=public_id("dlv", delivery_id))
    return found


def attempts(delivery_id: UUID) -> list[Attempt]:
    """Return every try of a delivery, in order.

    Parameters
    ----------
    delivery_id
        Which delivery.
    """
    return list(Attempt.objects.filter(delivery_id=delivery_id).order_by("id"))
