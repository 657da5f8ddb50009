"""Coupons and stamp cards as pages show them."""

from __future__ import annotations

from collections.abc import Sequence

from huitouke.language import N_
from huitouke.service.backoffice.acts import say
from huitouke.service.backoffice.customers.naming import named
from huitouke.service.backoffice.customers.parts import CouponShown, StampShown
from huitouke.service.programme.rewards.holdings import Coupon
from huitouke.service.programme.rewards.stamp_counting import CardCount
from huitouke.service.programme.rules.extras import StampCard
from huitouke.service.ui.reader import current

__all__ = ["coupons_shown", "stamps_shown", "worth_of"]

_STATES = {
    "open": (N_("Open"), "good"),
    "used": (N_("Used"), ""),
    "lapsed": (N_("Lapsed"), ""),
    "void": (N_("Withdrawn"), "bad"),
}


def worth_of(kind: str, value: int, *, currency: str) -> str:
    """Return what a coupon is worth, in words.

    Parameters
    ----------
    kind, value, currency
        As of its campaign.
    """
    reader = current()
    if kind == "percent":
        return say(N_("{share} off"), share=reader.share(value / 10_000))
    if kind == "amount":
        return say(N_("{amount} off"), amount=reader.money(value, currency=currency))
    if kind == "free_delivery":
        return say(N_("Free delivery"))
    return say(N_("{n} for free"), n=value)


def coupons_shown(coupons: Sequence[Coupon]) -> tuple[CouponShown, ...]:
    """Return coupons as they are read.

    Parameters
    ----------
    coupons
        Of one customer.
    """
    return tuple(
        CouponShown(
            name=named(each.names),
            code=each.code,
            worth=worth_of(each.kind, each.value, currency=each.currency),
            state=say(_STATES[each.state][0]),
            tone=_STATES[each.state][1],
            expires_at=each.expires_at,
        )
        for each in coupons
    )


def stamps_shown(cards: Sequence[tuple[StampCard, CardCount]]) -> tuple[StampShown, ...]:
    """Return stamp cards as they are read.

    Parameters
    ----------
    cards
        Of one customer.
    """
    return tuple(
        StampShown(
            name=named(card.name.model_dump(exclude_defaults=True)),
            stamps=count.stamps,
            of=card.stamps,
            full=count.full,
        )
        for card, count in cards
    )
