"""Records of analyses: how each went, what it said of the shop, what of each customer."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huitouke.service.core.ids import new_id, public_id

__all__ = ["Analysis", "Profile", "Telling"]


class Analysis(models.Model):
    """One analysis, from the wish for it to its end."""

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    asked_as_of = models.DateField(null=True)
    horizon_days = models.IntegerField(null=True)
    margin = models.FloatField()
    discount_rate = models.FloatField()
    as_of = models.DateField(null=True)
    ahead_days = models.IntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    step = models.CharField(max_length=20, default="waiting")
    share = models.FloatField(default=0.0)
    attempts = models.IntegerField(default=0)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=120)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_says = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    changes = models.JSONField(default=dict)
    calls = models.JSONField(default=dict)
    judged = ArrayField(models.TextField(), default=list)
    features = ArrayField(models.TextField(), default=list)
    base_points = models.FloatField(null=True)
    profiles_kept = models.BooleanField(default=False)

    class Meta:
        """One is open at a time; a finished one has its day."""

        constraints = (
            models.CheckConstraint(
                name="loop_analysis_share", condition=models.Q(share__gte=0, share__lte=1)
            ),
            models.CheckConstraint(
                name="loop_analysis_done_has_day",
                condition=~models.Q(state="done")
                | models.Q(as_of__isnull=False, ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="loop_analysis_failed_says_why",
                condition=~models.Q(state="failed") | ~models.Q(error_code=""),
            ),
        )
        indexes = (
            models.Index(fields=["-as_of", "-ended_at"], name="loop_analysis_newest"),
            models.Index(fields=["-asked_at"], name="loop_analysis_asked"),
        )

    def __str__(self) -> str:
        """Return id and state."""
        return f"{public_id('ana', self.id)} {self.state}"


class Telling(models.Model):
    """What a finished analysis says of the shop, in one language."""

    pk = models.CompositePrimaryKey("analysis_id", "language")
    analysis = models.ForeignKey(
        Analysis, on_delete=models.CASCADE, related_name="tellings", db_index=False
    )
    language = models.CharField(max_length=8)
    summary = models.JSONField()
    validation = models.JSONField()
    story = models.JSONField()

    def __str__(self) -> str:
        """Return whose and in which language."""
        return f"{self.analysis_id} {self.language}"


class Profile(models.Model):
    """What an analysis says of one customer; columns as in insight's table ``customers``.

    Rows come and go by the million and are derived: nothing is lost that another analysis
    would not bring back. So no foreign key is checked row by row; what was merged or erased
    meanwhile is taken out before the rows are seen.

    ``statuses`` has a letter for each name in the analysis' ``judged``: o (ok), i (insufficient
    evidence), n (not identified). ``points`` says how much each of the analysis' features
    adds to ``base_points``; together they are the loyalty score.
    """

    pk = models.CompositePrimaryKey("analysis_id", "customer_id")
    analysis = models.ForeignKey(
        Analysis, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="profiles",
    )
    first_order_on = models.DateField()
    last_order_on = models.DateField()
    repeat_count = models.IntegerField()
    spend_total = models.FloatField()
    full_price_share = models.FloatField(null=True)
    p_alive = models.FloatField(null=True)
    p_buy = models.FloatField(null=True)
    p_buy_lo = models.FloatField(null=True)
    p_buy_hi = models.FloatField(null=True)
    orders_expected = models.FloatField(null=True)
    orders_expected_lo = models.FloatField(null=True)
    orders_expected_hi = models.FloatField(null=True)
    spend_expected = models.FloatField(null=True)
    clv = models.FloatField(null=True)
    clv_lo = models.FloatField(null=True)
    clv_hi = models.FloatField(null=True)
    churn_risk = models.FloatField(null=True)
    customer_group = models.CharField(max_length=20, null=True)  # noqa: DJ001 - null: not said
    p_stranger = models.FloatField(null=True)
    p_butterfly = models.FloatField(null=True)
    p_true_friend = models.FloatField(null=True)
    p_barnacle = models.FloatField(null=True)
    loyalty_type = models.CharField(max_length=40, null=True)  # noqa: DJ001 - null: not said
    loyalty_type_confidence = models.FloatField(null=True)
    rain_or_shine = models.FloatField(null=True)
    rain_or_shine_lo = models.FloatField(null=True)
    rain_or_shine_hi = models.FloatField(null=True)
    loyalty_score = models.FloatField(null=True)
    loyalty_score_lo = models.FloatField(null=True)
    loyalty_score_hi = models.FloatField(null=True)
    statuses = models.CharField(max_length=20)
    points = ArrayField(models.FloatField(), null=True)
    at_stake = models.FloatField(null=True)
    at_stake_lo = models.FloatField(null=True)
    at_stake_hi = models.FloatField(null=True)
    usual_orders = models.FloatField(null=True)
    limit_days = models.FloatField(null=True)
    likely_loyal = models.BooleanField()
    unlikely = models.BooleanField()
    worth_a_call = models.BooleanField(db_default=False)

    def __str__(self) -> str:
        """Return whose it is, by which analysis."""
        return f"{self.analysis_id} {self.customer_id}"
