"""Records of what was bought: products, places, orders with lines, payments, refunds."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huitouke.service.core.ids import new_id, public_id

__all__ = [
    "Alias",
    "Channel",
    "Delivery",
    "Import",
    "Line",
    "Order",
    "Payment",
    "Product",
    "Refund",
    "RefundLine",
    "Spend",
    "Store",
    "Summary",
]


class Product(models.Model):
    """A product, as the lines of orders name it."""

    sku = models.TextField(primary_key=True)
    name = models.TextField(blank=True, default="")
    category = models.TextField(blank=True, default="")
    brand = models.TextField(blank=True, default="")

    class Meta:
        """Products of a category are found together."""

        indexes = (models.Index(fields=["category", "sku"], name="orders_product_category"),)

    def __str__(self) -> str:
        """Return name and number."""
        return f"{self.name} ({self.sku})"


class Store(models.Model):
    """A shop, by its code."""

    code = models.TextField(primary_key=True)
    name = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        """Return the code."""
        return self.code


class Channel(models.Model):
    """A way of selling, by its code: till, web, mini programme, marketplace."""

    code = models.TextField(primary_key=True)
    name = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        """Return the code."""
        return self.code


class Order(models.Model):
    """One order; its money never changes, what is refunded is counted beside it."""

    class Status(models.TextChoices):
        """Where it stands."""

        PENDING = "pending"
        PAID = "paid"
        PART_REFUNDED = "part_refunded"
        REFUNDED = "refunded"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.TextField()
    number = models.TextField()
    customer = models.ForeignKey(
        "customers.Customer",
        null=True,
        on_delete=models.PROTECT,
        related_name="orders",
        db_index=False,
    )
    store = models.TextField(blank=True)
    channel = models.TextField(blank=True)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=13, choices=Status)
    ordered_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    goods_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    shipping_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField(db_default=0)
    refunded_shipping_minor = models.BigIntegerField(db_default=0)
    paid_by_points_minor = models.BigIntegerField()
    paid_by_gift_card_minor = models.BigIntegerField()
    coupons = ArrayField(models.TextField())
    history = models.BooleanField()
    content_hash = models.BinaryField(max_length=32)
    recorded_at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        """An order is there once; its sums agree."""

        constraints = (
            models.UniqueConstraint(fields=["source", "number"], name="orders_order_once"),
            models.CheckConstraint(
                condition=models.Q(
                    total_minor=models.F("goods_minor")
                    - models.F("discount_minor")
                    + models.F("shipping_minor")
                )
                & models.Q(discount_minor__gte=0)
                & models.Q(discount_minor__lte=models.F("goods_minor"))
                & models.Q(shipping_minor__gte=0, goods_minor__gte=0, tax_minor__gte=0),
                name="orders_order_sums",
            ),
            models.CheckConstraint(
                condition=models.Q(paid_by_points_minor__gte=0, paid_by_gift_card_minor__gte=0)
                & models.Q(
                    total_minor__gte=models.F("paid_by_points_minor")
                    + models.F("paid_by_gift_card_minor")
                ),
                name="orders_order_paid_by",
            ),
            models.CheckConstraint(
                condition=models.Q(refunded_shipping_minor__gte=0)
                & models.Q(refunded_minor__gte=models.F("refunded_shipping_minor"))
                & models.Q(refunded_shipping_minor__lte=models.F("shipping_minor"))
                & models.Q(refunded_minor__lte=models.F("total_minor")),
                name="orders_order_refunded",
            ),
            models.CheckConstraint(
                condition=models.Q(paid_at__isnull=False)
                | models.Q(status__in=["pending", "cancelled"], refunded_minor=0),
                name="orders_order_paid",
            ),
            models.CheckConstraint(
                condition=models.Q(status="cancelled", cancelled_at__isnull=False)
                | (~models.Q(status="cancelled") & models.Q(cancelled_at__isnull=True)),
                name="orders_order_cancelled",
            ),
        )
        indexes = (
            models.Index(fields=["customer", "-ordered_at", "-id"], name="orders_of_customer"),
        )

    def __str__(self) -> str:
        """Return the public id."""
        return public_id("ord", self.id)


class Alias(models.Model):
    """Another name of an order: that under which a till told what came by a file before."""

    pk = models.CompositePrimaryKey("source", "number")
    source = models.TextField()
    number = models.TextField()
    order = models.ForeignKey(Order, models.PROTECT, related_name="aliases", db_index=False)

    def __str__(self) -> str:
        """Return source and number."""
        return f"{self.source} {self.number}"


class Line(models.Model):
    """One line of an order; never more comes back than was paid for."""

    pk = models.CompositePrimaryKey("order_id", "position")
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    position = models.IntegerField()
    sku = models.TextField(blank=True)
    name = models.TextField(blank=True)
    category = models.TextField(blank=True)
    brand = models.TextField(blank=True)
    quantity_e3 = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    gift_card = models.BooleanField()
    returned_e3 = models.BigIntegerField(db_default=0)
    refunded_minor = models.BigIntegerField(db_default=0)

    class Meta:
        """Amounts agree with one another."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(position__gte=1, quantity_e3__gte=0, discount_minor__gte=0)
                & models.Q(tax_minor__gte=0)
                & models.Q(tax_minor__lte=models.F("amount_minor"))
                & models.Q(net_minor__gte=0)
                & models.Q(net_minor__lte=models.F("amount_minor")),
                name="orders_line_sums",
            ),
            models.CheckConstraint(
                condition=models.Q(returned_e3__gte=0)
                & models.Q(returned_e3__lte=models.F("quantity_e3"))
                & models.Q(refunded_minor__gte=0)
                & models.Q(refunded_minor__lte=models.F("net_minor")),
                name="orders_line_refunded",
            ),
        )

    def __str__(self) -> str:
        """Return place and product."""
        return f"{self.position}: {self.name or self.sku}"


