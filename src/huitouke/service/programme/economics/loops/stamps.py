"""Loops of stamp cards: cheap stamps, and presents that outlive their orders' return."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from huitouke.language import N_
from huitouke.service.programme.economics.loops.case import BASE, CHEAPEST_MINOR, Case
from huitouke.service.programme.economics.loops.finding import Finding, Step
from huitouke.service.programme.economics.loops.returns import Played
from huitouke.service.programme.rules.extras import StampCard

__all__ = ["stamp_cards"]

_ME = 1
_MOMENT = timedelta(minutes=1)


def stamp_cards(case: Case) -> Iterator[Finding]:
    """Find cards whose present is worth what fills them, or outlives their orders' return.

    Parameters
    ----------
    case
        What is looked at.
    """
    for card in case.definition.stamps:
        worth = _present(card, case=case)
        cost = max(card.least_minor, CHEAPEST_MINOR) * card.to_collect
        if card.per == "item":
            cost = max(card.least_minor, CHEAPEST_MINOR * card.to_collect)
        if worth >= cost:
            yield _cheap_card(case, card=card, worth=worth, cost=cost)
        elif worth and case.definition.refunds.debt_policy != "debt" and card.points:
            yield _sent_back(case, card=card, cost=cost)


def _present(card: StampCard, *, case: Case) -> int:
    if card.points:
        return case.minor(card.points) if card.unit == case.unit else 0
    return next((prize.worth_minor for prize in case.prizes if prize.code == card.reward), 0)


def _cheap_card(case: Case, *, card: StampCard, worth: int, cost: int) -> Finding:
    values = {
        "card": card.id,
        "stamps": card.to_collect,
        "cost_minor": cost,
        "worth_minor": worth,
    }
    return Finding(
        kind="stamp_card",
        severity="critical" if card.again else "medium",
        gain_minor=worth - cost,
        rules=(card.id, *case.through),
        steps=(
            Step(
                says=N_("Collect {stamps} stamps on {card} for {cost_minor} in all."),
                values=values,
                at=BASE,
                cash_minor=-cost,
            ),
            Step(
                says=N_("Take the present, worth {worth_minor}."),
                values=values,
                cash_minor=worth,
            ),
        ),
        says=N_(
            "The card {card} is full after {cost_minor} of cheap orders and gives something "
            "worth {worth_minor}: {gain_minor} more than it cost."
        ),
        values=values,
        currency=case.definition.currency,
    )


def _sent_back(case: Case, *, card: StampCard, cost: int) -> Finding:
    played = Played(case)
    key = played.key("card")
    played.steps.append(
        Step(
            says=N_("Collect {stamps} stamps on {card} for {cost_minor} in all."),
            values={"card": card.id, "stamps": card.to_collect, "cost_minor": cost},
            at=BASE,
            points=card.points,
            cash_minor=-cost,
        )
    )
    played.model.earn(_ME, key=key, amount=card.points, at=BASE)
    played.spend_all(BASE + _MOMENT)
    played.send_back(card.points, keys=[key], paid_minor=cost, at=BASE + 2 * _MOMENT)
    return Finding(
        kind="stamp_refund",
        severity="critical" if card.again else "medium",
        gain_minor=played.gained_minor,
        rules=(card.id, "refunds.debt_policy", *case.through),
        steps=tuple(played.steps),
        says=N_(
            "The points of a full card {card} can be used at once; the orders that filled it "
            "go back for {cost_minor}, nothing is owed, and {gain_minor} stays."
        ),
        values={"card": card.id, "cost_minor": cost},
        currency=case.definition.currency,
    )
