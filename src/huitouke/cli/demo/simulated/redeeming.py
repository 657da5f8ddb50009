"""What members take for their points: completed, let go, forgotten, given back, shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from huitouke.cli.demo.chance import Chance
from huitouke.cli.demo.simulated.days import TILL
from huitouke.cli.demo.simulated.story import SEED, Sale
from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import Refused
from huitouke.service.core.ids import public_id
from huitouke.service.ledger import queries as ledger
from huitouke.service.programme.models.rewards import Redemption, Reward
from huitouke.service.programme.rewards.completion import capture, release
from huitouke.service.programme.rewards.pacts import capture_pact, join_pact, offer_pact
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rewards.reversals import reverse

__all__ = ["Redeeming"]

_A_DAY = 5
_LONG_HOLD = timedelta(days=7)
_SHARED = "afternoon"
#: Of sixteen redemptions one is let go, one is never completed, one is given back.
_LET_GO = 1
_FORGOTTEN = 5
_REGRETTED = 9


@dataclass
class Redeeming:
    """Redeems for members who were in the shop.

    Parameters
    ----------
    known
        Customers by key.
    rewards
        What is offered, by code.
    unit
        The ledger's number of the points.
    care
        Who reverses a redemption.
    """

    known: Mapping[str, UUID]
    rewards: Mapping[str, Reward]
    unit: int
    care: Actor
    _made: int = 0
    _to_reverse: dict[date, list[UUID]] = field(default_factory=dict)

    def day(self, day: date, sales: Sequence[Sale]) -> None:
        """Redeem for some of the members who bought on a day; give back what was a mistake.

        Parameters
        ----------
        day
            The local day.
        sales
            Orders of members.
        """
        draw = Chance(SEED, 4, day.toordinal())
        at = clock.now()
        for redemption in self._to_reverse.pop(day, []):
            reverse(redemption, key="demo", at=at, actor=self.care, because="changed_mind")
        for sale in draw.some(sales, count=_A_DAY):
            made = self._redeemed(sale, draw=draw)
            if made is None:
                continue
            self._end(made.id, day=day)

    def _end(self, redemption: UUID, *, day: date) -> None:
        """Complete most redemptions; let some go, forget some, have some given back."""
        self._made += 1
        at, turn = clock.now(), self._made % 16
        if turn == _LET_GO:
            release(redemption, at=at, actor=TILL)
        elif turn != _FORGOTTEN:
            capture(redemption, at=at, actor=TILL)
        if turn == _REGRETTED:
            later = day + timedelta(days=2)
            self._to_reverse.setdefault(later, []).append(redemption)

    def last_day(self, day: date, sales: Sequence[Sale]) -> None:
        """Set rewards aside that members will fetch in the coming days, and share some.

        Parameters
        ----------
        day
            The local day.
        sales
            Orders of members, the latest first.
        """
        draw = Chance(SEED, 5, day.toordinal())
        here = [sale for sale in sales if sale.person.key in self.known]
        people = {sale.person.key: sale for sale in reversed(here)}
        latest = list(reversed(people.values()))
        for sale in latest[::2]:
            self._redeemed(sale, draw=draw, ttl=_LONG_HOLD, name="keep")
        able = [sale for sale in latest[1::2] if self._available(sale) >= self._half]
        pairs = list(zip(able[::2], able[1::2], strict=False))[:3]
        for place, (one, other) in enumerate(pairs):
            self._share(one, other, place=place)

    @property
    def _half(self) -> int:
        return self.rewards[_SHARED].cost_points // 2 + 1

    def _available(self, sale: Sale) -> int:
        account = ledger.account_of(self.known[sale.person.key], unit=self.unit)
        return 0 if account is None else ledger.balance(account).active

    def _redeemed(
        self,
        sale: Sale,
        *,
        draw: Chance,
        ttl: timedelta = timedelta(minutes=30),
        name: str = "",
    ) -> Redemption | None:
        """Set a reward aside that the member can afford; None where there is none."""
        available = self._available(sale)
        affordable = [
            each
            for each in self.rewards.values()
            if each.enabled and not each.cooperative and each.cost_points <= available
        ]
        if not affordable:
            return None
        reward = draw.choice(affordable)
        try:
            return redeem(
                self.known[sale.person.key],
                programme="main",
                key=f"{sale.number}{name}",
                actor=Actor("member", public_id("cus", self.known[sale.person.key])),
                at=clock.now(),
                reward=reward.id,
                ttl=ttl,
            )
        except Refused:
            # Out of stock, over the limit, not of their tier: the shop says so and goes on.
            return None

    def _share(self, one: Sale, other: Sale, *, place: int) -> None:
        """Let two members pay for a reward together; the first pair has it, one waits."""
        at = clock.now()
        reward = self.rewards[_SHARED]
        made = offer_pact(
            self.known[one.person.key],
            reward=reward.id,
            points=reward.cost_points // 2,
            programme="main",
            key=f"pact:{one.number}",
            at=at,
            actor=TILL,
            ttl=_LONG_HOLD,
        )
        if place == 2:
            return
        join_pact(
            made.id,
            customer=self.known[other.person.key],
            key=f"pact:{other.number}",
            at=at,
            actor=TILL,
        )
        if place == 0:
            capture_pact(made.id, at=at, actor=TILL)
