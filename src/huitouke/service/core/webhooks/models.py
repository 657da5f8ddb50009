"""Records of webhooks: who listens, what is to be told them, and every try."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from huitouke.service.core.ids import new_id
from huitouke.service.core.models import Outbox

__all__ = ["Attempt", "Delivery", "Endpoint"]


class Endpoint(models.Model):
    """An address that is told what happens.

    The secrets stand here as they are: signing needs them. Two are valid while one is being
    changed for the other.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    url = models.TextField()
    topics = ArrayField(models.CharField(max_length=60), default=list)
    description = models.CharField(max_length=200, default="")
    secret = models.CharField(max_length=100)
    old_secret = models.CharField(max_length=100, default="")
    old_secret_until = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)
    note = models.CharField(max_length=200, default="")
    failures = models.IntegerField(default=0)
    paused_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        """A removed address is told nothing; two secrets come with an end for one."""

        app_label = "api"

        constraints = (
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(active=False),
                name="api_endpoint_removed_is_inactive",
            ),
            models.CheckConstraint(
                condition=Q(old_secret="", old_secret_until__isnull=True)
                | (~Q(old_secret="") & Q(old_secret_until__isnull=False)),
                name="api_endpoint_old_secret_ends",
            ),
        )

    def __str__(self) -> str:
        """Return the address; never a secret."""
        return self.url


class Delivery(models.Model):
    """One happening for one address; its id stays the same on every try."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting"
        DELIVERED = "delivered"
        DEAD = "dead"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="deliveries")
    happening = models.ForeignKey(Outbox, on_delete=models.PROTECT, related_name="+")
    position = models.BigIntegerField()
    topic = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tries = models.IntegerField(default=0)
    since = models.DateTimeField()
    next_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, default="")
    created_at = models.DateTimeField()

    class Meta:
        """Waiting ones are found by time, and the first of a subject by position."""

        app_label = "api"
        constraints = (
            models.UniqueConstraint(
                fields=["endpoint", "happening"], name="api_delivery_once_per_endpoint"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at__isnull=True)
                | (~Q(state="waiting") & Q(ended_at__isnull=False)),
                name="api_delivery_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(next_at__gte=F("since")), name="api_delivery_next_after_since"
            ),
        )
        indexes = (
            models.Index(
                fields=["next_at"], condition=Q(state="waiting"), name="api_delivery_due"
            ),
            models.Index(
                fields=["endpoint", "subject", "position"],
                condition=Q(state="waiting"),
                name="api_delivery_first",
            ),
            models.Index(fields=["endpoint", "-id"], name="api_delivery_log"),
        )

    def __str__(self) -> str:
        """Return topic and state."""
        return f"{self.topic} {self.state}"


class Attempt(models.Model):
    """One try of a delivery and what came back."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    status = models.SmallIntegerField(null=True)
    problem = models.CharField(max_length=100, default="")
    answer = models.CharField(max_length=500, default="")
    ms = models.IntegerField()

    class Meta:
        """The log of one delivery is read in order."""

        app_label = "api"
        indexes = (models.Index(fields=["delivery", "id"], name="api_attempt_log"),)

    def __str__(self) -> str:
        """Return time and status."""
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.status or self.problem}"
