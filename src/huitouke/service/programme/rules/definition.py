"""A programme's definition: the JSON that a merchant edits, and all that rules follow.

It holds no state of any member and reads no clock. A published definition never changes, so
what it said at a purchase can be asked again at every refund.
"""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from huitouke.language import N_
from huitouke.service.core.bounds import LARGEST
from huitouke.service.programme.rules.extras import Burn, Referral, StampCard
from huitouke.service.programme.rules.shapes import (
    Cap,
    Code,
    Condition,
    Currency,
    Days,
    Expiry,
    Name,
    Never,
    Points,
    Rolling,
    Scope,
    Shape,
    StrictBool,
    Window,
    Zone,
)
from huitouke.service.programme.rules.tier_shapes import Benefit, Tiers

__all__ = [
    "ORDER_FACTS",
    "Definition",
    "Delivered",
    "EarnRule",
    "Eligible",
    "Fixed",
    "Gives",
    "Multiplier",
    "PerItem",
    "PerSpend",
    "Refunds",
    "Unit",
]

#: Facts that carry a cart; all others are worth fixed points only.
ORDER_FACTS = frozenset({"order.paid"})


class Eligible(Shape):
    """Which part of what was paid earns points.

    Goods count after all discounts. Each switch adds (true) or leaves out (false) a part.

    Parameters
    ----------
    tax
        Tax within the price of goods.
    shipping
        What was paid for delivery; it belongs to no line and to no scope but "all".
    gift_card
        Lines that sell gift cards or stored value.
    paid_by_points, paid_by_gift_card
        The part of the bill that was settled with points or with a gift card.
    """

    tax: StrictBool = True
    shipping: StrictBool = False
    gift_card: StrictBool = False
    paid_by_points: StrictBool = False
    paid_by_gift_card: StrictBool = False


class PerSpend(Shape):
    """``floor(eligible_minor × points / per_minor)`` points, once per order.

    Parameters
    ----------
    points, per_minor
        So many points for so much money in minor units: 1 per 100 is 1 per yuan.
    """

    kind: Literal["per_spend"] = "per_spend"
    points: Points
    per_minor: Points


class PerItem(Shape):
    """So many points for each piece in scope, floored once per order for part pieces."""

    kind: Literal["per_item"] = "per_item"
    points: Points


class Fixed(Shape):
    """So many points for the fact itself, whatever it was worth."""

    kind: Literal["fixed"] = "fixed"
    points: Points


class Multiplier(Shape):
    """More of what the per-spend rules of the same unit give, in its own scope.

    ``num/den`` is the whole factor: 2/1 doubles, 3/2 gives half as much again. The extra
    part is an effect of its own, floored once per order.

    Parameters
    ----------
    num, den
        The factor, above 1.
    of
        Ids of the per-spend rules it multiplies; none named is all of its unit.
    compound
        False: several multipliers add (×2 and ×3 make ×4). True: it multiplies what the
        adding ones before it have made (×2 and ×3 make ×6).
    """

    kind: Literal["multiplier"] = "multiplier"
    num: Points
    den: Points = 1
    of: tuple[Code, ...] = ()
    compound: StrictBool = False

    @model_validator(mode="after")
    def _gives_more(self) -> Multiplier:
        if self.num <= self.den:
            message = N_("A multiplier is above 1.")
            raise ValueError(message)
        return self


Gives = Annotated[PerSpend | PerItem | Fixed | Multiplier, Field(discriminator="kind")]


class Delivered(Shape):
    """Pending until the goods have arrived.

    Parameters
    ----------
    days
        Days after delivery at which the points become available.
    at_latest_days
        Days after payment at which they do even if no delivery was ever reported.
    """

    on: Literal["delivered"] = "delivered"
    days: Days = 7
    at_latest_days: Annotated[int, Field(strict=True, ge=1, le=3650)] = 45


class EarnRule(Shape):
    """One way to earn.

    Parameters
    ----------
    id
        Stable name of the rule within the programme; caps and once-only are counted by it.
    name
        What members and staff read.
    on
        Type of fact: ``order.paid``, ``customer.signed_up``, ``birthday``,
        ``review.approved``, ``survey.answered``, ``checkin``, or a type of the merchant's
        own that starts with ``x.``. What a referral earns is said in ``referral``.
    gives
        Per spend, per item, fixed, or a multiplier of per-spend rules.
    unit
        Code of the unit within the programme, e.g. ``points`` or ``growth``.
    when
        Conditions that must all hold.
    window, scope
        When, and for which lines; none is always, and all.
    caps
        Applied last; what they took away is recorded and said.
    once
        ``ever`` or once per local calendar ``year``; none is every time.
    pending
        Days until available, or delivered; none is the unit's, then the programme's return
        window for orders and at once for other facts.
    expiry
        None is the unit's, then the programme's.
    members_only
        True: only enrolled members earn.
    enabled
        False: kept, but gives nothing.
    """

    id: Code
    name: Name
    on: Code
    gives: Gives
    unit: Code = "points"
    when: tuple[Condition, ...] = ()
    window: Window | None = None
    scope: Scope | None = None
    caps: tuple[Cap, ...] = ()
    once: Literal["ever", "year"] | None = None
    pending: Days | Delivered | None = None
    expiry: Expiry | None = None
    members_only: StrictBool = True
    enabled: StrictBool = True


