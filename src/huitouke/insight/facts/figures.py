"""What a line came to: net amount, list amount, discount, and what was taken back.

A line is a return if its amount or quantity is negative, or if its order number carries the
mark of a cancellation. A line whose status says cancelled keeps its amount and has the same
amount as its reversal; a refund column is a reversal too.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huitouke.insight.facts.amounts import Scaled, times
from huitouke.insight.facts.cells import Check, Mask, Part
from huitouke.insight.facts.headings import normalised
from huitouke.insight.facts.labels import as_text
from huitouke.insight.facts.moments import MISSING, OK, OUT_OF_RANGE, UNREADABLE

__all__ = ["VOID_WORDS", "amounts", "figures", "returned"]

_UNDONE = """
    cancelled canceled cancel refunded refund returned return void voided chargeback
    reversed failed declined expired unpaid abandoned
    已取消 取消 已退款 退款 退款成功 全额退款 已退货 退货 退货退款 已退货退款 交易关闭
    交易取消 已关闭 订单关闭 订单取消 关闭 作废 已作废 待付款 未付款 等待买家付款 支付失败
    撤销 已撤销 冲正 退單 已取消訂單 退貨 已退貨 交易關閉 作廢
"""

#: Words of a status that say that the order never came to be or was undone, normalised.
VOID_WORDS = frozenset(map(normalised, _UNDONE.split()))
_REASONS = {
    MISSING: "amount_missing",
    UNREADABLE: "amount_unreadable",
    OUT_OF_RANGE: "amount_out_of_range",
}


def amounts(part: Part) -> tuple[Scaled, Scaled | None, Scaled | None, list[Check]]:
    """Read amount, quantity and refund, and say what must hold for a row to be used.

    Parameters
    ----------
    part
        Some rows of an orders file.

    Returns
    -------
    tuple
        Amount (4 places; unit price times quantity if the file gives no amount), quantity
        (4 places) and refund (4 places) or None, and the checks.
    """
    places = part.staged.columns.places
    amount = part.numbers("amount")
    quantity = part.numbers("quantity", optional=amount is not None)
    checks = []
    if amount is not None:
        checks.append(Check(places["amount"][0], amount.state, _REASONS))
    else:
        price = part.numbers("unit_price", places=8)
        assert price is not None  # noqa: S101 - find_columns requires both columns
        assert quantity is not None  # noqa: S101
        amount = times(price, quantity=quantity)
        checks += [
            Check(places["unit_price"][0], price.state, _REASONS),
            Check(places["quantity"][0], quantity.state, _REASONS),
            Check(places["unit_price"][0], amount.state, _REASONS),
        ]
    return amount, quantity, part.numbers("refund", optional=True), checks


def returned(amount: Scaled, *, quantity: Scaled | None, order_id: pa.Array | None) -> Mask:
    """Return which rows are returns.

    Parameters
    ----------
    amount, quantity
        As read.
    order_id
        Order numbers, where a C before digits marks a cancellation; else None.
    """
    back: Mask = amount.units < 0
    if quantity is not None:
        back = back | ((quantity.state == OK) & (quantity.units < 0))
    if order_id is not None:
        marked = pc.fill_null(pc.match_substring_regex(order_id, "^[Cc][0-9]+$"), False)
        back = back | marked.to_numpy(zero_copy_only=False)
    return back


def figures(
    part: Part, *, amount: Scaled, quantity: Scaled | None, refund: Scaled | None, back: Mask
) -> dict[str, pa.Array]:
    """Return the columns of figures of ``tables.LINES``, and the reversals.

    Parameters
    ----------
    part
        Some rows of an orders file.
    amount, quantity, refund
        As ``amounts`` reads them.
    back
        Which rows are returns.
    """
    net = np.where(back, -np.abs(amount.units), amount.units)
    values = {"amount_e4": pa.array(net), "is_return": pa.array(back)}
    if quantity is not None:
        values["quantity"] = pa.array(quantity.units / 1e4, mask=quantity.state != OK)
    before = _before(part, quantity)
    if before is not None:
        values["list_e4"] = pa.array(np.abs(before.units), mask=before.state != OK)
    off = part.numbers("discount", optional=True)
    if off is not None:
        values["discount_e4"] = pa.array(np.abs(off.units), mask=off.state != OK)
    status = part.place("status")
    if status is None and refund is None:
        return values
    undone = np.zeros(part.rows, dtype=np.int64)
    if refund is not None:
        undone = np.where((refund.state == OK) & ~back, np.abs(refund.units), 0)
    void = np.zeros(part.rows, dtype=bool)
    if status is not None:
        void = _void(part.chunk.cells[status]) & ~back & (undone == 0)
    values["reversal_e4"] = pa.array(np.where(void, net, undone))
    values["is_void"] = pa.array(void)
    return values


def _before(part: Part, quantity: Scaled | None) -> Scaled | None:
    """Return the amount before discount: as such, or list price times quantity."""
    whole = part.numbers("list_amount", optional=True)
    if whole is not None:
        return whole
    price = part.numbers("list_price", places=8, optional=True)
    if price is None:
        return None
    one = Scaled(np.full(part.rows, 10_000), np.full(part.rows, OK, dtype=np.uint8))
    return times(price, quantity=quantity or one)


def _void(status: pa.Array) -> Mask:
    coded = as_text(status).dictionary_encode()
    words = [normalised(word or "") in VOID_WORDS for word in coded.dictionary.to_pylist()]
    rows = pc.fill_null(coded.indices, len(words)).to_numpy(zero_copy_only=False)
    found: Mask = np.array([*words, False])[rows]
    return found
