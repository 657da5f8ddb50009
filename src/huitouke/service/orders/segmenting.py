"""What segments ask of purchases: when, how many, for how much, of what and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
_BOUGHT = """LEFT JOIN (SELECT o.customer_id, count(*) AS orders,
    coalesce(sum(o.total_minor - o.refunded_minor) FILTER (WHERE o.currency = %s), 0) AS spent
  FROM orders_order o WHERE o.customer_id IS NOT NULL AND {paid}{when}
  GROUP BY o.customer_id) AS {name} ON {name}.customer_id = c.id"""


def _last_order(condition: Condition, ground: Ground) -> Sql:
    bound = ground.ago(int(condition.values[0]))
    lately = _HAS.format(paid=_PAID, when=" AND o.ordered_at >= %s")
    if condition.op == "within":
        return Sql(lately, (bound,))
    return Sql(f"(c.first_bought_at IS NOT NULL AND NOT {lately})", (bound,))


def _bought(condition: Condition, ground: Ground) -> Source:
    name = "bought" if condition.days is None else f"bought_{int(condition.days)}"
    when, bound = since("o.ordered_at", condition, ground)
    join = _BOUGHT.format(paid=_PAID, when=when, name=name)
    return Source(name, join, (ground.currency, *bound))


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
        _last_order,
        unit="days",
    ),
    Field(
        "first_order",
        "orders",
        N_("First order"),
        N_("The first order that the shop knows of."),
        "moment",
        moment("c.first_bought_at"),
        unit="days",
    ),
    Field(
        "orders",
        "orders",
        N_("Number of orders"),
        N_("Orders that were paid and not called off, ever or in the last days."),
        "number",
        number("coalesce({source}.orders, 0)", source=_bought),
        unit="orders",
        span="past",
    ),
    Field(
        "spent",
        "orders",
        N_("Spent"),
        N_("Paid and not given back, in the shop's currency, ever or in the last days."),
        "number",
        number("coalesce({source}.spent, 0)", source=_bought),
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
