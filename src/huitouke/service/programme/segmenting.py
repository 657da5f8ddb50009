"""What segments ask of the programme: tier, redemptions, coupons."""

from __future__ import annotations

from huitouke.language import N_
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.versions.queries import NothingPublished
from huitouke.service.segments.fields import Condition, Field, Ground, Option, Sql
from huitouke.service.segments.making import since

__all__ = ["FIELDS", "tier_options"]

_PROGRAMME = "main"
#: A member without a tier.
_NO_TIER = "-"
_TIER = """EXISTS (SELECT FROM programme_membership m
  WHERE m.customer_id = c.id AND m.programme_id = %s AND m.tier = ANY(%s)
    AND m.merged_into_id IS NULL AND m.joined_at IS NOT NULL)"""
_REDEEMED = """EXISTS (SELECT FROM programme_redemption r
  WHERE r.customer_id = c.id AND r.programme = %s
    AND r.state IN ('captured', 'part_reversed'){when})"""
_COUPON_USED = """EXISTS (SELECT FROM programme_codeuse u
  WHERE u.customer_id = c.id AND u.state = 'redeemed'{when})"""
_COUPON = """EXISTS (SELECT FROM programme_code k
  JOIN programme_couponcampaign p ON p.id = k.campaign_id
  WHERE k.customer_id = c.id AND p.programme = %s AND p.enabled AND NOT k.void AND k.taken = 0
    AND coalesce(least(k.expires_at, p.valid_to), 'infinity') > %s)"""


def _rulebook(ground: Ground) -> Rulebook | None:
    def look() -> Rulebook | None:
        try:
            return Rulebook.open(_PROGRAMME, at=ground.now)
        except NothingPublished:
            return None

    return ground.once("programme.rulebook", look)


def _tier(condition: Condition, ground: Ground) -> Sql:
    rulebook = _rulebook(ground)
    if rulebook is None:
        return Sql("false")
    codes = ["" if each == _NO_TIER else each for each in condition.values]
    return Sql(_TIER, (rulebook.programme, codes))


def _tiers(ground: Ground) -> tuple[Option, ...]:
    named = tier_options(_rulebook(ground))
    return (*named, Option(_NO_TIER, N_("no tier"))) if named else ()


def tier_options(rulebook: Rulebook | None) -> tuple[Option, ...]:
    """Return the tiers that can be chosen, the lowest first; none where there are none.

    Parameters
    ----------
    rulebook
        Of the programme; none where nothing was ever published.
    """
    tiers = None if rulebook is None else rulebook.now.definition.tiers
    if tiers is None:
        return ()
    return tuple(
        Option(each.code, each.code, each.name.model_dump(exclude_defaults=True))
        for each in tiers.tiers
    )


def _redeemed(condition: Condition, ground: Ground) -> Sql:
    when, bound = since("r.captured_at", condition, ground)
    return Sql(_REDEEMED.format(when=when), (_PROGRAMME, *bound))


def _coupon_used(condition: Condition, ground: Ground) -> Sql:
    when, bound = since("u.redeemed_at", condition, ground)
    return Sql(_COUPON_USED.format(when=when), bound)


def _coupon(_: Condition, ground: Ground) -> Sql:
    return Sql(_COUPON, (_PROGRAMME, ground.now))


FIELDS: tuple[Field, ...] = (
    Field(
        "tier",
        "programme",
        N_("Tier"),
        N_("The member's tier in effect; who is no member has none of them."),
        "choice",
        _tier,
        options=_tiers,
    ),
    Field(
        "redeemed",
        "programme",
        N_("Redeemed a reward"),
        N_("Points were spent for a reward or as part payment, and did not all come back."),
        "flag",
        _redeemed,
        span="past",
    ),
    Field(
        "coupon",
        "programme",
        N_("Has a coupon to use"),
        N_("A code of the customer's own that was not used yet and is still good."),
        "flag",
        _coupon,
    ),
    Field(
        "coupon_used",
        "programme",
        N_("Used a coupon"),
        N_("A coupon code was redeemed with an order."),
        "flag",
        _coupon_used,
        span="past",
    ),
)
