"""Records of members: tier, counters, what each order gave, facts and their answers."""

from __future__ import annotations

from django.db import models

from huitouke.service.core.ids import new_id, public_id

__all__ = [
    "Adjustment",
    "Day",
    "Done",
    "Fact",
    "Mark",
    "Membership",
    "Notice",
    "OrderEarning",
    "Purchase",
    "Qualifying",
    "Use",
]


class Membership(models.Model):
    """One customer in one programme; the row that is locked before anything is counted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.ForeignKey(
        "programme.Programme", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    tier = models.TextField(blank=True, default="")
    standing = models.JSONField(default=dict)
    due_on = models.DateField(null=True)
    order_count = models.IntegerField(db_default=0)
    joined_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        """A customer is once in a programme; those due for review are found quickly."""

        constraints = (
            models.UniqueConstraint(
                fields=["customer", "programme"], name="programme_member_once"
            ),
        )
        indexes = (
            models.Index(
                fields=["programme", "due_on", "id"],
                condition=models.Q(due_on__isnull=False),
                name="programme_member_due",
            ),
            models.Index(fields=["programme", "tier"], name="programme_member_tier"),
        )

    def __str__(self) -> str:
        """Return the public id of the customer."""
        return public_id("cus", self.customer_id)


class Use(models.Model):
    """How many points of a capped rule a member had in one period."""

    pk = models.CompositePrimaryKey("membership_id", "period", "rule")
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    rule = models.TextField()
    period = models.TextField()
    used = models.BigIntegerField()

    class Meta:
        """A counter never runs below nothing."""

        constraints = (
            models.CheckConstraint(condition=models.Q(used__gte=0), name="programme_use_some"),
        )

    def __str__(self) -> str:
        """Return rule, period and count."""
        return f"{self.rule} {self.period}: {self.used}"


class Done(models.Model):
    """What a member got once and does not get again, and the entry it made."""

    pk = models.CompositePrimaryKey("membership_id", "period", "rule")
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    rule = models.TextField()
    period = models.TextField()
    unit = models.TextField(blank=True, default="")
    points = models.BigIntegerField(default=0)
    op_key = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        """Return rule and period."""
        return f"{self.rule} {self.period}"


class Mark(models.Model):
    """That something was given once to somebody who was forgotten: a keyed hash, no more."""

    mark = models.BinaryField(primary_key=True, max_length=32)
    until = models.DateTimeField()

    class Meta:
        """Marks that are not needed any more are found."""

        indexes = (models.Index(fields=["until"], name="programme_mark_until"),)

    def __str__(self) -> str:
        """Return until when it is kept."""
        return f"until {self.until:%Y-%m-%d}"


class Fact(models.Model):
    """A fact that was told, and what was answered; its name counts once, for ever."""

    pk = models.CompositePrimaryKey("source", "source_id")
    source = models.TextField()
    source_id = models.TextField()
    id = models.UUIDField(default=new_id, editable=False)
    type = models.TextField()
    request_hash = models.BinaryField(max_length=32)
    customer = models.UUIDField(null=True)
    body = models.JSONField(null=True)
    answer = models.TextField(null=True)  # noqa: DJ001 - null: not answered yet
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        """What is known of a customer is found, for an export."""

        indexes = (
            models.Index(
                fields=["customer", "recorded_at"],
                condition=models.Q(customer__isnull=False),
                name="programme_fact_customer",
            ),
        )

    def __str__(self) -> str:
        """Return type and name."""
        return f"{self.type} {self.source}:{self.source_id}"


class Purchase(models.Model):
    """What was true of a member when an order was paid; refunds are reckoned from it."""

    order = models.OneToOneField(
        "orders.Order", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    membership = models.ForeignKey(
        Membership, null=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.IntegerField()
    tier = models.TextField(blank=True)
    fact_key = models.TextField()
    member = models.JSONField()
    attributes = models.JSONField(default=dict)
    counted = models.JSONField(default=dict)
    spend_minor = models.BigIntegerField()
    visits = models.SmallIntegerField()
    points = models.BigIntegerField()
    paid_at = models.DateTimeField()
    returned = models.BooleanField(db_default=False)

    def __str__(self) -> str:
        """Return the public id of the order."""
        return public_id("ord", self.order_id)


class OrderEarning(models.Model):
    """What one rule gave for one order, and how much of it was taken back since."""

    pk = models.CompositePrimaryKey("order_id", "rule", "unit")
    order = models.ForeignKey(
        Purchase, on_delete=models.PROTECT, related_name="earnings", db_index=False
    )
    rule = models.TextField()
    unit = models.TextField()
    earned = models.BigIntegerField()
    taken = models.BigIntegerField(db_default=0)
    op_key = models.TextField()
    waits_for = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True)
    due_expires_at = models.DateTimeField(null=True)

    class Meta:
        """No more is taken back than was given; what waits for its day is found."""

        indexes = (
            models.Index(
                fields=["due_at"],
                condition=models.Q(due_at__isnull=False),
                name="programme_order_earning_due",
            ),
        )

        constraints = (
            models.CheckConstraint(
                condition=models.Q(earned__gt=0, taken__gte=0)
                & models.Q(taken__lte=models.F("earned")),
                name="programme_order_earning_sums",
            ),
        )

    def __str__(self) -> str:
        """Return rule and what it gives now."""
        return f"{self.rule}: {self.earned - self.taken}"


class Qualifying(models.Model):
    """One entry of the tiers' own journal: net spend, visits and points, by when it was."""

    id = models.BigAutoField(primary_key=True)
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    on = models.DateField()
    spend_minor = models.BigIntegerField()
    visits = models.IntegerField()
    points = models.BigIntegerField()
    unit = models.TextField(blank=True)
    source = models.TextField()
    recorded_at = models.DateTimeField()

    class Meta:
        """Windows are summed by local day; an entry is there once."""

        constraints = (
            models.UniqueConstraint(
                fields=["membership", "on", "source"],
                name="programme_qualifying_once",
            ),
        )

    def __str__(self) -> str:
        """Return the three amounts."""
        return f"{self.spend_minor:+d} {self.visits:+d} {self.points:+d}"


