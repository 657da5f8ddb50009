"""What orders take and give: new orders and refunds in, what is kept out.

Money is in minor units of the order's currency, quantities in thousandths.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

__all__ = [
    "KeptLine",
    "KeptOrder",
    "NewDelivery",
    "NewLine",
    "NewOrder",
    "NewPayment",
    "NewRefund",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewLine:
    """One line as it was paid.

    Parameters
    ----------
    position
        Place in the order, from 1; each once.
    sku, name, category, brand
        What it is; empty where unknown.
    quantity_e3
        Thousandths of a piece or measure.
    amount_minor
        What the customer pays for it after the line's own discounts, tax included, before
        the discount of the whole order is split.
    discount_minor
        What the line's own discounts took off.
    tax_minor
        The tax contained in ``amount_minor``.
    gift_card
        Whether it is a gift card or a top-up that was bought.
    """

    position: int
    sku: str = ""
    name: str = ""
    category: str = ""
    quantity_e3: int = 1000
    amount_minor: int
    discount_minor: int = 0
    tax_minor: int = 0
    gift_card: bool = False
    brand: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPayment:
    """One way in which a part was paid.

    Parameters
    ----------
    kind
        ``"cash"``, ``"card"``, ``"wechat"``, ``"alipay"``, …
    amount_minor
        How much of it.
    reference
        The payment's own number elsewhere; removed when the customer is erased.
    """

    kind: str
    amount_minor: int
    reference: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDelivery:
    """What was promised and needed, and what became of it."""

    promised_on: date | None = None
    needed_on: date | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewOrder:
    """One order as the shop tells it.

    What it came to is the sum of its lines, less ``discount_minor``, plus
    ``shipping_minor``; tax is contained in these and never added.

    Parameters
    ----------
    source, number
        Whose number, and the number; together they name the order for ever.
    customer_id
        Who bought; None where nobody is known.
    ordered_at, paid_at
        Moments with a zone; ``paid_at`` None: not paid yet.
    currency
        ISO 4217 code.
    store, channel
        Codes; empty where unknown.
    tax_minor
        All the tax contained in the order.
    shipping_minor
        What the customer pays for delivery.
    discount_minor
        Discount of the whole order; split to the lines by largest remainder.
    paid_by_points_minor, paid_by_gift_card_minor
        Parts of the total.
    coupons
        Codes used.
    history
        Imported: it happened before the programme and earns nothing.
    """

    source: str
    number: str
    customer_id: UUID | None
    ordered_at: datetime
    paid_at: datetime | None
    currency: str
    lines: tuple[NewLine, ...]
    store: str = ""
    channel: str = ""
    tax_minor: int = 0
    shipping_minor: int = 0
    discount_minor: int = 0
    paid_by_points_minor: int = 0
    paid_by_gift_card_minor: int = 0
    coupons: tuple[str, ...] = ()
    payments: tuple[NewPayment, ...] = ()
    delivery: NewDelivery | None = None
    history: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRefund:
    """Money given back for (a part of) an order.

    Parameters
    ----------
    source, source_id
        Names the refund for ever.
    order_source, order_number
        The order.
    at
        When it happened in the shop.
    reason
        In the shop's words.
    lines
        ``(position, quantity_e3, amount_minor)``; amount None: what that quantity came to,
        rounded over all refunds of the line; quantity None: money only, nothing came back;
        both None: all that is left of the line. Empty: all that is left of every line.
    shipping_minor
        Delivery cost given back; None: all that is left of it. Where delivery alone is given
        back, name one line with quantity and amount 0.
    """

    source: str
    source_id: str
    order_source: str
    order_number: str
    at: datetime
    reason: str = ""
    lines: tuple[tuple[int, int | None, int | None], ...] = ()
    shipping_minor: int | None = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptLine:
    """What the customer keeps of a line.

    ``amount_minor`` is after refunds, the discount of the whole order already split;
    ``tax_minor`` is the tax contained in it.
    """

    position: int
    sku: str
    category: str
    quantity_e3: int
    amount_minor: int
    tax_minor: int
    gift_card: bool
    brand: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptOrder:
    """What the customer keeps of an order; a line of which nothing is kept is left out.

    ``paid_by_points_minor`` and ``paid_by_gift_card_minor`` shrink in proportion to what is
    kept of the total, rounded down.
    """

    id: UUID
    number: str
    customer_id: UUID | None
    currency: str
    store: str
    channel: str
    paid_at: datetime | None
    lines: tuple[KeptLine, ...]
    shipping_minor: int
    paid_by_points_minor: int
    paid_by_gift_card_minor: int
    coupons: tuple[str, ...]
    source: str = ""
    history: bool = False
