"""Loops of several accounts of one person: bringing oneself, and giving to oneself."""

from __future__ import annotations

from collections.abc import Iterator

from huitouke.language import N_
from huitouke.service.programme.economics.loops.case import BASE, CHEAPEST_MINOR, Case
from huitouke.service.programme.economics.loops.finding import Finding, Step
from huitouke.service.programme.rules.cart import Cart, CartLine
from huitouke.service.programme.rules.definition import Fixed, Unit
from huitouke.service.programme.rules.extras import Referral

__all__ = ["points_pooled", "referral_ring"]

_ROUNDS = 12


def referral_ring(case: Case) -> Iterator[Finding]:
    """Find rewards for a second account of one's own.

    Parameters
    ----------
    case
        What is looked at.
    """
    referral = case.definition.referral
    if referral is None or referral.unit != case.unit:
        return
    both = referral.advocate_points + referral.friend_points
    order = max(referral.least_order_minor, CHEAPEST_MINOR)
    worth = case.minor(both)
    if worth >= order:
        yield _ring(case, referral=referral, order=order, worth=worth)
    wait = referral.wait_days
    if wait is not None and wait < case.definition.return_days and worth:
        yield _early(case, referral=referral, order=order, wait=wait)
    checks = (
        referral.review_same_device,
        referral.review_same_address,
        referral.review_same_payment,
    )
    endless = referral.most_per_month is None and referral.most_per_year is None
    if not any(checks) and endless and worth and worth < order:
        yield _unseen(case, referral=referral, order=order)


def points_pooled(case: Case) -> Iterator[Finding]:
    """Find presents for joining that many accounts can give to one.

    Parameters
    ----------
    case
        What is looked at.
    """
    unit = case.definition.unit(case.unit)
    presents = {
        rule.id: rule.gives.points
        for rule in case.definition.rules
        if rule.enabled
        and rule.on == "customer.signed_up"
        and rule.unit == case.unit
        and isinstance(rule.gives, Fixed)
    }
    points = sum(presents.values())
    if unit is None or not unit.transfers or not case.minor(points):
        return
    pooled = points * _ROUNDS
    yield Finding(
        kind="points_pooled",
        severity="medium",
        gain_minor=case.minor(pooled),
        rules=(*presents, f"units.{unit.code}.transfers", *case.through),
        steps=(
            Step(
                says=N_("Join with {rounds} accounts: {points} points."),
                values={"rounds": _ROUNDS, "points": pooled},
                at=BASE,
                points=pooled,
            ),
            *_patience(unit, points=points),
            Step(
                says=N_("Give all to one of them and use them there, worth {worth_minor}."),
                values={"worth_minor": case.minor(pooled)},
                points=-pooled,
                cash_minor=case.minor(pooled),
            ),
        ),
        says=N_(
            "Each account has {points} points for joining, and members may give points to each "
            "other: {rounds} accounts of one person pool {gain_minor}, and nothing was bought."
        ),
        values={"points": points, "rounds": _ROUNDS},
        currency=case.definition.currency,
    )


def _patience(unit: Unit, *, points: int) -> Iterator[Step]:
    """Yield how long the rules of giving make who pools points wait; they end nothing."""
    most = unit.transfer_limit
    days = unit.transfer_wait + (0 if most is None else (points - 1) // most)
    if days:
        yield Step(
            says=N_(
                "Be patient for {days} days: so long the daily limit and the wait delay it."
            ),
            values={"days": days},
        )


def _order(case: Case, amount: int) -> Cart:
    line = CartLine(position=1, amount_minor=amount)
    return Cart(lines=(line,), currency=case.definition.currency)


def _steps(case: Case, *, referral: Referral, order: int, back: bool) -> tuple[Step, ...]:
    both = referral.advocate_points + referral.friend_points
    steps = [
        Step(
            says=N_("Open a second account with one's own code and buy for {paid_minor}."),
            values={"paid_minor": order},
            at=BASE,
            cart=_order(case, order),
            cash_minor=-order,
        ),
        Step(
            says=N_("Both accounts are rewarded: {points} points worth {worth_minor}."),
            values={"points": both, "worth_minor": case.minor(both)},
            points=both,
            cash_minor=case.minor(both),
        ),
    ]
    if back:
        steps.append(
            Step(
                says=N_("Use the points and send the order back for {paid_minor}."),
                values={"paid_minor": order},
                points=-both,
                cash_minor=order,
            )
        )
    return tuple(steps)


def _ring(case: Case, *, referral: Referral, order: int, worth: int) -> Finding:
    most = referral.most_per_month
    rounds = _ROUNDS if most is None else min(_ROUNDS, most)
    return Finding(
        kind="referral_ring",
        severity="critical" if most is None and referral.most_per_year is None else "high",
        gain_minor=(worth - order) * rounds,
        rules=("referral", *case.through),
        steps=_steps(case, referral=referral, order=order, back=False),
        says=N_(
            "A friend's first order of {paid_minor} is rewarded with points worth "
            "{worth_minor}: {rounds} accounts of one person bring {gain_minor} and the goods."
        ),
        values={"paid_minor": order, "worth_minor": worth, "rounds": rounds},
        currency=case.definition.currency,
    )


def _early(case: Case, *, referral: Referral, order: int, wait: int) -> Finding:
    both = referral.advocate_points + referral.friend_points
    owes = case.definition.refunds.debt_policy == "debt"
    return Finding(
        kind="referral_refund",
        severity="medium" if owes else "critical",
        gain_minor=case.minor(both),
        rules=("referral.wait_days", "refunds.debt_policy", *case.through),
        steps=_steps(case, referral=referral, order=order, back=True),
        says=N_(
            "A referral is rewarded {wait} days after the friend's order, which can go back "
            "for {days} days: use the points, send it back, and {gain_minor} stays."
        ),
        values={"wait": wait, "days": case.definition.return_days},
        currency=case.definition.currency,
    )


def _unseen(case: Case, *, referral: Referral, order: int) -> Finding:
    both = referral.advocate_points + referral.friend_points
    return Finding(
        kind="referral_unseen",
        severity="medium",
        gain_minor=case.minor(both) * _ROUNDS,
        rules=("referral", *case.through),
        steps=_steps(case, referral=referral, order=order, back=False),
        says=N_(
            "Nothing looks at referrals of oneself and nothing limits them: {rounds} accounts "
            "that each buy for {paid_minor} bring points worth {gain_minor}."
        ),
        values={"rounds": _ROUNDS, "paid_minor": order},
        currency=case.definition.currency,
    )