class Adjustment(models.Model):
    """Points that a person gave or took; above the limit another person says yes or no."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting"
        DONE = "done"
        REFUSED = "refused"
        REJECTED = "rejected"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    key = models.TextField()
    request_hash = models.BinaryField(max_length=32)
    unit = models.TextField()
    points = models.BigIntegerField()
    reason_code = models.TextField()
    note = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State)
    outcome = models.TextField(blank=True)
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    decided_by = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        """A key counts once per member; nobody decides on what they asked for."""

        constraints = (
            models.UniqueConstraint(
                fields=["membership", "key"], name="programme_adjustment_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(points=0), name="programme_adjustment_some"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by="") | ~models.Q(decided_by=models.F("asked_by")),
                name="programme_adjustment_four_eyes",
            ),
        )
        indexes = (
            models.Index(
                fields=["asked_at", "id"],
                condition=models.Q(state="waiting"),
                name="programme_adjustment_open",
            ),
        )

    def __str__(self) -> str:
        """Return the public id."""
        return public_id("adj", self.id)


class Notice(models.Model):
    """What a member was told ahead of time, so that it is told once."""

    pk = models.CompositePrimaryKey("membership_id", "topic", "about", "threshold")
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    topic = models.TextField()
    about = models.TextField()
    threshold = models.IntegerField()
    told_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return topic and what it was about."""
        return f"{self.topic} {self.about}"


class Day(models.Model):
    """A local day whose change has been worked off."""

    pk = models.CompositePrimaryKey("programme_id", "on")
    programme = models.ForeignKey(
        "programme.Programme", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    on = models.DateField()
    done_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return the day."""
        return self.on.isoformat()
