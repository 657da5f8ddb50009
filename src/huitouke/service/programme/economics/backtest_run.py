"""What a back-test tells of one definition, from what its replay counted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from huitouke.service.programme.economics.backtest_report import (
    CardIssue,
    ReferralIssue,
    RuleIssue,
    Run,
)
from huitouke.service.programme.economics.outlook import Assumed, outlook
from huitouke.service.programme.economics.scene import Scene
from huitouke.service.programme.economics.worth import worth_of
from huitouke.service.programme.rules.extras import StampCard

__all__ = ["run_of"]

# Facts that a replay of orders makes by itself.
_REPLAYED = frozenset({"order.paid", "customer.signed_up", "birthday"})


def run_of(
    name: str,
    *,
    scene: Scene,
    assumed: Assumed,
    cost: Fraction | None,
    rewards: Mapping[str, int],
) -> Run:
    """Return what is told of a run.

    Parameters
    ----------
    name
        Of the run.
    scene
        After the replay.
    assumed
        How much of the points is redeemed.
    cost
        Cost of one redeemed point in minor units; none is its face value.
    rewards
        What each reward of the catalogue is worth in minor units, where that is known.
    """
    definition, totals, unit = scene.definition, scene.totals, scene.unit
    rules = _rules(scene)
    cards = tuple(_card(card, scene=scene, rewards=rewards) for card in scene.cards)
    friends = _referrals(scene)
    given: list[RuleIssue | CardIssue] = [*rules, *cards]
    mine = [each for each in given if each.unit == unit]
    issued = sum(each.points for each in mine)
    clawed_back = sum(each.clawed_back for each in mine)
    if friends is not None and friends.unit == unit:
        issued += friends.advocate_points + friends.friend_points
        clawed_back += friends.clawed_back
    worth = worth_of(definition, unit=unit, cost=cost)
    codes = (
        [None, *(tier.code for tier in definition.tiers.tiers)] if definition.tiers else [None]
    )
    silent = [rule.id for rule in definition.rules if rule.enabled and rule.on not in _REPLAYED]
    silent += [card.id for card in definition.stamps if card not in scene.cards]
    return Run(
        name=name,
        issued=issued,
        clawed_back=clawed_back,
        capped=sum(rule.capped_points for rule in rules if rule.unit == unit),
        earners=totals.earners,
        rules=rules,
        tiers=tuple((code, totals.tiers[code]) for code in codes if totals.tiers[code] or code),
        outlook=outlook(totals.lots, assumed=assumed, worth=worth, last_on=scene.last_on),
        issued_money=worth.money(issued),
        worth=worth,
        not_replayed=tuple(silent),
        cards=cards,
        referrals=friends,
    )


def _rules(scene: Scene) -> tuple[RuleIssue, ...]:
    found = []
    for rule in scene.definition.rules:
        count = scene.totals.rules.get((rule.id, rule.unit))
        if count is not None:
            found.append(
                RuleIssue(
                    rule=rule.id,
                    unit=rule.unit,
                    name=rule.name.model_dump(exclude_defaults=True),
                    points=count.points,
                    times=count.times,
                    clawed_back=count.clawed_back,
                    capped_points=count.capped_points,
                    capped_times=count.capped_times,
                    months=tuple(sorted(count.months.items())),
                )
            )
    return tuple(found)


def _card(card: StampCard, *, scene: Scene, rewards: Mapping[str, int]) -> CardIssue:
    count = scene.totals.cards[card.id]
    worth = rewards.get(card.reward) if card.reward else 0
    return CardIssue(
        card=card.id,
        name=card.name.model_dump(exclude_defaults=True),
        stamps=count.stamps,
        taken_off=count.taken_off,
        full=count.full,
        taken_back=count.taken_back,
        unit=card.unit,
        points=card.points * count.full,
        clawed_back=card.points * count.taken_back,
        reward=card.reward,
        reward_minor=None if worth is None else worth * count.full,
    )


def _referrals(scene: Scene) -> ReferralIssue | None:
    rules, count = scene.definition.referral, scene.totals.referrals
    if rules is None:
        return None
    return ReferralIssue(
        unit=rules.unit,
        pairs=count.pairs,
        rewarded=count.rewarded,
        earlier=count.earlier,
        waiting=count.waiting,
        capped=count.capped,
        taken_back=count.taken_back,
        advocate_points=count.points["advocate"],
        friend_points=count.points["friend"],
        clawed_back=count.clawed_back,
        not_replayed=dict(sorted(count.not_replayed.items())),
    )
