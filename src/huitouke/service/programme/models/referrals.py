"""Records of referrals and stamp cards."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huitouke.service.core.ids import new_id

__all__ = ["Referral", "ReferralCode", "Stamp", "StampGrant", "StampState", "Trace"]


class ReferralCode(models.Model):
    """The code with which one member brings friends."""

    code = models.CharField(max_length=60, primary_key=True)
    programme = models.ForeignKey(
        "programme.Programme",
        on_delete=models.PROTECT,
        to_field="code",
        db_column="programme",
        related_name="+",
        db_index=False,
    )
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    created_at = models.DateTimeField()

    class Meta:
        """A member may have several after a merge; the oldest is shown."""

        indexes = (
            models.Index(fields=["customer", "programme"], name="programme_referral_code_of"),
        )

    def __str__(self) -> str:
        """Return the code; it is worth nothing by itself."""
        return self.code


class Referral(models.Model):
    """One friend brought by one advocate, from the code to the reward and back.

    ``flags`` say what a person has to look at; ``least_minor`` and the points are those of
    the version under which the friend came.
    """

    class State(models.TextChoices):
        """Where it stands."""

        PENDING = "pending"
        QUALIFIED = "qualified"
        REVIEW = "review"
        REWARDED = "rewarded"
        REFUSED = "refused"
        REVERSED = "reversed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.ForeignKey(
        "programme.Programme",
        on_delete=models.PROTECT,
        to_field="code",
        db_column="programme",
        related_name="+",
        db_index=False,
    )
    version = models.IntegerField()
    code = models.CharField(max_length=60)
    advocate = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    friend = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    flags = ArrayField(models.CharField(max_length=40), default=list)
    cleared = models.BooleanField(default=False)
    evidence = models.JSONField(default=dict)
    unit = models.CharField(max_length=60)
    advocate_points = models.BigIntegerField()
    friend_points = models.BigIntegerField()
    least_minor = models.BigIntegerField(default=0)
    advocate_paid = models.BigIntegerField(default=0)
    friend_paid = models.BigIntegerField(default=0)
    order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    ordered_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    lapses_at = models.DateTimeField(null=True)
    take_back = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    rewarded_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_because = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        """A friend is brought once; nobody brings himself."""

        constraints = (
            models.UniqueConstraint(
                fields=["programme", "friend"],
                condition=~models.Q(state="refused"),
                name="programme_referral_friend",
            ),
            models.CheckConstraint(
                condition=~models.Q(advocate=models.F("friend"))
                | models.Q(state__in=("review", "rewarded", "refused", "reversed")),
                name="programme_referral_of_two",
            ),
            models.CheckConstraint(
                condition=models.Q(advocate_points__gte=0, friend_points__gte=0),
                name="programme_referral_points",
            ),
        )
        indexes = (
            models.Index(
                fields=["advocate", "rewarded_at"], name="programme_referral_advocate"
            ),
            models.Index(
                fields=["due_at"],
                condition=models.Q(state="qualified") | models.Q(take_back=True),
                name="programme_referral_due",
            ),
            models.Index(
                fields=["created_at"],
                condition=models.Q(state="review"),
                name="programme_referral_review",
            ),
            models.Index(
                fields=["order"],
                condition=models.Q(order__isnull=False),
                name="programme_referral_order",
            ),
        )

    def __str__(self) -> str:
        """Return the state."""
        return self.state


class Trace(models.Model):
    """A device, address or payment token that a customer used, as a hash."""

    pk = models.CompositePrimaryKey("customer_id", "kind", "digest")
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    kind = models.CharField(max_length=20)
    digest = models.BinaryField(max_length=32)
    seen_at = models.DateTimeField()

    class Meta:
        """Who else used it is one look-up."""

        indexes = (models.Index(fields=["digest", "kind"], name="programme_trace_digest"),)

    def __str__(self) -> str:
        """Return the kind."""
        return self.kind


class StampState(models.Model):
    """One member's card: ``stamps`` on it now, ``full`` cards so far.

    ``run`` grows when a card lapses, so that a later refund of a stamp on the lapsed card
    takes nothing. After a refund of a card whose present was already used, ``stamps`` may
    be below zero: the next ones fill it up first.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.ForeignKey(
        "programme.Programme",
        on_delete=models.PROTECT,
        to_field="code",
        db_column="programme",
        related_name="+",
        db_index=False,
    )
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    card = models.CharField(max_length=60)
    run = models.IntegerField(default=1)
    stamps = models.IntegerField(default=0)
    full = models.IntegerField(default=0)
    grants = models.IntegerField(default=0)
    started_at = models.DateTimeField()
    lapses_at = models.DateTimeField(null=True)

    class Meta:
        """One card of a kind per member."""

        constraints = (
            models.UniqueConstraint(
                fields=["programme", "customer", "card"], name="programme_stamp_state_one"
            ),
        )

    def __str__(self) -> str:
        """Return card and stamps."""
        return f"{self.card}: {self.stamps}"


class Stamp(models.Model):
    """Stamps for one order or other fact, or taken at a refund; added to, never changed.

    ``worth`` is what the order is worth by itself, ``stamps`` what it gave after the limit
    of the day: when one of two orders comes back, the other may fill the day in its place.
    """

    pk = models.CompositePrimaryKey("customer_id", "card", "source_key")
    programme = models.ForeignKey(
        "programme.Programme",
        on_delete=models.PROTECT,
        to_field="code",
        db_column="programme",
        related_name="+",
        db_index=False,
    )
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    card = models.CharField(max_length=60)
    source_key = models.TextField()
    order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    on_day = models.DateField()
    run = models.IntegerField()
    worth = models.IntegerField()
    stamps = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        """The stamps of one order, and of one day, are found quickly."""

        indexes = (
            models.Index(
                fields=["order"],
                condition=models.Q(order__isnull=False),
                name="programme_stamp_order",
            ),
            models.Index(fields=["customer", "card", "on_day"], name="programme_stamp_day"),
        )

    def __str__(self) -> str:
        """Return card and stamps."""
        return f"{self.card}: {self.stamps:+}"


class StampGrant(models.Model):
    """What a full card gave, and whether it was taken back."""

    class State(models.TextChoices):
        """Where it stands; ``waiting`` is for stock."""

        GIVEN = "given"
        WAITING = "waiting"
        TAKEN_BACK = "taken_back"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.ForeignKey(
        "programme.Programme",
        on_delete=models.PROTECT,
        to_field="code",
        db_column="programme",
        related_name="+",
        db_index=False,
    )
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    card = models.CharField(max_length=60)
    number = models.IntegerField()
    state = models.CharField(max_length=12, choices=State)
    unit = models.CharField(max_length=60, blank=True, default="")
    points = models.BigIntegerField(default=0)
    earn_key = models.CharField(max_length=300, blank=True, default="")
    reward = models.ForeignKey(
        "programme.Reward",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    code = models.CharField(max_length=60, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        """Numbered per card; those that wait for stock are found."""

        constraints = (
            models.UniqueConstraint(
                fields=["programme", "customer", "card", "number"],
                name="programme_stamp_grant_number",
            ),
        )
        indexes = (
            models.Index(
                fields=["at", "id"],
                condition=models.Q(state="waiting"),
                name="programme_stamp_grant_waiting",
            ),
        )

    def __str__(self) -> str:
        """Return card and state."""
        return f"{self.card}: {self.state}"