class Payment(models.Model):
    """One way in which a part of an order was paid."""

    pk = models.CompositePrimaryKey("order_id", "place")
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="payments", db_index=False
    )
    place = models.IntegerField()
    kind = models.TextField()
    amount_minor = models.BigIntegerField()
    reference = models.TextField(blank=True)

    class Meta:
        """Nothing is paid twice or backwards."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(amount_minor__gte=0), name="orders_payment_amount"
            ),
        )

    def __str__(self) -> str:
        """Return kind and amount."""
        return f"{self.kind} {self.amount_minor}"


class Delivery(models.Model):
    """What was promised and needed, and when it came."""

    order = models.OneToOneField(
        Order, on_delete=models.PROTECT, primary_key=True, related_name="delivery"
    )
    promised_on = models.DateField(null=True)
    needed_on = models.DateField(null=True)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Return when it came."""
        return str(self.delivered_at or "")


class Refund(models.Model):
    """Money given back; never changed, a correction is another one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refunds")
    source = models.TextField()
    source_id = models.TextField()
    at = models.DateTimeField()
    amount_minor = models.BigIntegerField()
    shipping_minor = models.BigIntegerField()
    reason = models.TextField(blank=True)
    content_hash = models.BinaryField(max_length=32)
    recorded_at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        """A refund is there once."""

        constraints = (
            models.UniqueConstraint(fields=["source", "source_id"], name="orders_refund_once"),
            models.CheckConstraint(
                condition=models.Q(shipping_minor__gte=0)
                & models.Q(amount_minor__gte=models.F("shipping_minor")),
                name="orders_refund_amount",
            ),
        )

    def __str__(self) -> str:
        """Return the public id."""
        return public_id("ref", self.id)


class RefundLine(models.Model):
    """What came back of one line."""

    pk = models.CompositePrimaryKey("refund_id", "position")
    refund = models.ForeignKey(
        Refund, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    position = models.IntegerField()
    quantity_e3 = models.BigIntegerField()
    amount_minor = models.BigIntegerField()

    class Meta:
        """Nothing comes back backwards."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(quantity_e3__gte=0, amount_minor__gte=0),
                name="orders_refund_line_amounts",
            ),
        )

    def __str__(self) -> str:
        """Return place and amount."""
        return f"{self.position}: {self.amount_minor}"


class Summary(models.Model):
    """What a customer bought in all; triggers of the orders keep it (``sql/summary.sql``).

    Who never had an order has no row. ``known_at`` is the customer's ``created_at``, so that
    lists are walked in their order without a look at those who do not fit.
    """

    customer = models.OneToOneField(
        "customers.Customer",
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="order_summary",
    )
    known_at = models.DateTimeField()
    orders = models.BigIntegerField()
    returns = models.BigIntegerField()
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)

    class Meta:
        """Found by the last order, and walked as lists are: the newest customer first."""

        indexes = (
            models.Index(fields=["last_at"], name="orders_summary_last"),
            models.Index(
                fields=["-known_at", "-customer"],
                include=["last_at", "orders"],
                name="orders_summary_known",
            ),
        )

    def __str__(self) -> str:
        """Return how many orders."""
        return str(self.orders)


class Spend(models.Model):
    """What a customer paid in one currency and did not get back; kept like ``Summary``."""

    pk = models.CompositePrimaryKey("customer_id", "currency")
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="order_spends",
        db_index=False,
    )
    currency = models.CharField(max_length=3)
    spend_minor = models.BigIntegerField()
    returned_minor = models.BigIntegerField()

    class Meta:
        """Found by the amount."""

        indexes = (
            models.Index(fields=["currency", "spend_minor"], name="orders_spend_amount"),
        )

    def __str__(self) -> str:
        """Return amount and currency."""
        return f"{self.spend_minor} {self.currency}"


class Import(models.Model):
    """How far a file was brought in, so that an import that was stopped goes on."""

    pk = models.CompositePrimaryKey("kind", "file_hash", "settings_hash")
    kind = models.CharField(max_length=20)
    file_hash = models.BinaryField(max_length=32)
    settings_hash = models.BinaryField(max_length=32)
    rows_done = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    actor = models.TextField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Return kind and how far it is."""
        return f"{self.kind}: {self.rows_done}"
