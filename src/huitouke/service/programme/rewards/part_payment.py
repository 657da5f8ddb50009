"""Points as part of a payment (积分抵现): what they are worth, and how many it takes."""

from __future__ import annotations

from dataclasses import dataclass

from huitouke.service.programme.rules.extras import Burn

__all__ = ["PartPayment", "most_points", "part_payment"]


@dataclass(frozen=True, kw_only=True)
class PartPayment:
    """So many points pay so much money (minor units)."""

    points: int
    worth_minor: int


def most_points(burn: Burn, *, order_minor: int | None) -> int | None:
    """Return the most points that an order takes, or none where there is no limit.

    Parameters
    ----------
    burn
        The programme's rules of part payment.
    order_minor
        Eligible amount of the order; none where it is not known yet.

    Examples
    --------
    >>> most_points(Burn(per_points=100, minor=100, most_percent=50), order_minor=1001)
    500
    """
    if order_minor is None:
        return None
    if order_minor < burn.least_order_minor:
        return 0
    worth = order_minor * burn.most_percent // 100
    # The largest p with floor(p × minor / per_points) <= worth, held to whole steps.
    most = ((worth + 1) * burn.per_points - 1) // burn.minor
    return _spent(most // burn.step_points * burn.step_points, burn=burn)[0]


def _spent(points: int, *, burn: Burn) -> tuple[int, int]:
    """Return the least points that are worth as much as these, and what they are worth."""
    worth = points * burn.minor // burn.per_points
    needed = -(-worth * burn.per_points // burn.minor)
    steps = -(-needed // burn.step_points)
    return steps * burn.step_points, worth


def part_payment(points: int, *, burn: Burn, order_minor: int | None = None) -> PartPayment:
    """Return what points pay, and only the points that it really takes.

    The worth is floored to the minor unit; points that would buy nothing more stay with the
    member.

    Parameters
    ----------
    points
        What the member offers.
    burn
        The programme's rules of part payment.
    order_minor
        Eligible amount of the order; none where it is not known yet.

    Returns
    -------
    PartPayment
        Zero points where the offer is below the least that is taken.

    Examples
    --------
    >>> yuan = Burn(per_points=100, minor=100)
    >>> part_payment(250, burn=yuan)
    PartPayment(points=250, worth_minor=250)
    >>> part_payment(259, burn=Burn(per_points=10, minor=1))
    PartPayment(points=250, worth_minor=25)
    >>> part_payment(5000, burn=yuan, order_minor=1200).points
    1200
    """
    most = most_points(burn, order_minor=order_minor)
    offered = points if most is None else min(points, most)
    spent, worth = _spent(offered // burn.step_points * burn.step_points, burn=burn)
    if worth == 0 or spent < burn.least_points:
        return PartPayment(points=0, worth_minor=0)
    return PartPayment(points=spent, worth_minor=worth)
