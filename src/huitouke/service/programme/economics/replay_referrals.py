"""Friends who came with a code, and what a definition would have given for them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from huitouke.service.programme.economics.replay_shapes import Bought, kept_after
from huitouke.service.programme.economics.scene import Bonus, Scene
from huitouke.service.programme.rules.calendar import days_after, period_key
from huitouke.service.programme.rules.eligible import eligible_minor
from huitouke.service.programme.rules.extras import Referral

__all__ = ["Pair", "Referring", "why_not"]

_CHECKS = {
    "same_device": "review_same_device",
    "same_address": "review_same_address",
    "same_payment_token": "review_same_payment",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A friend who came with a member's code.

    Parameters
    ----------
    id
        Of the referral.
    advocate, friend
        Records of today.
    came_at
        When the friend came.
    state
        ``review`` and ``refused`` are decided on by a person, not by rules.
    flags
        What looked odd.
    """

    id: UUID
    advocate: UUID
    friend: UUID
    came_at: datetime
    state: str
    flags: tuple[str, ...] = ()


def why_not(pair: Pair, *, rules: Referral) -> Literal["refused", "review"] | None:
    """Return why a pair cannot be replayed; none if it can.

    What waits for a person only because of a check that these rules do not make is replayed.

    Parameters
    ----------
    pair
        Of the database.
    rules
        Of the definition.
    """
    if pair.state == "refused":
        return "refused"
    if pair.state != "review":
        return None
    off = {flag for flag, switch in _CHECKS.items() if not getattr(rules, switch)}
    return "review" if set(pair.flags) - off else None


@dataclass(frozen=True, slots=True)
class _Reward:
    """A first order that counts: when both are paid, and when both are taken back."""

    pair: Pair
    due_at: datetime
    back_at: datetime | None


class Referring:
    """The pairs of one programme under one definition that rewards referrals.

    Parameters
    ----------
    scene
        Rules and period; its bonuses and its count of referrals are filled at the end.
    pairs
        All that came before the end of the period.
    rules
        The scene's.
    """

    def __init__(self, scene: Scene, *, pairs: Sequence[Pair], rules: Referral) -> None:
        self.scene = scene
        self.rules = rules
        self.count = scene.totals.referrals
        self.count.pairs = len(pairs)
        self.by_friend: dict[UUID, Pair] = {}
        self.rewards: list[_Reward] = []
        for pair in pairs:
            because = why_not(pair, rules=rules)
            if because is None:
                self.by_friend[pair.friend] = pair
            else:
                self.count.not_replayed[because] += 1

    def see(self, orders: Sequence[Bought]) -> None:
        """Look for a friend's first order that counts.

        Parameters
        ----------
        orders
            All of one customer, in order of time.
        """
        pair = self.by_friend.get(orders[0].person.id)
        if pair is None:
            return
        zone, rules = self.scene.zone, self.rules
        days = self.scene.definition.return_days if rules.wait_days is None else rules.wait_days
        valid = rules.code_valid_days
        lapses_at = None if valid is None else days_after(pair.came_at, days=valid, zone=zone)
        free_at = pair.came_at
        for bought in orders:
            if lapses_at is not None and bought.at >= lapses_at:
                return
            if bought.at < free_at or not self._counts(bought, refunds=0):
                continue
            due_at = days_after(bought.at, days=days, zone=zone)
            back_at = self._undone_at(bought)
            if back_at is None or back_at > due_at:
                self.rewards.append(_Reward(pair, due_at, back_at))
                return
            free_at = back_at  # It came back in its window: a later order may count.

    def _counts(self, bought: Bought, *, refunds: int) -> bool:
        cart = bought.cart
        if refunds:
            cart = kept_after(cart, refunds=bought.refunds[:refunds])
        worth = eligible_minor(cart, switches=self.scene.definition.eligible)
        return worth > 0 and worth >= self.rules.least_order_minor

    def _undone_at(self, bought: Bought) -> datetime | None:
        for place, back in enumerate(bought.refunds, start=1):
            if not self._counts(bought, refunds=place):
                return max(back.at, bought.at)
        return None

    def done(self) -> None:
        """Let all rewards fall due in their order, and note who gets what."""
        scene, rules, count = self.scene, self.rules, self.count
        had: dict[tuple[UUID, str], int] = defaultdict(int)
        bonuses: dict[UUID, list[Bonus]] = defaultdict(list)
        for each in sorted(self.rewards, key=lambda one: (one.due_at, one.pair.id)):
            if each.due_at >= scene.until:
                continue
            keys = self._spans(each)
            capped = any(had[key] >= most for key, most in keys.items())
            if rules.advocate_points and not capped:
                for key in keys:
                    had[key] += 1
            legs: Iterable[tuple[Literal["advocate", "friend"], UUID, int]] = (
                ("advocate", each.pair.advocate, 0 if capped else rules.advocate_points),
                ("friend", each.pair.friend, rules.friend_points),
            )
            for leg, person, points in legs:
                if points:
                    bonuses[person].append(Bonus(each.due_at, leg, points, each.back_at))
            if not scene.counts(each.due_at):
                count.earlier += 1
                continue
            count.rewarded += 1
            count.capped += capped
            count.taken_back += each.back_at is not None and each.back_at < scene.until
        paid = count.earlier + count.rewarded
        count.waiting = count.pairs - paid - sum(count.not_replayed.values())
        scene.bonuses = bonuses

    def _spans(self, each: _Reward) -> dict[tuple[UUID, str], int]:
        """Return the month and year that limit an advocate's rewards, and to how many."""
        on = each.due_at.astimezone(self.scene.zone).date()
        limits = {"month": self.rules.most_per_month, "year": self.rules.most_per_year}
        return {
            (each.pair.advocate, period_key(per, day=on)): most
            for per, most in limits.items()
            if most is not None
        }