class Refunds(Shape):
    """What happens when goods come back and their points are gone.

    Parameters
    ----------
    debt_policy
        What is done about points already spent: ``debt`` (owed, settled by later points),
        ``within_balance`` (taken from other points, the rest forgiven), ``pending_only``
        (only what was not yet available), ``absorb`` (the shop bears it).
    grace_days
        Whole local days, after the day on which they return, that points live which come
        back after their own expiry.
    expired_on_return
        ``grace``: they live for the grace days; ``expire``: they stay gone.
    debt_years
        Age at which a debt is written off.
    """

    debt_policy: Literal["debt", "within_balance", "pending_only", "absorb"] = "debt"
    grace_days: Days = 14
    expired_on_return: Literal["grace", "expire"] = "grace"
    debt_years: Annotated[int, Field(strict=True, ge=1, le=10)] = 1


class Unit(Shape):
    """Something that is counted for a member.

    Parameters
    ----------
    code
        Within the programme; ``points`` of programme ``main`` is ``main.points`` in the
        ledger.
    kind
        ``points`` (积分), ``growth`` (成长值, never spent) or ``stored_value`` (储值, money).
    name
        What members read.
    scale
        Digits after the decimal point when shown: amounts are whole numbers of
        ``10^-scale``.
    pending
        Days until available, where the rule says nothing; none is the programme's.
    expiry
        Where the rule says nothing; none is the programme's. Stored value never expires.
    transfers
        Whether members may give what they have of it to each other; growth value never.
    transfer_limit
        How much of it one member may give away on a day of the programme's zone; none is no
        limit.
    transfer_wait
        Days until the receiver may use it.
    adjust_limit
        How much of it one person of the staff may adjust for one member within a day before
        another has to approve.
    """

    code: Code
    kind: Literal["points", "growth", "stored_value"] = "points"
    name: Name
    scale: Annotated[int, Field(strict=True, ge=0, le=2)] = 0
    pending: Days | None = None
    expiry: Expiry | None = None
    transfers: StrictBool = False
    transfer_limit: Points | None = None
    transfer_wait: Days = 0
    adjust_limit: Annotated[int, Field(strict=True, ge=0, le=LARGEST)] = 10_000


class Definition(Shape):
    """All rules of one version of a programme.

    Parameters
    ----------
    zone
        IANA time zone whose calendar decides days, windows and expiry.
    currency
        ISO 4217 code of the money that earns; its minor unit is the unit of ``*_minor``.
    units
        What is counted; rules name units by code.
    eligible
        Which part of what was paid earns.
    enrol_on_order
        True: who is no member becomes one with the first order that is told. False: such
        orders are recorded and earn nothing.
    return_days
        The return window: default pending period of points from orders.
    expiry
        Default policy of all units.
    rules
        Ways to earn, in the order in which they are shown.
    tiers
        Levels of membership, or none.
    benefits
        What every member has, whatever the tier.
    refunds
        What happens on refunds.
    burn
        Points as part payment (抵现), or none.
    referral
        Reward for bringing a friend, or none.
    stamps
        Stamp cards (集次卡).
    """

    zone: Zone = "Asia/Shanghai"
    currency: Currency = "CNY"
    units: tuple[Unit, ...] = (Unit(code="points", name=Name(zh="积分", en="points")),)
    eligible: Eligible = Eligible()
    enrol_on_order: StrictBool = False
    return_days: Days = 7
    expiry: Expiry = Rolling(months=12, round="month")
    rules: Annotated[tuple[EarnRule, ...], Field(max_length=500)] = ()
    tiers: Tiers | None = None
    benefits: tuple[Benefit, ...] = ()
    refunds: Refunds = Refunds()
    burn: Burn | None = None
    referral: Referral | None = None
    stamps: tuple[StampCard, ...] = ()

    @property
    def zone_info(self) -> ZoneInfo:
        """The time zone itself (cached by the standard library)."""
        return ZoneInfo(self.zone)

    @property
    def spent_units(self) -> tuple[Unit, ...]:
        """The units that can be spent: growth value never is."""
        return tuple(unit for unit in self.units if unit.kind != "growth")

    def rule(self, rule_id: str) -> EarnRule | None:
        """Return the rule of this id, or none.

        Parameters
        ----------
        rule_id
            As in ``EarnRule.id``.
        """
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    def unit(self, code: str) -> Unit | None:
        """Return the unit of this code, or none.

        Parameters
        ----------
        code
            Within the programme, e.g. ``"points"``.
        """
        return next((unit for unit in self.units if unit.code == code), None)

    def expiry_of(self, unit: str, *, own: Expiry | None = None) -> Expiry:
        """Return how long points live: their source's policy, else the unit's, else ours.

        Stored value is money and never goes, whatever a version said of it before.

        Parameters
        ----------
        unit
            Code of what is counted.
        own
            What the source of the points says for itself: a rule, the referral reward.
        """
        found = self.unit(unit)
        if found is not None and found.kind == "stored_value":
            return Never()
        return own or (found and found.expiry) or self.expiry

    def burn_of(self, unit: str) -> Burn | None:
        """Return how a unit pays a part of an order, or none if it does not.

        Stored value always does, at its face value.

        Parameters
        ----------
        unit
            Its code; empty: the one that ``burn`` names.
        """
        found = self.unit(unit)
        if not unit or (self.burn is not None and self.burn.unit == unit):
            return self.burn
        if found is not None and found.kind == "stored_value":
            return Burn(unit=unit, per_points=1, minor=1)
        return None
