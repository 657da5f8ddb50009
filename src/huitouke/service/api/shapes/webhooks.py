"""Webhooks as requests and answers show them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, cast

from ninja import Schema
from pydantic import Field, StringConstraints

from huitouke.service.api.shapes.fields import Given, Key
from huitouke.service.core.ids import public_id
from huitouke.service.core.webhooks.models import Attempt, Delivery, Endpoint

__all__ = [
    "AttemptOut",
    "DeliveryOut",
    "DeliveryPage",
    "WebhookChange",
    "WebhookIn",
    "WebhookMade",
    "WebhookOut",
]

Url = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]
Topics = Annotated[list[Key], Field(max_length=50)]
Description = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


class WebhookIn(Given):
    """An address to be told; no topics means all."""

    url: Url
    topics: Topics = Field(default_factory=list)
    description: Description = ""


class WebhookChange(Given):
    """What to change; what is not sent stays."""

    url: Url | None = None
    topics: Topics | None = None
    description: Description | None = None
    active: bool | None = None


class WebhookOut(Schema):
    """An address that is told what happens."""

    id: str
    url: str
    topics: list[str]
    description: str
    active: bool
    note: str
    created_at: datetime

    @classmethod
    def of(cls, endpoint: Endpoint) -> WebhookOut:
        """Return what is shown of a record; never a secret."""
        return cls(
            id=public_id("whk", endpoint.pk),
            url=endpoint.url,
            topics=endpoint.topics,
            description=endpoint.description,
            active=endpoint.active,
            note=endpoint.note,
            created_at=endpoint.created_at,
        )


class WebhookMade(Schema):
    """A webhook with its secret, which is shown this once."""

    webhook: WebhookOut
    secret: str


class DeliveryOut(Schema):
    """One happening for one address; the id is the same on every try."""

    id: str
    topic: str
    subject: str
    state: Literal["waiting", "delivered", "dead"]
    tries: int
    next_at: datetime
    ended_at: datetime | None
    note: str
    created_at: datetime

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryOut:
        """Return what is shown of a record."""
        return cls(
            id=public_id("dlv", delivery.pk),
            topic=delivery.topic,
            subject=delivery.subject,
            state=cast("Any", delivery.state),
            tries=delivery.tries,
            next_at=delivery.next_at,
            ended_at=delivery.ended_at,
            note=delivery.note,
            created_at=delivery.created_at,
        )


class DeliveryPage(Schema):
    """Some deliveries, newest first; ``next`` leads on, null at the end."""

    deliveries: list[DeliveryOut]
    next: str | None


class AttemptOut(Schema):
    """One try and what came back."""

    at: datetime
    status: int | None
    problem: str
    answer: str
    ms: int

    @classmethod
    def of(cls, attempt: Attempt) -> AttemptOut:
        """Return what is shown of a record."""
        return cls(
            at=attempt.at,
            status=attempt.status,
            problem=attempt.problem,
            answer=attempt.answer,
            ms=attempt.ms,
        )
