"""What a till or shop says of an order: paid, refunded, cancelled, delivered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import FailFast, Field, StrictBool, StrictInt, model_validator

from huitouke.service.core.bounds import LARGEST
from huitouke.service.programme.events.fields import (
    Code,
    Currency,
    Day,
    FactPart,
    Minor,
    Moment,
    Name,
    Quantity,
)

__all__ = [
    "FactLine",
    "FactOrder",
    "OrderDelivery",
    "OrderNamed",
    "OrderPayment",
    "RefundFacts",
    "RefundedLine",
]

_LINES_MOST = 1_000

# Lists stop at the first entry that is wrong: a sender whose lines are wrong in one way has
# them all wrong, and a list of all errors takes a hundred times the memory of the lines.


class FactLine(FactPart):
    """One line of an order.

    ``amount_minor`` is what the customer pays for the line after its own discounts and
    before its share of ``discount_minor`` of the order.
    """

    sku: Annotated[Name, Field(min_length=1)]
    name: Name = ""
    category: Name = ""
    brand: Name = ""
    quantity: Quantity = 1
    amount_minor: Minor
    discount_minor: Minor = 0
    tax_minor: Minor = 0
    gift_card: StrictBool = False

    @model_validator(mode="after")
    def _tax_is_within(self) -> FactLine:
        """Refuse more tax than the line costs: tax is contained in the amount."""
        if self.tax_minor > self.amount_minor:
            message = "tax_minor is more than amount_minor, which contains it"
            raise ValueError(message)
        return self


class OrderPayment(FactPart):
    """One way in which a part of the order was paid."""

    kind: Annotated[Name, Field(min_length=1, max_length=40)]
    amount_minor: Minor
    reference: Name = ""


class OrderDelivery(FactPart):
    """When the order was promised and when it is needed."""

    promised_on: Day | None = None
    needed_on: Day | None = None


class FactOrder(FactPart):
    """A paid order, in minor units of its currency; where it names none, the programme's."""

    number: Code
    currency: Currency = ""
    lines: Annotated[
        tuple[FactLine, ...], Field(min_length=1, max_length=_LINES_MOST), FailFast()
    ]
    discount_minor: Minor = 0
    tax_minor: Minor = 0
    shipping_minor: Minor = 0
    paid_by_points_minor: Minor = 0
    paid_by_gift_card_minor: Minor = 0
    store: Name = ""
    channel: Name = ""
    coupons: Annotated[tuple[Code, ...], Field(max_length=20), FailFast()] = ()
    payments: Annotated[tuple[OrderPayment, ...], Field(max_length=20), FailFast()] = ()
    delivery: OrderDelivery | None = None
    ordered_at: Moment | None = None
    redemptions: Annotated[tuple[Code, ...], Field(max_length=20), FailFast()] = ()
    referral_code: Annotated[Name, Field(max_length=60)] = ""

    @model_validator(mode="after")
    def _adds_up(self) -> FactOrder:
        """Refuse parts that are larger than what they are part of."""
        goods_minor = sum(line.amount_minor for line in self.lines)
        total_minor = goods_minor - self.discount_minor + self.shipping_minor
        if self.discount_minor > goods_minor:
            message = "discount_minor is more than the lines cost"
            raise ValueError(message)
        if self.paid_by_points_minor + self.paid_by_gift_card_minor > total_minor:
            message = "more was paid by points and gift card than the order costs"
            raise ValueError(message)
        if total_minor > LARGEST:
            message = "the order costs more than 9 000 000 000 000 000"
            raise ValueError(message)
        return self


class OrderNamed(FactPart):
    """Which order: its number, and who numbered it when that is not the fact's source."""

    number: Code
    source: Annotated[Name, Field(max_length=60)] = ""


class RefundedLine(FactPart):
    """How much of a line came back: a quantity, an amount, or all that is left of it."""

    position: Annotated[StrictInt, Field(ge=1, le=_LINES_MOST)]
    quantity: Quantity | None = None
    amount_minor: Minor | None = None


class RefundFacts(OrderNamed):
    """What came back; no lines at all means everything that is left."""

    lines: Annotated[tuple[RefundedLine, ...], Field(max_length=_LINES_MOST), FailFast()] = ()
    shipping_minor: Minor = 0
    reason: Name = ""
    used_points: Literal["restore", "keep"] = "restore"
    refunded_at: Moment | None = None

    @model_validator(mode="after")
    def _each_line_once(self) -> RefundFacts:
        """Refuse two entries for one line."""
        positions = [line.position for line in self.lines]
        if len(positions) != len(set(positions)):
            message = "each line may come back once in a refund"
            raise ValueError(message)
        return self
