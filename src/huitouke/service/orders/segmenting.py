"""What segments ask of purchases: when, how many, for how much, of what and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice

from huitouke.language import N_
from huitouke.service.orders.models import Channel, Product, Store
from huitouke.service.segments.fields import Condition, Field, Ground, Option, Source, Sql
from huitouke.service.segments.making import moment, number, since

__all__ = ["FIELDS"]

_SUGGESTED_MOST = 200
# What was called off or never paid is no purchase. Orders move with a merge.
_PAID = "o.status NOT IN ('pending', 'cancelled')"
_HAS = "EXISTS (SELECT FROM orders_order o WHERE o.customer_id = c.id AND {paid}{when})"
# What came back whole was not bought.
_HAS_LINE = """EXISTS (SELECT FROM orders_order o JOIN orders_line l ON l.order_id = o.id
  WHERE o.customer_id = c.id AND {paid}{when} AND l.{column} = ANY(%s)
    AND (l.quantity_e3 = 0 OR l.returned_e3 < l.quantity_e3))"""
_SUMMARY = Source("summary", "LEFT JOIN orders_summary summary ON summary.customer_id = c.id")
_SPEND = """LEFT JOIN orders_spend spend
  ON spend.customer_id = c.id AND spend.currency = %s"""
# Of a time only, customer by customer through the index of their orders: who else is asked
# for narrows it first, and who bought nothing lately is passed by.
_LATELY = """LEFT JOIN LATERAL (SELECT count(*) AS orders,
    coalesce(sum(o.total_minor - o.refunded_minor) FILTER (WHERE o.currency = %s), 0) AS spent
  FROM orders_order o WHERE o.customer_id = c.id AND o.ordered_at >= %s AND {paid}
    AND summary.last_at >= %s) AS {name} ON true"""


def _summary(_: Condition, __: Ground) -> Source:
    return _SUMMARY


def _lately(days: int, ground: Ground) -> Source:
    name, bound = f"lately_{int(days)}", ground.ago(days)
    join = _LATELY.format(paid=_PAID, name=name)
    return Source(name, join, (ground.currency, bound, bound))


def _orders(condition: Condition, ground: Ground) -> Sql:
    if condition.days is None:
        return number("coalesce(summary.orders, 0)", source=_summary)(condition, ground)
    return _number_lately("orders", condition, ground)


def _spent(condition: Condition, ground: Ground) -> Sql:
    if condition.days is None:
        spend = Source("spend", _SPEND, (ground.currency,))
        ever = number("coalesce(spend.spend_minor, 0)", source=lambda *_: spend)
        return ever(condition, ground)
    return _number_lately("spent", condition, ground)


def _number_lately(column: str, condition: Condition, ground: Ground) -> Sql:
    source = _lately(condition.days or 0, ground)
    made = number(f"{source.name}.{column}", source=lambda *_: source)(condition, ground)
    return replace(made, sources=(_SUMMARY, source))


def _line(column: str) -> Callable[[Condition, Ground], Sql]:
    def make(condition: Condition, ground: Ground) -> Sql:
        when, bound = since("o.ordered_at", condition, ground)
        text = _HAS_LINE.format(paid=_PAID, when=when, column=column)
        return Sql(text, (*bound, list(condition.values)))

    return make


def _place(column: str) -> Callable[[Condition, Ground], Sql]:
    def make(condition: Condition, ground: Ground) -> Sql:
        when, bound = since("o.ordered_at", condition, ground)
        text = _HAS.format(paid=_PAID, when=f"{when} AND o.{column} = ANY(%s)")
        return Sql(text, (*bound, list(condition.values)))

    return make


def _categories(_: Ground) -> tuple[Option, ...]:
    found = Product.objects.exclude(category="").order_by("category").distinct("category")
    names = found.values_list("category", flat=True)[:_SUGGESTED_MOST]
    return tuple(Option(each, each) for each in names)


def _stores(_: Ground) -> tuple[Option, ...]:
    return _coded(Store.objects.order_by("code").values_list("code", "name"))


def _channels(_: Ground) -> tuple[Option, ...]:
    return _coded(Channel.objects.order_by("code").values_list("code", "name"))


def _coded(found: Iterable[tuple[str, str]]) -> tuple[Option, ...]:
    return tuple(
        Option(code, code, {"zh": name or code})
        for code, name in islice(found, _SUGGESTED_MOST)
    )


FIELDS: tuple[Field, ...] = (
    Field(
        "last_order",
        "orders",
        N_("Last order"),
        N_("The last order that was paid and not called off; who never bought has none."),
        "moment",
        moment("summary.last_at", source=_summary),
        unit="days",
    ),
    Field(
        "first_order",
        "orders",
        N_("First order"),
        N_("The first order that was paid and not called off."),
        "moment",
        moment("summary.first_at", source=_summary),
        unit="days",
    ),
    Field(
        "orders",
        "orders",
        N_("Number of orders"),
        N_("Orders that were paid and not called off, ever or in the last days."),
        "number",
        _orders,
        unit="orders",
        span="past",
    ),
    Field(
        "spent",
        "orders",
        N_("Spent"),
        N_("Paid and not given back, in the shop's currency, ever or in the last days."),
        "number",
        _spent,
        unit="money",
        span="past",
    ),
    Field(
        "category",
        "orders",
        N_("Bought of the kind"),
        N_("A line of an order has one of these categories and did not come back whole."),
        "text",
        _line("category"),
        span="past",
        options=_categories,
    ),
    Field(
        "product",
        "orders",
        N_("Bought the product"),
        N_("A line of an order has one of these product numbers and did not come back whole."),
        "text",
        _line("sku"),
        span="past",
    ),
    Field(
        "store",
        "orders",
        N_("Bought in the store"),
        N_("An order was made in one of these stores, by their codes."),
        "text",
        _place("store"),
        span="past",
        options=_stores,
    ),
    Field(
        "channel",
        "orders",
        N_("Bought by the channel"),
        N_("An order came by one of these ways of selling, by their codes."),
        "text",
        _place("channel"),
        span="past",
        options=_channels,
    ),
)
