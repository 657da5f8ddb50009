"""Records of coupons: campaigns, batches of codes, codes, and each use of one."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huitouke.service.core.ids import new_id

__all__ = ["Code", "CodeBatch", "CodeUse", "CouponCampaign"]


class CouponCampaign(models.Model):
    """What a code is worth, to whom and when; the limits are the campaign's, not the code's.

    ``value`` is basis points for ``percent`` (1,500 is 15 %), minor units for ``amount``,
    pieces of ``sku`` for ``product``, and nothing for ``free_delivery``.
    """

    class Kind(models.TextChoices):
        """How the discount is worked out."""

        PERCENT = "percent"
        AMOUNT = "amount"
        FREE_DELIVERY = "free_delivery"
        PRODUCT = "product"

    class Returns(models.TextChoices):
        """When the use of a code comes back after the order was paid."""

        NEVER = "never"
        WHOLE = "whole"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.ForeignKey(
        "programme.Programme",
        on_delete=models.PROTECT,
        to_field="code",
        db_column="programme",
        related_name="+",
        db_index=False,
    )
    names = models.JSONField()
    kind = models.CharField(max_length=20, choices=Kind)
    value = models.BigIntegerField(default=0)
    most_minor = models.BigIntegerField(null=True)
    sku = models.CharField(max_length=200, blank=True, default="")
    currency = models.CharField(max_length=3, default="CNY")
    min_spend_minor = models.BigIntegerField(default=0)
    scope = models.JSONField(default=dict)
    stacking_class = models.CharField(max_length=40, blank=True, default="")
    exclusive = models.BooleanField(default=False)
    priority = models.IntegerField(default=100)
    per_code_limit = models.IntegerField(null=True, default=1)
    per_member_limit = models.IntegerField(null=True)
    total_limit = models.BigIntegerField(null=True)
    taken = models.BigIntegerField(default=0)
    valid_from = models.DateTimeField(null=True)
    valid_to = models.DateTimeField(null=True)
    code_days = models.IntegerField(null=True)
    code_length = models.SmallIntegerField(default=12)
    tiers = ArrayField(models.CharField(max_length=60), default=list)
    returns = models.CharField(max_length=10, choices=Returns, default=Returns.WHOLE)
    enabled = models.BooleanField(default=True)
    revision = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        """A total limit holds, whoever takes from it."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind="percent", value__gte=1, value__lte=10_000)
                | models.Q(kind__in=("amount", "product"), value__gte=1)
                | models.Q(kind="free_delivery", value=0),
                name="programme_campaign_value",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="product") | ~models.Q(sku=""),
                name="programme_campaign_sku",
            ),
            models.CheckConstraint(
                condition=models.Q(taken__gte=0)
                & (
                    models.Q(total_limit__isnull=True)
                    | models.Q(taken__lte=models.F("total_limit"))
                ),
                name="programme_campaign_total",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(per_code_limit__isnull=True) | models.Q(per_code_limit__gt=0)
                )
                & (models.Q(per_member_limit__isnull=True) | models.Q(per_member_limit__gt=0))
                & (models.Q(code_days__isnull=True) | models.Q(code_days__gt=0))
                & models.Q(code_length__gte=8, code_length__lte=15, min_spend_minor__gte=0),
                name="programme_campaign_limits",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_from__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="programme_campaign_validity",
            ),
        )

    def __str__(self) -> str:
        """Return kind and value."""
        return f"{self.kind} {self.value}"


class CodeBatch(models.Model):
    """One order of many codes; its key makes that they are made once.

    ``taken_out_at`` and ``taken_out_by`` say when its list was handed out first, and to whom.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    campaign = models.ForeignKey(
        CouponCampaign, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    key = models.CharField(max_length=255)
    count = models.IntegerField()
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    actor = models.CharField(max_length=120)
    taken_out_at = models.DateTimeField(null=True)
    taken_out_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        """One key, one batch."""

        constraints = (
            models.UniqueConstraint(fields=["campaign", "key"], name="programme_batch_key"),
            models.CheckConstraint(
                condition=models.Q(count__gt=0), name="programme_batch_count"
            ),
        )

    def __str__(self) -> str:
        """Return how many."""
        return f"{self.count} codes"


class Code(models.Model):
    """One code as a customer types it, without spaces and dashes.

    ``taken`` counts uses that are held or redeemed, where the campaign limits them; a code
    without a limit is not counted, so that its row is nobody's bottleneck. A million rows
    are written at once, so the row is slim and the campaign is not a checked foreign key.
    """

    code = models.CharField(max_length=60, primary_key=True)
    campaign = models.ForeignKey(
        CouponCampaign,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    batch = models.UUIDField(null=True)
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    taken = models.IntegerField(default=0, db_default=0)
    void = models.BooleanField(default=False, db_default=False)
    expires_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField()

    class Meta:
        """Codes of one member, and of one batch, are found quickly."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(taken__gte=0), name="programme_code_taken"
            ),
        )
        indexes = (
            models.Index(
                fields=["customer", "issued_at"],
                condition=models.Q(customer__isnull=False),
                name="programme_code_member",
            ),
            models.Index(
                fields=["batch", "code"],
                condition=models.Q(batch__isnull=False),
                name="programme_code_batch",
            ),
            models.Index(
                fields=["campaign", "code"],
                condition=models.Q(batch__isnull=True, customer__isnull=True),
                name="programme_code_shared",
            ),
        )

    def __str__(self) -> str:
        """Return the last four letters only: a code is worth money."""
        return f"…{self.code[-4:]}"


class CodeUse(models.Model):
    """One use of one code by one cart: held at checkout, redeemed at payment."""

    class State(models.TextChoices):
        """Where it stands."""

        HELD = "held"
        REDEEMED = "redeemed"
        RELEASED = "released"
        ROLLED_BACK = "rolled_back"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.ForeignKey(Code, on_delete=models.PROTECT, related_name="+", db_index=False)
    campaign = models.ForeignKey(
        CouponCampaign, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    reference = models.TextField()
    state = models.CharField(max_length=15, choices=State, default=State.HELD)
    discount_minor = models.BigIntegerField(default=0)
    order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    redeemed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=40, blank=True, default="")
    actor = models.CharField(max_length=120)

    class Meta:
        """One cart uses a code once at a time."""

        constraints = (
            models.UniqueConstraint(
                fields=["code", "reference"],
                condition=models.Q(state__in=("held", "redeemed")),
                name="programme_code_use_once",
            ),
        )
        indexes = (
            models.Index(
                fields=["campaign", "customer"],
                condition=models.Q(state__in=("held", "redeemed"), customer__isnull=False),
                name="programme_code_use_member",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state="held"),
                name="programme_code_use_due",
            ),
            models.Index(
                fields=["code", "expires_at"],
                condition=models.Q(state="held"),
                name="programme_code_use_held",
            ),
            models.Index(
                fields=["order"],
                condition=models.Q(order__isnull=False),
                name="programme_code_use_order",
            ),
            models.Index(fields=["reference"], name="programme_code_use_reference"),
            models.Index(
                fields=["customer", "redeemed_at"],
                condition=models.Q(customer__isnull=False, redeemed_at__isnull=False),
                name="programme_code_use_story",
            ),
        )

    def __str__(self) -> str:
        """Return the state."""
        return self.state
