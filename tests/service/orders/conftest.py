"""What tests of orders share: a moment, an actor, orders to send, a customer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from huitouke.service.core.actor import Actor
from huitouke.service.customers.models import Customer
from huitouke.service.orders.contract import NewLine, NewOrder, NewRefund

_AT = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)


@pytest.fixture
def at() -> datetime:
    return _AT


@pytest.fixture
def till() -> Actor:
    return Actor("key", "till-7")


@pytest.fixture
def lin():
    return Customer.objects.create(name="林小雨", created_at=_AT)


@pytest.fixture
def order_of():
    """Make an order from ``(sku, amount_minor, quantity)`` lines and other fields."""

    def make(*lines, number="A-1", customer=None, **fields) -> NewOrder:
        made = tuple(
            NewLine(position=place, sku=sku, amount_minor=amount, quantity_e3=pieces * 1000)
            if isinstance(pieces := (rest[0] if rest else 1), int)
            else NewLine(position=place, sku=sku, amount_minor=amount, **pieces)
            for place, (sku, amount, *rest) in enumerate(lines or (("tea", 10_000),), start=1)
        )
        return NewOrder(
            source="shop",
            number=number,
            customer_id=None if customer is None else customer.id,
            lines=made,
            **{"ordered_at": _AT, "paid_at": _AT, "currency": "CNY", **fields},
        )

    return make


@pytest.fixture
def refund_of():
    def make(*lines, source_id="R-1", number="A-1", **fields) -> NewRefund:
        return NewRefund(
            source="shop",
            source_id=source_id,
            order_source="shop",
            order_number=number,
            lines=lines,
            **{"at": _AT, **fields},
        )

    return make
