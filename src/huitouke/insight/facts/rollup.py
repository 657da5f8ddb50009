"""Lines to orders and postings: Ibis expressions that give the same on every engine.

An order is a customer and an order number; where files give none, a customer and a moment.
Orders are numbered from 0 by customer and time, so that within a customer a larger number
is a later order.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from huitouke.insight import tables
from huitouke.insight.engine import Engine
from huitouke.insight.facts.returns import Matched, count_rows, exact_sum, match_returns

__all__ = ["RolledUp", "fill_lines", "roll_up"]

_SORTED = ("customer_no", "ordered_on", "order_no", "recorded_on", "is_return")
_OPTIONAL = {
    "recorded_at": "timestamp",
    "list_e4": "int64",
    "discount_e4": "int64",
    "quantity": "float64",
    "product": "string",
    "category": "string",
    "reversal_e4": "int64",
    "is_void": "boolean",
}


@dataclass(frozen=True)
class RolledUp:
    """What the lines came to.

    Parameters
    ----------
    postings, customers, categories
        As in ``tables``; categories are None if no line has one.
    orders
        Orders of a customer that were kept: not undone as a whole.
    placed
        Orders of a customer, the undone ones too.
    matched
        How returns found their orders; None if there were none.
    """

    postings: ir.Table
    customers: ir.Table
    categories: ir.Table | None
    orders: int
    placed: int
    matched: Matched | None


def fill_lines(lines: ir.Table) -> ir.Table:
    """Return the lines with every optional column, null where no file gives it.

    Parameters
    ----------
    lines
        Lines as staged.
    """
    missing = {
        name: ibis.null().cast(kind)
        for name, kind in _OPTIONAL.items()
        if name not in lines.columns
    }
    return lines.mutate(**missing) if missing else lines


def roll_up(
    lines: ir.Table, *, engine: Engine, has_returns: bool, has_reversals: bool
) -> RolledUp:
    """Number customers and orders and add the lines up to postings.

    Parameters
    ----------
    lines
        Lines as staged, copies dropped, refunds told apart.
    engine
        Where it is computed.
    has_returns
        True if a line is a return.
    has_reversals
        True if a part of a line was undone.

    Returns
    -------
    RolledUp
        Tables kept on the engine.
    """
    given = frozenset(lines.columns)
    customers, known = _numbered(fill_lines(lines), engine)
    sales = known.filter(~known.is_return) if has_returns else known
    orders = _orders(sales, "order_id" in given)
    late = "recorded_at" in given
    if not (late or has_returns or has_reversals or "category" in given):
        whole = engine.keep(_whole_orders(orders), order_by=_SORTED)
        count = count_rows(engine, whole)
        return RolledUp(whole, customers, None, count, count, None)
    orders = engine.keep(orders)
    placed = _placed(sales, orders)
    parts = [_sales(placed) if late else _whole_orders(orders)]
    if has_reversals:
        parts.append(_reversals(placed))
    matched = None
    if has_returns:
        matched = match_returns(
            known.filter(known.is_return),
            sales=sales,
            orders=orders,
            engine=engine,
            fields=given,
        )
        parts.append(matched.postings)
    categories = None
    if "category" in given:
        categories = engine.keep(_categories(placed), order_by=tables.CATEGORIES.names)
    postings = engine.keep(_united(parts), order_by=_SORTED)
    count = count_rows(engine, orders)
    return RolledUp(
        postings,
        customers,
        categories,
        count_rows(engine, _kept(postings)) if has_returns or has_reversals else count,
        count,
        matched,
    )


def _kept(postings: ir.Table) -> ir.Table:
    """Return the orders without a return, and those worth something after it."""
    whole = postings.group_by("order_no").agg(
        returns=postings.is_return.cast("int64").sum(), net=postings.amount_e4.sum()
    )
    return whole.filter((whole.returns == 0) | (whole.net > 0))


def _numbered(lines: ir.Table, engine: Engine) -> tuple[ir.Table, ir.Table]:
    known = lines.filter(lines.customer_id.notnull())
    ids = known.select("customer_id").distinct()
    ids = ids.mutate(text=ids.customer_id.cast("string"))
    ranked = ids.mutate(
        customer_no=ibis.row_number().over(ibis.window(order_by=ids.text)).cast("int64")
    )
    keys = engine.keep(ranked, order_by=("customer_no",))
    numbered = known.join(keys.select("customer_id", "customer_no"), "customer_id")
    return keys.select(customer_no="customer_no", customer_id="text"), numbered


def _orders(sales: ir.Table, by_id: bool) -> ir.Table:
    """Return one row per order: key, number, moment and what its lines add up to."""
    keyed = sales.mutate(**_key(sales, by_id))
    list_e4, discount_e4 = _before_discount(keyed)
    groups = keyed.group_by(["customer_no", "order_key"]).agg(
        at=keyed.ordered_at.min(),
        amount_e4=exact_sum(keyed.amount_e4),
        list_e4=exact_sum(list_e4),
        discount_e4=exact_sum(discount_e4),
        full_price_e4=exact_sum((discount_e4 == 0).ifelse(keyed.amount_e4, 0)),
    )
    number = ibis.row_number().over(
        ibis.window(order_by=[groups.customer_no, groups["at"], groups.order_key])
    )
    return groups.mutate(order_no=number.cast("int64"), ordered_on=groups["at"].date())


def _key(lines: ir.Table, by_id: bool) -> dict[str, ir.Value]:
    if not by_id:
        return {"order_key": lines.ordered_at}
    moment = ibis.literal("@") + lines.ordered_at.cast("string")
    return {"order_key": ibis.coalesce(lines.order_id.cast("string"), moment)}


def _before_discount(lines: ir.Table) -> tuple[ir.Value, ir.Value]:
    """Return list amount and discount of sale lines; each is made up for from the other."""
    stated = lines.list_e4.nullif(0)
    off = ibis.coalesce(
        lines.discount_e4, ibis.greatest(stated - lines.amount_e4, ibis.literal(0))
    ).fill_null(0)
    return ibis.coalesce(stated, lines.amount_e4 + off), off


def _placed(sales: ir.Table, orders: ir.Table) -> ir.Table:
    by_id = orders.order_key.type().is_string()
    keyed = sales.mutate(**_key(sales, by_id))
    return keyed.join(
        orders.select("customer_no", "order_key", "order_no", "ordered_on"),
        ["customer_no", "order_key"],
    )


def _recorded(lines: ir.Table) -> ir.Value:
    """Return the day a line became known: never before the day of its order."""
    return ibis.coalesce(
        ibis.greatest(lines.recorded_at.date(), lines.ordered_on), lines.ordered_on
    )


def _whole_orders(orders: ir.Table) -> ir.Table:
    dated = orders.mutate(recorded_on=orders.ordered_on, is_return=ibis.literal(False))
    return dated.select(*tables.POSTINGS.names)


def _sales(placed: ir.Table) -> ir.Table:
    dated = placed.mutate(recorded_on=_recorded(placed))
    list_e4, discount_e4 = _before_discount(dated)
    return (
        dated.group_by(["customer_no", "order_no", "ordered_on", "recorded_on"])
        .agg(
            amount_e4=exact_sum(dated.amount_e4),
            list_e4=exact_sum(list_e4),
            discount_e4=exact_sum(discount_e4),
            full_price_e4=exact_sum((discount_e4 == 0).ifelse(dated.amount_e4, 0)),
        )
        .mutate(is_return=ibis.literal(False))
    )


def _reversals(placed: ir.Table) -> ir.Table:
    """Return the postings that undo lines by their own refund or status."""
    undone = placed.filter(placed.reversal_e4.fill_null(0) != 0)
    undone = undone.mutate(recorded_on=_recorded(undone))
    list_e4, discount_e4 = _before_discount(undone)
    whole = undone.reversal_e4 == undone.amount_e4
    full = discount_e4 == 0
    return (
        undone.group_by(["customer_no", "order_no", "ordered_on", "recorded_on"])
        .agg(
            amount_e4=-exact_sum(undone.reversal_e4),
            list_e4=-exact_sum(whole.ifelse(list_e4, undone.reversal_e4)),
            discount_e4=-exact_sum(whole.ifelse(discount_e4, 0)),
            full_price_e4=-exact_sum(full.ifelse(undone.reversal_e4, 0)),
        )
        .mutate(is_return=ibis.literal(True))
    )


def _united(parts: list[ir.Table]) -> ir.Table:
    names = tables.POSTINGS.names
    first, *others = [part.select(*names) for part in parts]
    table = first.union(*others, distinct=False) if others else first
    keys = ["customer_no", "order_no", "ordered_on", "recorded_on", "is_return"]
    sums = {
        name: exact_sum(table[name])
        for name in ("amount_e4", "list_e4", "discount_e4", "full_price_e4")
    }
    return table.group_by(keys).agg(**sums).select(*names)


def _categories(placed: ir.Table) -> ir.Table:
    return (
        placed.filter(placed.category.notnull())
        .select("customer_no", "ordered_on", "category")
        .distinct()
    )
