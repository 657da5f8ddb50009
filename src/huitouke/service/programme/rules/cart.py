"""What rules look at and what they answer: plain frozen values, no records.

Money is in minor units, quantities in thousandths of a piece, points are whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

__all__ = [
    "AT_DELIVERY",
    "Cart",
    "CartLine",
    "Effect",
    "FactView",
    "MemberView",
    "Miss",
    "Outcome",
    "PeriodKey",
]

#: Value of ``Effect.waits_for`` for points that wait for the goods to arrive.
AT_DELIVERY = "delivered"

#: (rule id or cap pool, period), e.g. ("review", "2026-03-08"), ("hello", "ever").
PeriodKey = tuple[str, str]

_NOTHING: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class CartLine:
    """One line of an order.

    Parameters
    ----------
    position
        From 1, unique in the cart.
    sku, category, brand
        What it is; empty where the shop does not say.
    quantity_e3
        Thousandths of a piece (or of a kilogram); 1,000 is one.
    amount_minor
        What the customer pays for it after all discounts, the line's share of the
        order-level discount included; tax included.
    tax_minor
        The tax within ``amount_minor``.
    gift_card
        True if it sells a gift card or stored value.
    """

    position: int
    amount_minor: int
    sku: str = ""
    category: str = ""
    brand: str = ""
    quantity_e3: int = 1000
    tax_minor: int = 0
    gift_card: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Cart:
    """An order as rules see it: at purchase, or what is kept of it after refunds.

    Parameters
    ----------
    lines
        What was bought.
    shipping_minor
        Paid for delivery.
    paid_by_points_minor, paid_by_gift_card_minor
        Part of the bill that was settled so.
    currency
        ISO 4217.
    store, channel
        Codes, empty where unknown.
    coupons
        Codes that were used.
    """

    lines: tuple[CartLine, ...]
    shipping_minor: int = 0
    paid_by_points_minor: int = 0
    paid_by_gift_card_minor: int = 0
    currency: str = "CNY"
    store: str = ""
    channel: str = ""
    coupons: tuple[str, ...] = ()

    def in_currency(self, own: str) -> Cart:
        """Return the cart in a currency, if it names none.

        Parameters
        ----------
        own
            ISO 4217 code of the programme's.
        """
        return self if self.currency else replace(self, currency=own)


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberView:
    """What rules know of a member, as of just before the fact.

    Parameters
    ----------
    tier
        Code of the present tier, or none.
    joined_at
        Enrolment; none for those who are not enrolled.
    birthday_on
        Day of birth, or none.
    enrolled
        True for members.
    uses
        Points already given under caps: (rule id or pool, period key) to points. What is
        missing counts as 0; ``earning.uses_needed`` names the keys that will be asked.
    done
        Once-only rules already given: (rule id, period key).
    order_count
        Orders before this one.
    tags
        Labels of the merchant's own.
    """

    tier: str | None = None
    joined_at: datetime | None = None
    birthday_on: date | None = None
    enrolled: bool = True
    uses: Mapping[PeriodKey, int] = field(default_factory=lambda: _NOTHING)
    done: frozenset[PeriodKey] = frozenset()
    order_count: int = 0
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class FactView:
    """Something that happened.

    Parameters
    ----------
    type
        E.g. ``order.paid``, ``review.approved``.
    at
        When it happened in the shop, with an offset.
    cart
        The order, for facts that carry one.
    attributes
        What else the fact says, asked by conditions as ``fact.<name>``.
    """

    type: str
    at: datetime
    cart: Cart | None = None
    attributes: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """Points that one rule gives for one fact: one lot.

    Parameters
    ----------
    rule_id, unit
        Which rule, and code of the unit within the programme.
    value
        Points given; 0 only where a cap took all.
    desired
        Points before caps.
    capped_by
        ``"<rule id>.<per>"`` or ``"<pool>.<per>"`` of the cap that bound, or none.
    lines
        (position, points) of each line that earned, which sum to ``value``; position 0 is
        delivery; empty for facts without a cart and for fixed points.
    available_at
        When the points may be spent.
    expires_at
        First moment at which they are gone; none is never.
    waits_for
        ``"delivered"``: available so many days after delivery, at ``available_at`` at the
        latest; none: the date stands.
    reason
        ``{"code": …, …}`` for :func:`reasons.say`; JSON-able.
    """

    rule_id: str
    unit: str
    value: int
    desired: int
    capped_by: str | None
    lines: tuple[tuple[int, int], ...]
    available_at: datetime
    expires_at: datetime | None
    waits_for: str | None
    reason: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Miss:
    """A rule for this type of fact that gave nothing, and why.

    Parameters
    ----------
    rule_id
        Which rule.
    condition
        Index into the rule's ``when``, or the name of another gate: ``enrolled``,
        ``window``, ``once``, ``currency``, ``scope``, ``amount`` or ``pieces`` (too little
        for a point), ``base`` (a multiplier without a rule to multiply), ``too_little``
        (a multiplier whose extra part is below a point).
    actual, required
        What was found, and what would have been enough; JSON-able.
    reason
        ``{"code": …, …}`` for :func:`reasons.say`; JSON-able.
    """

    rule_id: str
    condition: int | str
    actual: Any
    required: Any
    reason: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What the rules say to one fact.

    Parameters
    ----------
    effects
        What is given, in order of the definition's rules.
    misses
        Rules for this type of fact that gave nothing.
    eligible_minor
        Eligible amount of the whole cart (0 without one).
    uses
        What is to be added to the member's ``uses``.
    done
        What is to be added to the member's ``done``.
    """

    effects: tuple[Effect, ...] = ()
    misses: tuple[Miss, ...] = ()
    eligible_minor: int = 0
    uses: Mapping[PeriodKey, int] = field(default_factory=lambda: _NOTHING)
    done: tuple[PeriodKey, ...] = ()

    def points(self, unit: str) -> int:
        """Return the points given in one unit.

        Parameters
        ----------
        unit
            Its code within the programme.
        """
        return sum(effect.value for effect in self.effects if effect.unit == unit)
