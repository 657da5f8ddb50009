"""What is shown of an analysis: frozen values with intervals, statuses and reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from huitouke.insight.profiles import why
from huitouke.insight.profiles.why import Reason
from huitouke.language import N_, Language, words
from huitouke.service.core.ids import public_id
from huitouke.service.loop.models import Analysis, Profile

__all__ = ["Judged", "Points", "ProfileView", "Said", "Summary", "view_of"]

_STATUS = {"o": "ok", "i": "insufficient_evidence", "n": "not_identified"}
#: What is judged as a number, and whether an interval comes with it.
_NUMBERS: dict[str, bool] = {
    "loyalty_score": True,
    "clv": True,
    "p_alive": False,
    "p_buy": True,
    "orders_expected": True,
    "spend_expected": False,
    "churn_risk": False,
    "rain_or_shine": True,
    "full_price_share": False,
}
_GROUPS = ("p_true_friend", "p_butterfly", "p_barnacle", "p_stranger")
_LIKELY_LOYAL = "likely_loyal"
#: What the API keeps and sends.
_TOLD: tuple[Language, ...] = ("zh", "en")
_FEATURES: dict[str, str] = {
    "p_buy": N_("The chance to buy within the horizon"),
    "orders_expected": N_("The orders expected within the horizon"),
    "quiet": N_("How long it has been quiet, by this customer's own rhythm"),
    "recent_count": N_("Purchases in the last 91 days"),
    "full_price_share": N_("The share of purchases at full price"),
}


@dataclass(frozen=True)
class Summary:
    """What an analysis says of the shop.

    Parameters
    ----------
    analysis
        Which one.
    content
        As in ``summary.json``.
    """

    analysis: Analysis
    content: dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """A number with its 80 % interval, as far as there are any, and what may be said of it."""

    value: float | None
    lo: float | None
    hi: float | None
    status: str


@dataclass(frozen=True)
class Said:
    """A reason: its code, an English message and what goes into its places."""

    code: str
    says: str
    values: dict[str, float | int]

    @classmethod
    def of(cls, reason: Reason) -> Said:
        """Return a reason of the analysis."""
        return cls(reason.code, reason.says, dict(reason.values))

    def text(self, language: Language) -> str:
        """Return it in words.

        Parameters
        ----------
        language
            The reader's.
        """
        return words(language).say(self.says, **self.values)

    def as_json(self) -> dict[str, Any]:
        """Return it ready for JSON, in both languages."""
        told: dict[str, str] = {each: self.text(each) for each in _TOLD}
        return {"code": self.code, **told, "values": self.values}


@dataclass(frozen=True)
class Points:
    """How much one feature adds to the loyalty score; ``says`` is an English message."""

    feature: str
    says: str
    points: float

    def as_json(self) -> dict[str, Any]:
        """Return it ready for JSON, in both languages."""
        told: dict[str, str] = {each: words(each).say(self.says) for each in _TOLD}
        return {"feature": self.feature, **told, "points": self.points}


@dataclass(frozen=True)
class ProfileView:
    """What an analysis says of one customer.

    Parameters
    ----------
    customer, analysis
        Public ids.
    as_of, horizon_days, currency
        The conditions.
    first_order_on, last_order_on, orders, spend_total
        What was bought; days with a purchase.
    numbers
        ``loyalty_score``, ``clv`` (value), ``p_alive``, ``p_buy``, ``orders_expected``,
        ``spend_expected``, ``churn_risk``, ``rain_or_shine``, ``full_price_share``.
    group, group_status, chances
        The group, and the chance of each.
    loyalty_type, type_status, type_confidence
        The type of loyalty.
    lists
        ``slipping``, ``worth_a_call``, ``likely_loyal``, ``unlikely``.
    at_stake
        The margin that is at stake where somebody is slipping; else None.
    reasons
        Why, the weightiest first.
    base_points, points
        What makes up the loyalty score; empty without one.
    """

    customer: str
    analysis: str
    as_of: date
    horizon_days: int
    currency: str
    first_order_on: date
    last_order_on: date
    orders: int
    spend_total: float
    numbers: dict[str, Judged]
    group: str | None
    group_status: str
    chances: dict[str, float | None]
    loyalty_type: str | None
    type_status: str
    type_confidence: float | None
    lists: tuple[str, ...]
    at_stake: Judged | None
    reasons: tuple[Said, ...]
    base_points: float | None
    points: tuple[Points, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            **vars(self),
            "as_of": self.as_of.isoformat(),
            "first_order_on": self.first_order_on.isoformat(),
            "last_order_on": self.last_order_on.isoformat(),
            "numbers": {name: vars(each) for name, each in self.numbers.items()},
            "lists": list(self.lists),
            "at_stake": None if self.at_stake is None else vars(self.at_stake),
            "reasons": [each.as_json() for each in self.reasons],
            "points": [each.as_json() for each in self.points],
        }


def view_of(row: Profile, *, analysis: Analysis) -> ProfileView:
    """Return what is shown of a profile.

    Parameters
    ----------
    row
        The profile.
    analysis
        The finished analysis that it comes from.
    """
    assert analysis.as_of is not None  # noqa: S101 - a finished analysis has its day
    assert analysis.ahead_days is not None  # noqa: S101 - and its horizon
    status = {
        name: _STATUS[letter]
        for name, letter in zip(analysis.judged, row.statuses, strict=True)
    }
    horizon_days = analysis.ahead_days
    return ProfileView(
        customer=public_id("cus", row.customer_id),
        analysis=public_id("ana", analysis.id),
        as_of=analysis.as_of,
        horizon_days=horizon_days,
        currency=analysis.currency,
        first_order_on=row.first_order_on,
        last_order_on=row.last_order_on,
        orders=row.repeat_count + 1,
        spend_total=row.spend_total,
        numbers={name: _judged(row, name, status=status[name]) for name in _NUMBERS},
        group=row.customer_group,
        group_status=status["customer_group"],
        chances={name.removeprefix("p_"): getattr(row, name) for name in _GROUPS},
        loyalty_type=row.loyalty_type,
        type_status=status["loyalty_type"],
        type_confidence=row.loyalty_type_confidence,
        lists=_lists(row),
        at_stake=None if row.at_stake is None else _judged(row, "at_stake", status="ok"),
        reasons=tuple(
            Said.of(each) for each in _reasons(row, analysis.as_of, horizon_days=horizon_days)
        ),
        base_points=None if row.points is None else analysis.base_points,
        points=_points(row, analysis),
    )


def _judged(row: Profile, name: str, *, status: str) -> Judged:
    ends = _NUMBERS.get(name, True)
    lo, hi = (getattr(row, f"{name}_{end}") if ends else None for end in ("lo", "hi"))
    return Judged(getattr(row, name), lo, hi, status)


def _lists(row: Profile) -> tuple[str, ...]:
    on = {
        "slipping": row.at_stake is not None,
        "worth_a_call": row.worth_a_call,
        _LIKELY_LOYAL: row.likely_loyal,
        "unlikely": row.unlikely,
    }
    return tuple(name for name, there in on.items() if there)


def _reasons(row: Profile, as_of: date, *, horizon_days: int) -> list[Reason]:
    silent = (as_of - row.last_order_on).days
    made: list[Reason] = []
    if None not in {row.at_stake, row.limit_days, row.usual_orders, row.orders_expected}:
        made += why.slipping(
            silent,
            limit_days=row.limit_days or 0.0,
            usual_orders=row.usual_orders or 0.0,
            expected_orders=row.orders_expected or 0.0,
            horizon_days=horizon_days,
        )
    if row.loyalty_score is not None:
        low, high = row.loyalty_score_lo or 0.0, row.loyalty_score_hi or 0.0
        made.append(why.scored(row.loyalty_score, low=low, high=high))
    if row.p_buy is not None:
        low, high = row.p_buy_lo or 0.0, row.p_buy_hi or 0.0
        made.append(why.chance(row.p_buy, low=low, high=high, horizon_days=horizon_days))
    made.append(why.bought(row.repeat_count + 1, silent_days=silent))
    if row.rain_or_shine is not None:
        low, high = row.rain_or_shine_lo or 0.0, row.rain_or_shine_hi or 0.0
        made.append(why.steady(row.rain_or_shine, low=low, high=high))
    return made


def _points(row: Profile, analysis: Analysis) -> tuple[Points, ...]:
    made = []
    for feature, points in zip(analysis.features, row.points or (), strict=False):
        made.append(Points(feature, _FEATURES.get(feature, feature), points))
    return tuple(made)
