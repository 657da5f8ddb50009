"""What a member is about to lose at the counter: read from lots, forecast, quote and rewards.

A return is asked by doing it and undoing it again, so that its numbers are those of the real
way, caps, tiers and debts included. Nothing stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from huitouke.service.core.actor import Actor
from huitouke.service.customers import queries as customers
from huitouke.service.ledger import queries as ledger
from huitouke.service.programme.events.facts import FactBase
from huitouke.service.programme.events.quotes import Quote
from huitouke.service.programme.events.reading import TierView, tier
from huitouke.service.programme.events.record import record
from huitouke.service.programme.events.results import FactResult
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.rewards.offers import RewardOffer
from huitouke.service.programme.rules.losses import (
    Doing,
    Lapsing,
    Loss,
    NextReward,
    Standing,
    losses,
)
from huitouke.service.programme.rules.shapes import Name

__all__ = ["before_losing", "rehearsed"]

_MOMENT = timedelta(microseconds=1)


def rehearsed(fact: FactBase, *, actor: Actor) -> FactResult:
    """Return what a fact would come to, by recording it and undoing that at once.

    Parameters
    ----------
    fact
        Validated.
    actor
        Who would tell it.
    """
    with transaction.atomic():
        told = record([fact], actor=actor)[0]
        transaction.set_rollback(True)
    return told


def before_losing(
    customer: UUID,
    *,
    doing: Doing,
    now: datetime,
    quoted: Quote | None = None,
    spends: int = 0,
    offers: tuple[RewardOffer, ...] = (),
    returned: FactResult | None = None,
    unit: str = "points",
    programme: str = "main",
) -> tuple[Loss, ...]:
    """Return what a member is about to lose, the heaviest first; nothing for who is none.

    Parameters
    ----------
    customer
        Any id the person ever had.
    doing
        What is about to be done.
    now
        The present moment.
    quoted
        Of the sale at hand.
    spends
        Points that are about to be redeemed.
    offers
        Rewards as the member sees them.
    returned
        What the return at hand would come to; of :func:`rehearsed`.
    unit
        Code of the unit that is spent.
    programme
        Code of the programme.

    Raises
    ------
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    NothingPublished
        If the programme has no rules.
    """
    stands = tier(customer, now=now, programme=programme)
    if not stands.enrolled:
        return ()
    rulebook = Rulebook.open(programme, at=now)
    rules = rulebook.now
    number = rulebook.units.get(unit)
    account = (
        None
        if number is None
        else ledger.account_of(customers.record_of(customer), unit=number)
    )
    available, lapsing = 0, []
    if account is not None:
        has = ledger.balance(account)
        available = has.active
        lapsing = [
            Lapsing(points=each.points, through=rules.day(each.expires_at - _MOMENT))
            for each in has.expiring
            if each.expires_at is not None
        ]
    taken, owed, fell = _returned(returned, unit=unit)
    tiers = rules.definition.tiers
    names = {} if tiers is None else {each.code: each.name for each in tiers.tiers}
    before, after = fell
    return losses(
        Standing(
            doing=doing,
            day=rules.day(now),
            unit=rules.named(unit),
            currency=rules.definition.currency,
            available=available,
            lapsing=lapsing,
            progress=stands.progress,
            tiers=tiers,
            gain=_gain(stands, quoted=quoted, unit=None if tiers is None else tiers.unit),
            lifted=quoted is not None
            and any(each.get("type") == "tier.upgraded" for each in quoted.effects),
            rewards=[
                NextReward(
                    name=dict(each.reward.names),
                    cost_points=each.reward.cost_points,
                    missing=each.points_missing,
                )
                for each in offers
                if each.reward.unit == unit
            ],
            spends=spends,
            taken=taken,
            owed=owed,
            falls_from=_named(names, before),
            falls_to=_named(names, after),
        )
    )


def _named(names: Mapping[str, Name], code: str | None) -> dict[str, str] | None:
    name = names.get(code or "")
    if name is None:
        return {"en": code, "zh": code} if code else None
    dumped: dict[str, str] = name.model_dump(exclude_defaults=True)
    return dumped


def _gain(stands: TierView, *, quoted: Quote | None, unit: str | None) -> int:
    """Return what the sale at hand adds to what the tiers count."""
    if quoted is None:
        return 0
    if stands.metric == "spend":
        return quoted.eligible_minor
    if stands.metric == "visits":
        return int(quoted.eligible_minor > 0)
    return quoted.points.get(unit or "", 0)


def _returned(
    returned: FactResult | None, *, unit: str
) -> tuple[int, int, tuple[str | None, str | None]]:
    """Return points taken, points owed, and the tier before and after."""
    taken = owed = 0
    fell: tuple[str | None, str | None] = (None, None)
    for each in () if returned is None else returned.effects:
        kind = each.get("type")
        if kind == "points.clawed_back" and each.get("unit", unit) == unit:
            taken += int(each.get("value", 0))
            owed += int(each.get("owed", 0))
        elif kind == "tier.downgraded":
            fell = (fell[0] or each.get("from_tier"), each.get("to_tier"))
    return taken, owed, fell
