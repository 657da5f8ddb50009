"""What a return would come to, by line and by the ways the order was paid."""

from __future__ import annotations

from collections.abc import Mapping

from huitouke.service.orders.amounts import GivenBack, given_back, returned_amount
from huitouke.service.orders.models import Line, Order, Refund

__all__ = ["coming_back", "is_all", "line_back", "ways_gone"]


def line_back(line: Line, *, quantity_e3: int | None) -> int:
    """Return what comes back for a quantity of a line; never more than is left of it.

    Parameters
    ----------
    line
        As it is now.
    quantity_e3
        Thousandths; None: all that is left of the line.
    """
    left = line.net_minor - line.refunded_minor
    if quantity_e3 is None:
        return left
    if not 0 < quantity_e3 <= line.quantity_e3 - line.returned_e3:
        return 0
    return returned_amount(
        line.net_minor,
        quantity_e3=line.quantity_e3,
        before_e3=line.returned_e3,
        now_e3=quantity_e3,
        left_minor=left,
    )


def coming_back(order: Order, *, lines: Mapping[int, int | None]) -> GivenBack:
    """Return what a return of these lines would come to.

    Parameters
    ----------
    order
        With its lines at hand.
    lines
        Thousandths by position, None for all that is left of a line; none at all is all that
        is left of the order, delivery included.
    """
    before = order.refunded_minor
    amount = order.total_minor - before
    if lines:
        amount = sum(
            line_back(each, quantity_e3=lines[each.position])
            for each in order.lines.all()
            if each.position in lines
        )
    return _ways(order, amount_minor=amount, before_minor=before)


def is_all(order: Order, *, lines: Mapping[int, int | None]) -> bool:
    """Say whether these lines are everything that is left: then delivery comes back, too.

    Parameters
    ----------
    order
        With its lines at hand.
    lines
        Thousandths by position, None for all that is left of a line.
    """
    left = {
        each.position: each.quantity_e3 - each.returned_e3
        for each in order.lines.all()
        if each.net_minor > each.refunded_minor
    }
    return bool(left) and all(
        position in lines and lines[position] in {None, quantity_e3}
        for position, quantity_e3 in left.items()
    )


def ways_gone(refund: Refund) -> GivenBack:
    """Return in which ways the last return of an order went back.

    Parameters
    ----------
    refund
        The last one, with its order as it is since.
    """
    before = refund.order.refunded_minor - refund.amount_minor
    return _ways(refund.order, amount_minor=refund.amount_minor, before_minor=before)


def _ways(order: Order, *, amount_minor: int, before_minor: int) -> GivenBack:
    return given_back(
        amount_minor,
        total_minor=order.total_minor,
        before_minor=before_minor,
        by_points_minor=order.paid_by_points_minor,
        by_gift_card_minor=order.paid_by_gift_card_minor,
    )
