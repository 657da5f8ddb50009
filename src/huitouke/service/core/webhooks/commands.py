"""What a merchant may do with webhooks: subscribe, change, rotate, remove, replay."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.crypto import get_random_string

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.webhooks.addresses import checked_url
from huitouke.service.core.webhooks.models import Delivery, Endpoint

__all__ = [
    "DeliveryUnknown",
    "EndpointUnknown",
    "NewEndpoint",
    "TooManyEndpoints",
    "TopicBad",
    "change",
    "remove",
    "replay",
    "rotate",
    "subscribe",
]

_TOPIC = re.compile(r"[a-z]+(_[a-z]+)*\.([a-z]+(_[a-z]+)*|\*)")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_MOST = 50


class EndpointUnknown(ServiceError):
    """No webhook has this id."""

    code = "core.webhook_unknown"
    status = 404
    says = N_("There is no webhook {webhook}.")
    remedy = N_("List the webhooks and take the id from there.")


class DeliveryUnknown(ServiceError):
    """No delivery has this id."""

    code = "core.webhook_delivery_unknown"
    status = 404
    says = N_("There is no delivery {delivery}.")
    remedy = N_("List the deliveries of the webhook; old ones are kept for 30 days.")


class TopicBad(ServiceError):
    """The topic cannot be one."""

    code = "core.webhook_topic_bad"
    status = 422
    says = N_("There can be no topic {topic!r}.")
    remedy = N_("Write for example points.earned, or points.* for all of a kind.")


class TooManyEndpoints(ServiceError):
    """There are as many webhooks as there may be."""

    code = "core.webhook_too_many"
    status = 409
    says = N_("There are {most} webhooks already, the most there may be.")
    remedy = N_("Remove one that is no longer needed.")


@dataclass(frozen=True)
class NewEndpoint:
    """A webhook with a new secret, which is shown this once."""

    record: Endpoint
    secret: str


def _new_secret() -> str:
    # 32 letters out of 62: 190 random bits, of the length that the scheme asks for.
    raw = get_random_string(32, _ALPHABET).encode("ascii")
    return "whsec_" + base64.b64encode(raw).decode("ascii")


def _checked_topics(topics: Sequence[str]) -> list[str]:
    for topic in topics:
        if len(topic) > 60 or not _TOPIC.fullmatch(topic):
            raise TopicBad(topic=topic[:60])
    return sorted(set(topics))


def _locked(endpoint_id: UUID) -> Endpoint:
    found = (
        Endpoint.objects.select_for_update()
        .filter(id=endpoint_id, removed_at__isnull=True)
        .first()
    )
    if found is None:
        raise EndpointUnknown(webhook=public_id("whk", endpoint_id))
    return found


def _note(action: str, *, record: Endpoint, actor: Actor, **facts: Any) -> None:
    audit.note(action, actor=actor, target=public_id("whk", record.id), facts=facts)


def subscribe(
    url: str,
    *,
    at: datetime,
    actor: Actor,
    topics: Sequence[str] = (),
    description: str = "",
) -> NewEndpoint:
    """Have an address told what happens from now on.

    Parameters
    ----------
    url
        https address of the receiver.
    at, actor
        When, and who asks.
    topics
        E.g. ``"points.earned"``, ``"points.*"``; none: everything.
    description
        What it is for.

    Raises
    ------
    AddressRefused
        If webhooks may not go there.
    TopicBad
        If a topic cannot be one.
    TooManyEndpoints
        If there are 50 already.
    """
    checked_url(url)
    wanted = _checked_topics(topics)
    secret = _new_secret()
    with transaction.atomic():
        if Endpoint.objects.filter(removed_at__isnull=True).count() >= _MOST:
            raise TooManyEndpoints(most=_MOST)
        record = Endpoint.objects.create(
            id=new_id(),
            url=url,
            topics=wanted,
            description=description[:200],
            secret=secret,
            created_at=at,
        )
        _note("webhook.subscribed", record=record, actor=actor, topics=wanted)
    return NewEndpoint(record, secret)


def change(
    endpoint_id: UUID,
    *,
    at: datetime,
    actor: Actor,
    url: str | None = None,
    topics: Sequence[str] | None = None,
    description: str | None = None,
    active: bool | None = None,
) -> Endpoint:
    """Change what is given and leave the rest.

    Parameters
    ----------
    endpoint_id
        Which webhook.
    at, actor
        When, and who changes it.
    url, topics, description
        As for :func:`subscribe`.
    active
        False: nothing is sent or noted down for it; what waits, waits. True: it goes on at
        once.

    Raises
    ------
    EndpointUnknown
        If there is no such webhook.
    """
    fields: dict[str, Any] = {"url": url, "description": description, "active": active}
    fields["topics"] = None if topics is None else _checked_topics(topics)
    given = {name: value for name, value in fields.items() if value is not None}
    if url is not None:
        checked_url(url)
    with transaction.atomic():
        record = _locked(endpoint_id)
        for name, value in given.items():
            setattr(record, name, value)
        if active or url is not None:
            record.failures, record.paused_until, record.note = 0, None, ""
            waiting = Delivery.objects.filter(endpoint=record, state=Delivery.State.WAITING)
            waiting.update(since=at, next_at=at)
        record.save()
        _note("webhook.changed", record=record, actor=actor, fields=sorted(given))
    return record


def rotate(
    endpoint_id: UUID, *, at: datetime, actor: Actor, keep_hours: int = 24
) -> NewEndpoint:
    """Give a webhook a new secret; the old one signs along for a while.

    Parameters
    ----------
    endpoint_id
        Which webhook.
    at, actor
        When, and who asks.
    keep_hours
        How long deliveries carry both signatures; 0: the old one ends now.

    Raises
    ------
    EndpointUnknown
        If there is no such webhook.
    """
    secret = _new_secret()
    with transaction.atomic():
        record = _locked(endpoint_id)
        keep = keep_hours > 0
        record.old_secret = record.secret if keep else ""
        record.old_secret_until = at + timedelta(hours=keep_hours) if keep else None
        record.secret = secret
        record.save()
        _note("webhook.rotated", record=record, actor=actor, keep_hours=keep_hours)
    return NewEndpoint(record, secret)


def remove(endpoint_id: UUID, *, at: datetime, actor: Actor) -> Endpoint:
    """End a webhook; what waits for it is given up, the log stays.

    Parameters
    ----------
    endpoint_id
        Which webhook.
    at, actor
        When, and who ends it.

    Raises
    ------
    EndpointUnknown
        If there is no such webhook.
    """
    with transaction.atomic():
        record = _locked(endpoint_id)
        record.active, record.removed_at = False, at
        record.secret, record.old_secret, record.old_secret_until = "", "", None
        record.save()
        Delivery.objects.filter(endpoint=record, state=Delivery.State.WAITING).update(
            state=Delivery.State.DEAD, ended_at=at, note="webhook_removed"
        )
        _note("webhook.removed", record=record, actor=actor)
    return record


def replay(delivery_id: UUID, *, at: datetime, actor: Actor) -> Delivery:
    """Send a delivery again, with the same id, for up to three more days.

    Parameters
    ----------
    delivery_id
        Which delivery; delivered or dead. One that waits is tried at once.
    at, actor
        When, and who asks.

    Raises
    ------
    DeliveryUnknown
        If there is no such delivery, or its webhook was removed.
    """
    with transaction.atomic():
        record = (
            Delivery.objects.select_for_update(of=("self",))
            .filter(id=delivery_id, endpoint__removed_at__isnull=True)
            .first()
        )
        if record is None:
            raise DeliveryUnknown(delivery=public_id("dlv", delivery_id))
        record.state, record.ended_at, record.note = Delivery.State.WAITING, None, ""
        record.tries, record.since, record.next_at = 0, at, at
        record.save()
        audit.note("webhook.replayed", actor=actor, target=public_id("dlv", delivery_id))
    return record
