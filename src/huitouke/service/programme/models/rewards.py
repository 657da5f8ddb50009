"""Records of what points buy: rewards, redemptions, pacts of two members."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Cast, Right

from huitouke.service.core.ids import new_id

__all__ = ["END", "Pact", "Redemption", "Reward"]

#: The end of an id in hexadecimal: by it a code that was read out is found.
END = Right(Cast("id", output_field=models.TextField()), 10)


class Reward(models.Model):
    """Something that points buy; a redemption keeps the revision it was made under."""

    class Kind(models.TextChoices):
        """What the member gets."""

        PRODUCT = "product"
        VOUCHER = "voucher"
        PERCENT = "percent"
        AMOUNT = "amount"
        FREE_DELIVERY = "free_delivery"
        GIFT_CARD = "gift_card"
        SERVICE = "service"

    class WhenUsed(models.TextChoices):
        """What a reversal does once the reward was used."""

        REFUSE = "refuse"
        CHARGE = "charge"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.ForeignKey(
        "programme.Programme",
        on_delete=models.PROTECT,
        to_field="code",
        db_column="programme",
        related_name="+",
        db_index=False,
    )
    code = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=Kind)
    names = models.JSONField()
    unit = models.CharField(max_length=60, default="points")
    cost_points = models.BigIntegerField()
    cash_minor = models.BigIntegerField(default=0)
    sku = models.CharField(max_length=200, blank=True, default="")
    campaign = models.ForeignKey(
        "programme.CouponCampaign",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    stock_left = models.BigIntegerField(null=True)
    per_member_limit = models.IntegerField(null=True)
    limit_days = models.IntegerField(null=True)
    valid_from = models.DateTimeField(null=True)
    valid_to = models.DateTimeField(null=True)
    tiers = ArrayField(models.CharField(max_length=60), default=list)
    cooperative = models.BooleanField(default=False)
    when_used = models.CharField(max_length=10, choices=WhenUsed, default=WhenUsed.REFUSE)
    charge_minor = models.BigIntegerField(default=0)
    enabled = models.BooleanField(default=True)
    revision = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        """Stock never runs below nothing, whoever takes from it."""

        constraints = (
            models.UniqueConstraint(fields=["programme", "code"], name="programme_reward_code"),
            models.CheckConstraint(
                condition=models.Q(stock_left__isnull=True) | models.Q(stock_left__gte=0),
                name="programme_reward_stock",
            ),
            models.CheckConstraint(
                condition=models.Q(cost_points__gt=0, cash_minor__gte=0, charge_minor__gte=0),
                name="programme_reward_price",
            ),
            models.CheckConstraint(
                condition=models.Q(per_member_limit__isnull=True)
                | models.Q(per_member_limit__gt=0),
                name="programme_reward_limit",
            ),
            models.CheckConstraint(
                condition=models.Q(limit_days__isnull=True)
                | models.Q(limit_days__gt=0, per_member_limit__isnull=False),
                name="programme_reward_limit_days",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_from__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="programme_reward_validity",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=("product", "gift_card", "service"))
                | models.Q(campaign__isnull=False),
                name="programme_reward_campaign",
            ),
        )
        indexes = (
            models.Index(
                fields=["programme", "cost_points", "id"], name="programme_reward_list"
            ),
        )

    def __str__(self) -> str:
        """Return kind and price."""
        return f"{self.kind} for {self.cost_points} {self.unit}"


class Pact(models.Model):
    """A cooperative reward on its way: two members pay for it together, or nobody does."""

    class State(models.TextChoices):
        """Where it stands; only ``open`` and ``ready`` still move."""

        OPEN = "open"
        READY = "ready"
        CAPTURED = "captured"
        RELEASED = "released"
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
    reward = models.ForeignKey(
        Reward, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    starter = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    partner = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    missing_points = models.BigIntegerField()
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        """Two are two."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(partner__isnull=True)
                | ~models.Q(partner=models.F("starter")),
                name="programme_pact_of_two",
            ),
            models.CheckConstraint(
                condition=models.Q(missing_points__gte=0), name="programme_pact_missing"
            ),
        )
        indexes = (
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state__in=("open", "ready")),
                name="programme_pact_due",
            ),
            models.Index(END, name="programme_pact_end"),
        )

    def __str__(self) -> str:
        """Return state and what is missing."""
        return f"{self.state}, {self.missing_points} missing"


class Redemption(models.Model):
    """Points set aside or spent for a reward, or as part payment without one.

    ``points`` were held, ``captured_points`` spent, ``reversed_points`` given back.
    ``cash_minor`` is what the reward costs beside points, ``worth_minor`` what the points of
    a part payment are worth, ``charged_minor`` what is due for a used reward whose points
    came back.
    """

    class State(models.TextChoices):
        """Where it stands."""

        HELD = "held"
        CAPTURED = "captured"
        RELEASED = "released"
        REVERSED = "reversed"
        PART_REVERSED = "part_reversed"

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
    account = models.BigIntegerField()
    unit = models.CharField(max_length=60, default="points")
    reward = models.ForeignKey(
        Reward, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    reward_revision = models.IntegerField(null=True)
    pact = models.ForeignKey(
        Pact, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=15, choices=State, default=State.HELD)
    points = models.BigIntegerField()
    captured_points = models.BigIntegerField(default=0)
    reversed_points = models.BigIntegerField(default=0)
    cash_minor = models.BigIntegerField(default=0)
    worth_minor = models.BigIntegerField(default=0)
    charged_minor = models.BigIntegerField(default=0)
    takes_stock = models.BooleanField(default=False)
    key = models.CharField(max_length=255)
    hold_key = models.CharField(max_length=300)
    capture_key = models.CharField(max_length=300, blank=True, default="")
    renewals = models.IntegerField(default=0)
    reversals = models.IntegerField(default=0)
    code = models.CharField(max_length=60, blank=True, default="")
    order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    captured_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=40, blank=True, default="")
    actor = models.CharField(max_length=120)

    class Meta:
        """One key, one redemption; what comes back never exceeds what was spent.

        The parts of a pact carry the keys of their own requests, which are others' business.
        """

        constraints = (
            models.UniqueConstraint(
                fields=["programme", "key"],
                condition=models.Q(pact__isnull=True),
                name="programme_redemption_key",
            ),
            models.CheckConstraint(
                condition=models.Q(points__gt=0)
                & models.Q(captured_points__gte=0, captured_points__lte=models.F("points")),
                name="programme_redemption_captured",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    reversed_points__gte=0, reversed_points__lte=models.F("captured_points")
                ),
                name="programme_redemption_reversed",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("held", "released"), captured_points=0)
                | models.Q(state="captured", captured_points__gt=0, reversed_points=0)
                | models.Q(state="part_reversed", reversed_points__gt=0)
                | models.Q(
                    state="reversed",
                    reversed_points=models.F("captured_points"),
                    captured_points__gt=0,
                ),
                name="programme_redemption_state",
            ),
        )
        indexes = (
            models.Index(
                fields=["customer", "reward", "created_at"],
                name="programme_redemption_member",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state="held"),
                name="programme_redemption_due",
            ),
            models.Index(
                fields=["order"],
                condition=models.Q(order__isnull=False),
                name="programme_redemption_order",
            ),
            models.Index(
                fields=["pact"],
                condition=models.Q(pact__isnull=False),
                name="programme_redemption_pact",
            ),
            models.Index(
                END,
                condition=models.Q(reward__isnull=False),
                name="programme_redemption_end",
            ),
        )

    def __str__(self) -> str:
        """Return state and points."""
        return f"{self.state}, {self.points} {self.unit}"
