"""Orders replayed under a definition: one person at a time, in the order in which they lived.

Pure: no database, no clock. A person's state is all that is held, so memory does not grow
with the number of orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

from huitouke.service.programme.economics.replay_shapes import Bought, Person, kept_after
from huitouke.service.programme.economics.replay_stamps import Album, Moved
from huitouke.service.programme.economics.replay_totals import NEVER
from huitouke.service.programme.economics.scene import Bonus, Lived, Scene
from huitouke.service.programme.rules.calendar import add_months, start_of_day, yearly
from huitouke.service.programme.rules.cart import (
    Effect,
    FactView,
    MemberView,
    Outcome,
    PeriodKey,
)
from huitouke.service.programme.rules.earning import evaluate, kept
from huitouke.service.programme.rules.expiry import expires_at
from huitouke.service.programme.rules.shapes import Expiry, Inactivity
from huitouke.service.programme.rules.standing import Standing
from huitouke.service.programme.rules.tiers import advance, begin, counted, refunded

__all__ = ["Life"]

_FIRST = timedelta(microseconds=1)


@dataclass(slots=True)
class _Purchase:
    """An order that may still come back."""

    bought: Bought
    on: date
    member: MemberView
    worth: dict[str, Effect]
    outcome: Outcome
    gone: bool = False


@dataclass(slots=True)
class Life:
    """One person under one definition, event by event.

    Parameters
    ----------
    scene
        Rules and period.
    person
        Who.
    """

    scene: Scene
    person: Person
    joined_at: datetime | None = None
    joined_on: date = date.min
    standing: Standing = field(default_factory=Standing)
    orders: int = 0
    points: int = 0
    spend_minor: int = 0
    uses: dict[PeriodKey, int] = field(default_factory=dict)
    done: set[PeriodKey] = field(default_factory=set)
    days: dict[date, int] = field(default_factory=dict)
    used_tiers: list[tuple[date, str | None, int]] = field(default_factory=list)
    idle_lots: dict[tuple[date, int], int] = field(default_factory=dict)
    active_on: date = date.min
    waiting: list[tuple[datetime, int, Any]] = field(default_factory=list)
    numbers: Any = field(default_factory=count)
    album: Album = field(init=False)

    def __post_init__(self) -> None:
        scene = self.scene
        self.album = Album(scene.definition, cards=scene.cards)
        for bonus in scene.bonuses.get(self.person.id, ()):
            heappush(self.waiting, (bonus.at, next(self.numbers), bonus))
        if self.person.joined_at is not None and not self.scene.everyone:
            heappush(self.waiting, (self.person.joined_at, next(self.numbers), "join"))

    def buy(self, bought: Bought) -> None:
        """Let an order happen, after all that was due before it.

        Parameters
        ----------
        bought
            Paid before the period's end; orders come in order of time.
        """
        if self.joined_at is None and self.scene.everyone:
            self._catch_up(bought.at)
            self._join(bought.at)
        self._catch_up(bought.at)
        scene = self.scene
        on = bought.at.astimezone(scene.zone).date()
        self._review(on)
        member = self._view()
        fact = FactView(type="order.paid", at=bought.at, cart=bought.cart)
        outcome = evaluate(fact, definition=scene.definition, member=member)
        self.orders += 1
        if bought.refunds:
            self._may_return(bought, on=on, member=member, outcome=outcome)
        elif self.used_tiers or self.waiting:
            self.used_tiers.append((on, self.standing.tier, id(bought)))
        self._take(outcome, at=bought.at, on=on)
        if scene.counts(bought.at):
            self.spend_minor += outcome.eligible_minor
        self._count(outcome, on=on)
        self._stamped(self.album.put_on(bought), bought=bought)

    def end(self) -> Lived:
        """Let the period end, and return what the person had."""
        scene = self.scene
        self._catch_up(scene.until)
        if self.joined_at is not None:
            self._review(scene.last_on)
            self._idle(scene.last_on)
        totals = scene.totals
        for (month, _), points in self.idle_lots.items():
            totals.lots[month, NEVER] += points
        totals.tiers[self.standing.tier] += 1
        totals.earners += self.points > 0
        return Lived(self.points, self.standing.tier, self.spend_minor)

    def _view(self) -> MemberView:
        return MemberView(
            tier=self.standing.tier,
            joined_at=self.joined_at,
            birthday_on=self.person.birthday_on,
            enrolled=self.joined_at is not None,
            uses=self.uses,
            done=frozenset(self.done),
            order_count=self.orders,
            tags=self.person.tags,
        )

    def _catch_up(self, at: datetime) -> None:
        """Let everything happen that was due before a moment."""
        while self.waiting and self._is_over(self.waiting[0], at=min(at, self.scene.until)):
            moment, _, what = heappop(self.waiting)
            if what == "join":
                self._join(moment)
            elif what == "birthday":
                self._fact("birthday", at=moment)
                self._next_birthday(after=moment)
            elif isinstance(what, Bonus):
                self._bonus(what)
            else:
                self._give_back(*what, at=moment)

    def _is_over(self, what: tuple[datetime, int, Any], *, at: datetime) -> bool:
        """Say whether something comes before a moment; who joins with an order joins first."""
        return what[0] < at or (what[2] == "join" and what[0] == at < self.scene.until)

    def _join(self, at: datetime) -> None:
        scene = self.scene
        self.joined_at = at
        self.joined_on = at.astimezone(scene.zone).date()
        if scene.tiers is not None:
            self.standing = begin(tiers=scene.tiers, day=self.joined_on).standing
        self._fact("customer.signed_up", at=at)
        if "birthday" in scene.listens:
            self._next_birthday(after=at)

    def _next_birthday(self, *, after: datetime) -> None:
        born = self.person.birthday_on
        if born is None:
            return
        year = after.astimezone(self.scene.zone).year
        for each in (year, year + 1):
            moment = start_of_day(yearly(born, year=each), self.scene.zone)
            if moment > after:
                heappush(self.waiting, (moment, next(self.numbers), "birthday"))
                return

    def _fact(self, kind: str, *, at: datetime) -> None:
        scene = self.scene
        if kind not in scene.listens:
            return
        on = at.astimezone(scene.zone).date()
        self._review(on)
        fact = FactView(type=kind, at=at)
        outcome = evaluate(fact, definition=scene.definition, member=self._view())
        self._take(outcome, at=at, on=on)
        self._count(outcome, on=on)

    def _take(self, outcome: Outcome, *, at: datetime, on: date) -> None:
        """Credit what the rules gave."""
        for key, used in outcome.uses.items():
            self.uses[key] = self.uses.get(key, 0) + used
        self.done.update(outcome.done)
        if not outcome.effects:
            return
        scene = self.scene
        self._idle(on)
        self.active_on = on
        if not scene.counts(at):
            return
        month = on.replace(day=1)
        for effect in outcome.effects:
            scene.totals.give(effect, month=month)
            if effect.unit == scene.unit:
                self.points += effect.value
                self._lot(effect, month=month, points=effect.value)

    def _lot(self, effect: Effect, *, month: date, points: int) -> None:
        """Follow points of the unit to their last day; ``points`` below 0 come back."""
        months = self.scene.idle.get(effect.rule_id)
        self._follow(points, month=month, months=months, expires_at=effect.expires_at)

    def _follow(
        self, points: int, *, month: date, months: int | None, expires_at: datetime | None
    ) -> None:
        if months is not None:
            key = (month, months)
            self.idle_lots[key] = self.idle_lots.get(key, 0) + points
            return
        totals = self.scene.totals
        totals.lots[month, totals.ends(expires_at)] += points

    def _give(self, points: int, *, unit: str, expiry: Expiry | None, at: datetime) -> None:
        """Credit what no rule gave, or below 0 take it back; ``at`` is when it was given."""
        scene = self.scene
        on = at.astimezone(scene.zone).date()
        if points > 0:
            self._idle(on)
            self.active_on = on
        if scene.qualifying == unit:
            self._enter(points, on=on)
        if unit != scene.unit or not scene.counts(at):
            return
        counted = scene.definition.unit(unit)
        policy = expiry or (counted and counted.expiry) or scene.definition.expiry
        self.points += points
        self._follow(
            points,
            month=on.replace(day=1),
            months=policy.months if isinstance(policy, Inactivity) else None,
            expires_at=expires_at(policy, available_at=at, zone=scene.zone),
        )

    def _bonus(self, bonus: Bonus) -> None:
        """Pay what a referral brings a member, or take it back; nobody else is paid."""
        scene, rules = self.scene, self.scene.definition.referral
        if self.joined_at is None or rules is None:
            return
        self._give(bonus.points, unit=rules.unit, expiry=rules.expiry, at=bonus.at)
        count = scene.totals.referrals
        if scene.counts(bonus.at) and bonus.points > 0:
            count.points[bonus.leg] += bonus.points
        elif scene.counts(bonus.at):
            count.clawed_back -= bonus.points
        if bonus.back_at is not None:
            back = replace(bonus, points=-bonus.points, back_at=None)
            heappush(self.waiting, (bonus.back_at, next(self.numbers), back))

    def _stamped(self, moved: Sequence[Moved], *, bought: Bought, back: bool = False) -> None:
        """Count stamps, and what full cards gave or broken ones gave back."""
        scene = self.scene
        for each in moved:
            count = scene.totals.cards[each.card.id]
            if scene.counts(bought.at) and back:
                count.taken_off -= each.stamps
            elif scene.counts(bought.at):
                count.stamps += each.stamps
            for present in each.presents:
                if scene.counts(present.at) and back:
                    count.taken_back += 1
                elif scene.counts(present.at):
                    count.full += 1
                points = -each.card.points if back else each.card.points
                if points:
                    self._give(points, unit=each.card.unit, expiry=None, at=present.at)

    def _idle(self, on: date) -> None:
        """Let points lapse if the member stayed away too long before a day."""
        for key, points in list(self.idle_lots.items()):
            last = add_months(self.active_on, months=key[1])
            if last < on:
                self.scene.totals.lots[key[0], last.replace(day=1)] += points
                del self.idle_lots[key]

    def _count(self, outcome: Outcome, *, on: date) -> None:
        """Enter what counts for tiers, and rise at once if it is enough."""
        tiers = self.scene.tiers
        if tiers is not None and self.joined_at is not None:
            self._enter(counted(outcome, tiers=tiers), on=on)

    def _enter(self, more: int, *, on: date) -> None:
        self.days[on] = self.days.get(on, 0) + more
        if more > 0 and self.joined_at is not None:
            self._advance(on)

    def _review(self, on: date) -> None:
        """Let a review that is due take place."""
        due = self.standing.grace_until or self.standing.review_on
        if due is not None and due <= on:
            self._advance(on)

    def _advance(self, on: date) -> None:
        tiers = self.scene.tiers
        if tiers is not None:
            self.standing = advance(
                self.standing,
                tiers=tiers,
                day=on,
                joined_on=self.joined_on,
                metric=self._metric,
            ).standing

    def _metric(self, first: date | None, last: date) -> int:
        return sum(n for on, n in self.days.items() if (first or date.min) <= on <= last)

    def _may_return(
        self, bought: Bought, *, on: date, member: MemberView, outcome: Outcome
    ) -> None:
        """Remember an order that comes back, as it was."""
        seen = replace(member, uses=dict(self.uses))
        worth = {effect.rule_id: effect for effect in outcome.effects}
        purchase = _Purchase(bought, on, seen, worth, outcome)
        self.used_tiers.append((on, member.tier, id(bought)))
        for place, back in enumerate(bought.refunds, start=1):
            moment = max(back.at, bought.at + _FIRST)
            heappush(self.waiting, (moment, next(self.numbers), (purchase, place)))

    def _give_back(self, purchase: _Purchase, refunds: int, *, at: datetime) -> None:
        """Take what an order is worth less for what is kept of it after so many refunds."""
        bought, scene = purchase.bought, self.scene
        left = kept_after(bought.cart, refunds=bought.refunds[:refunds])
        now = kept(
            bought.cart,
            kept_cart=left,
            definition=scene.definition,
            member_at_purchase=purchase.member,
            at=bought.at,
        )
        self._claw_back(purchase, now)
        for key, used in purchase.outcome.uses.items():
            freed = used - now.uses.get(key, 0)
            self.uses[key] = max(0, self.uses.get(key, 0) - freed)
        self.done -= set(purchase.outcome.done) - set(now.done)
        if scene.counts(bought.at):
            self.spend_minor -= purchase.outcome.eligible_minor - now.eligible_minor
        if not left.lines and not purchase.gone:
            purchase.gone = True
            self.orders -= 1
        self._lower(purchase, now, at=at)
        purchase.outcome = now
        moved = self.album.take_off(bought, kept=left, at=at)
        self._stamped(moved, bought=bought, back=True)

    def _claw_back(self, purchase: _Purchase, now: Outcome) -> None:
        scene = self.scene
        left = {effect.rule_id: effect for effect in now.effects}
        month = purchase.on.replace(day=1)
        for rule_id, effect in purchase.worth.items():
            less = effect.value - (left[rule_id].value if rule_id in left else 0)
            if less <= 0:
                continue
            purchase.worth[rule_id] = replace(effect, value=effect.value - less)
            if not scene.counts(purchase.bought.at):
                continue
            scene.totals.take(rule_id, unit=effect.unit, points=less)
            if effect.unit == scene.unit:
                self.points -= less
                self._lot(effect, month=month, points=-less)

    def _lower(self, purchase: _Purchase, now: Outcome, *, at: datetime) -> None:
        """Take off the tiers' journal what came back, on the day of the order."""
        tiers = self.scene.tiers
        if tiers is None or self.joined_at is None:
            return
        less = counted(purchase.outcome, tiers=tiers) - counted(now, tiers=tiers)
        self.days[purchase.on] = self.days.get(purchase.on, 0) - less
        standing = self.standing
        if not less or standing.lifted_on is None:
            return
        lifted = standing.lifted_on
        mine = id(purchase.bought)
        used = any(
            on >= lifted and tier == standing.tier and key != mine
            for on, tier, key in self.used_tiers
        )
        window = tiers.refund_days
        self.standing = refunded(
            standing,
            tiers=tiers,
            day=at.astimezone(self.scene.zone).date(),
            joined_on=self.joined_on,
            metric=self._metric,
            benefit_used=used,
            refund_days=self.scene.definition.return_days if window is None else window,
        ).standing
