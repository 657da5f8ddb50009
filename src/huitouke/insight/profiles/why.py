"""Why somebody is on a list: each reason a code, a message with places, and its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from huitouke.language import N_

__all__ = ["Reason", "bought", "chance", "full_price", "scored", "slipping", "steady"]

_SILENT = N_(
    "Silent for {silent_days} days; 95 of 100 of this customer's own gaps are shorter than "
    "{limit_days} days."
)
_AT_STAKE = N_(
    "At the usual rhythm {usual_orders:.1f} orders would come in the next {horizon_days} days; "
    "{expected_orders:.1f} are now expected."
)
_BOUGHT_OFTEN = N_("{orders} purchases so far, the last {silent_days} days ago.")
_SCORED = N_("Loyalty score {score:.0f} (80 % interval {low:.0f} to {high:.0f}).")
_LIKELY = N_(
    "Chance to buy in the next {horizon_days} days: {p:.0%} ({low:.0%} to {high:.0%})."
)
_FULL_PRICE = N_("{full} of {orders} purchases at full price.")
_STEADY = N_(
    "About {share:.0%} of the purchases would remain without promotions "
    "({low:.0%} to {high:.0%})."
)
_ONE_PURCHASE = N_("A single purchase, {silent_days} days ago.")


@dataclass(frozen=True)
class Reason:
    """One reason, as a code and numbers; the words come with the reader's language.

    Parameters
    ----------
    code
        Stable name.
    says
        English message with ``{places}``.
    values
        What goes into the places.
    """

    code: str
    says: str
    values: dict[str, float | int]


def slipping(
    silent_days: int,
    *,
    limit_days: float,
    usual_orders: float,
    expected_orders: float,
    horizon_days: int,
) -> tuple[Reason, Reason]:
    """Say that somebody is overdue by their own rhythm, and what is at stake.

    Parameters
    ----------
    silent_days
        Days since the last order.
    limit_days
        The gap that they exceed with a small chance while they are still there.
    usual_orders, expected_orders
        Orders that their rhythm would bring within the horizon, and those now expected.
    horizon_days
        The horizon.
    """
    stakes: dict[str, float | int] = {
        "usual_orders": usual_orders,
        "expected_orders": expected_orders,
        "horizon_days": horizon_days,
    }
    quiet: dict[str, float | int] = {
        "silent_days": silent_days,
        "limit_days": round(limit_days),
    }
    return Reason("silent", _SILENT, quiet), Reason("at_stake", _AT_STAKE, stakes)


def chance(p: float, *, low: float, high: float, horizon_days: int) -> Reason:
    """Say how likely somebody is to buy within the horizon.

    Parameters
    ----------
    p, low, high
        The chance and its 80 % interval.
    horizon_days
        The horizon.
    """
    values: dict[str, float | int] = {
        "horizon_days": horizon_days,
        "p": p,
        "low": low,
        "high": high,
    }
    return Reason("likely", _LIKELY, values)


def bought(orders: int, *, silent_days: int) -> Reason:
    """Say how often somebody has bought, and when for the last time.

    Parameters
    ----------
    orders
        Purchases so far.
    silent_days
        Days since the last.

    Examples
    --------
    >>> bought(1, silent_days=40).code
    'one_purchase'
    """
    if orders == 1:
        return Reason("one_purchase", _ONE_PURCHASE, {"silent_days": silent_days})
    counts: dict[str, float | int] = {"orders": orders, "silent_days": silent_days}
    return Reason("bought_often", _BOUGHT_OFTEN, counts)


def scored(score: float, *, low: float, high: float) -> Reason:
    """Say what the loyalty score is.

    Parameters
    ----------
    score, low, high
        The score and its 80 % interval.
    """
    return Reason("scored", _SCORED, {"score": score, "low": low, "high": high})


def full_price(full: int, *, orders: int) -> Reason:
    """Say how many purchases were at full price.

    Parameters
    ----------
    full, orders
        At full price, and all.
    """
    return Reason("full_price", _FULL_PRICE, {"full": full, "orders": orders})


def steady(share: float, *, low: float, high: float) -> Reason:
    """Say what share of the purchases would remain without promotions.

    Parameters
    ----------
    share, low, high
        The share and its 80 % interval.
    """
    return Reason("steady", _STEADY, {"share": share, "low": low, "high": high})
