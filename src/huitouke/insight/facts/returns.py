"""Which order a return belongs to: Ibis expressions that give the same on every engine.

A return nets off, in this order: the order whose number it carries; the customer's latest
earlier order with the same product and at least that quantity, one at the same unit price
first; the customer's latest earlier order. A return without an earlier order (bought before
the file begins) creates no order; it only lowers revenue.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from huitouke.insight.engine import Engine

__all__ = ["Matched", "count_rows", "exact_sum", "match_returns", "tell_refunds"]

_ORDER = ("order_no", "ordered_on", "order_amount_e4", "order_full_e4")


@dataclass(frozen=True)
class Matched:
    """How the returns found their orders.

    Parameters
    ----------
    postings
        Return postings as in ``tables.POSTINGS``, not yet added up.
    by_order_id, by_product, by_latest, unmatched
        Return lines matched by each way, and by none.
    unmatched_e4
        What the unmatched come to, not above 0.
    """

    postings: ir.Table
    by_order_id: int
    by_product: int
    by_latest: int
    unmatched: int
    unmatched_e4: int


def match_returns(
    returns: ir.Table,
    *,
    sales: ir.Table,
    orders: ir.Table,
    engine: Engine,
    fields: frozenset[str],
) -> Matched:
    """Give every return line its order.

    Parameters
    ----------
    returns, sales
        Lines with ``customer_no``.
    orders
        One row per order: customer_no, order_key, at, order_no, ordered_on, amounts.
    engine
        Where it is computed.
    fields
        The columns that some file gives.

    Returns
    -------
    Matched
        Postings and counts.
    """
    number = ibis.row_number().over(
        ibis.window(
            order_by=[
                returns[name]
                for name in ("customer_no", "ordered_at", "amount_e4", "source", "line_number")
            ]
        )
    )
    left = engine.keep(returns.mutate(return_no=number.cast("int64")))
    plain = orders.select(
        "customer_no",
        "order_key",
        "at",
        "order_no",
        "ordered_on",
        order_amount_e4="amount_e4",
        order_full_e4="full_price_e4",
    )
    ways = [("order_id", _by_order_id), ("product", _by_product), ("customer_id", _by_latest)]
    found_by: list[ir.Table] = []
    counts = dict.fromkeys((needs for needs, _ in ways), 0)
    for needs, way in ways:
        if needs in fields:
            found = engine.keep(way(_Sides(left, sales, plain)).select("return_no", *_ORDER))
            counts[needs] = count_rows(engine, found)
            found_by.append(left.join(found, "return_no"))
            left = engine.keep(left.anti_join(found, "return_no"))
    last = engine.fetch(left.agg(rows=left.count(), e4=exact_sum(left.amount_e4)))
    first, *others = [_posted(found) for found in found_by]
    return Matched(
        postings=first.union(*others, distinct=False) if others else first,
        by_order_id=counts["order_id"],
        by_product=counts["product"],
        by_latest=counts["customer_id"],
        unmatched=int(last["rows"][0].as_py()),
        unmatched_e4=int(last["e4"][0].as_py() or 0),
    )


def exact_sum(column: ir.Value) -> ir.Value:
    """Return the sum of whole numbers as ``int64`` on every engine.

    DuckDB sums int64 to a wider integer that Parquet would keep as a float. Ibis believes
    the sum to be int64 already and leaves a plain cast out, so the cast is built by hand.

    Parameters
    ----------
    column
        An ``int64`` column.
    """
    total: ir.Value = ops.Cast(column.sum(), to="int64").to_expr()
    return total


def tell_refunds(lines: ir.Table) -> ir.Table:
    """Tell a row that cancels another row from an order that was itself cancelled.

    A row with a cancelled status whose order also has a row of the same product and amount
    without that status is the refund of that row. Any other such row is an order that never
    came to be: it keeps its amount, and the same amount as its reversal.

    Parameters
    ----------
    lines
        Lines as staged, with ``reversal_e4`` and ``is_void``.

    Returns
    -------
    Table
        The same columns; refunds are returns with a negative amount.
    """
    if "order_id" not in lines.columns:
        return lines
    void = lines.is_void
    order = lines.order_id.cast("string")
    product = lines["product"].fill_null("") if "product" in lines.columns else ibis.literal("")
    keyed = lines.mutate(void_order=order, void_product=product, void=void)
    twins = (
        keyed.filter(~keyed.void & ~keyed.is_return & keyed.void_order.notnull())
        .select("void_order", "void_product", "amount_e4")
        .distinct()
        .mutate(has_twin=True)
        .rename(twin_order="void_order", twin_product="void_product", twin_amount="amount_e4")
    )
    joined = keyed.left_join(
        twins,
        [
            keyed.void_order == twins.twin_order,
            keyed.void_product == twins.twin_product,
            keyed.amount_e4 == twins.twin_amount,
        ],
    )
    refund = joined.void & joined.has_twin.fill_null(False)
    return joined.mutate(
        is_return=joined.is_return | refund,
        reversal_e4=refund.ifelse(0, joined.reversal_e4),
        is_void=joined.void & ~refund,
        amount_e4=refund.ifelse(-joined.amount_e4.abs(), joined.amount_e4),
    ).select(*lines.columns)


def count_rows(engine: Engine, table: ir.Table) -> int:
    """Return how many rows a table has.

    Parameters
    ----------
    engine
        Where it is counted.
    table
        Any table.
    """
    return int(engine.fetch(table.agg(rows=table.count()))["rows"][0].as_py())


@dataclass(frozen=True)
class _Sides:
    """What is matched with what."""

    returns: ir.Table
    sales: ir.Table
    orders: ir.Table


def _by_order_id(sides: _Sides) -> ir.Table:
    """Match on the order number as it stands, or without a leading C before digits."""
    returns = sides.returns.filter(sides.returns.order_id.notnull())
    text = returns.order_id.cast("string")
    own = returns.select("return_no", key_customer="customer_no", key=text, way=ibis.literal(0))
    marked = returns.filter(text.re_search("^[Cc][0-9]+$"))
    bare = marked.select(
        "return_no",
        key_customer="customer_no",
        key=marked.order_id.cast("string").substr(1),
        way=ibis.literal(1),
    )
    keys = own.union(bare, distinct=False)
    orders = sides.orders
    found = keys.join(
        orders, [keys.key_customer == orders.customer_no, keys.key == orders.order_key]
    )
    rank = ibis.row_number().over(
        ibis.window(group_by=found.return_no, order_by=[found.way, found.order_no])
    )
    ranked = found.mutate(rank=rank)
    return ranked.filter(ranked["rank"] == 0)


def _by_product(sides: _Sides) -> ir.Table:
    """Match on product and quantity, the same unit price and the latest order first."""
    returns, sales, orders = sides.returns, sides.sales, sides.orders
    wanted = returns.filter(returns["product"].notnull()).select(
        "return_no",
        return_customer="customer_no",
        return_product="product",
        returned_at="ordered_at",
        returned_e4="amount_e4",
        returned_pieces=-returns.quantity,
    )
    joined = sales.join(
        wanted,
        [
            sales.customer_no == wanted.return_customer,
            sales["product"] == wanted.return_product,
            sales.ordered_at <= wanted.returned_at,
        ],
    )
    pieces = joined.returned_pieces
    enough = pieces.isnull() | joined.quantity.isnull() | (joined.quantity >= pieces)
    joined = joined.filter(enough)
    price = joined.amount_e4.cast("float64") / joined.quantity.fill_null(1.0).nullif(0.0)
    back = -joined.returned_e4.cast("float64") / joined.returned_pieces.fill_null(1.0).nullif(
        0.0
    )
    same_price = ((price - back).abs() < 0.5).fill_null(False)
    keyed = joined.mutate(same_price=same_price.cast("int8"), order_key=_key_of(joined, orders))
    placed = keyed.join(
        orders,
        [
            keyed.customer_no == orders.customer_no,
            keyed.order_key == orders.order_key,
        ],
    )
    rank = ibis.row_number().over(
        ibis.window(
            group_by=placed.return_no,
            order_by=[placed.same_price.desc(), placed.order_no.desc()],
        )
    )
    ranked = placed.mutate(rank=rank)
    return ranked.filter(ranked["rank"] == 0)


def _key_of(lines: ir.Table, orders: ir.Table) -> ir.Value:
    if not orders.order_key.type().is_string():
        return lines.ordered_at
    moment = ibis.literal("@") + lines.ordered_at.cast("string")
    return ibis.coalesce(lines.order_id.cast("string"), moment)


def _by_latest(sides: _Sides) -> ir.Table:
    """Match on the customer's latest order not after the return; numbers follow time."""
    returns, orders = sides.returns, sides.orders
    wanted = returns.select(
        "return_no", return_customer="customer_no", returned_at="ordered_at"
    )
    earlier = orders.join(
        wanted,
        [
            orders.customer_no == wanted.return_customer,
            orders["at"] <= wanted.returned_at,
        ],
    )
    latest = earlier.group_by("return_no").agg(order_no=earlier.order_no.max())
    return latest.join(orders, "order_no")


def _posted(matched: ir.Table) -> ir.Table:
    """Return the postings of matched returns, each with its part of the full-price amount."""
    known = ibis.coalesce(
        matched.recorded_at.date(), matched.ordered_at.date(), matched.ordered_on
    )
    whole = matched.order_amount_e4.cast("float64").nullif(0.0)
    share = (matched.order_full_e4.cast("float64") / whole).fill_null(1.0).clip(0.0, 1.0)
    full = (matched.amount_e4.cast("float64") * share).floor().cast("int64")
    off = matched.discount_e4.fill_null(0)
    return matched.select(
        "customer_no",
        "order_no",
        "ordered_on",
        recorded_on=ibis.greatest(known, matched.ordered_on),
        is_return=ibis.literal(True),
        amount_e4=matched.amount_e4,
        list_e4=matched.amount_e4 - off,
        discount_e4=-off,
        full_price_e4=full,
    )
