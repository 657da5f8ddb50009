"""All orders in several scenes at once, customer after customer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from huitouke.service.programme.economics.backtest_report import Seen
from huitouke.service.programme.economics.comparison import Comparing, Comparison
from huitouke.service.programme.economics.replay import Life
from huitouke.service.programme.economics.replay_shapes import Bought, Person
from huitouke.service.programme.economics.scene import Scene

__all__ = ["replay"]


def replay(
    orders: Iterable[Bought],
    *,
    scenes: Mapping[str, Scene],
    others: Iterable[Person] = (),
    listed: int = 100,
) -> tuple[Seen, tuple[Comparison, ...]]:
    """Let orders happen in every scene at once.

    Parameters
    ----------
    orders
        All of one customer together, in order of time.
    scenes
        By name; their totals are filled. The first is what others are compared with.
    others
        Members who bought nothing: they join, have birthdays and bring friends.
    listed
        Length of the lists of members.

    Returns
    -------
    tuple
        What was seen, and a comparison per further scene.
    """
    names = list(scenes)
    comparing = [Comparing(names[0], after=name, most=listed) for name in names[1:]]
    count = _Counting(scenes[names[0]])
    lives: list[Life] = []

    def finish() -> None:
        lived = [life.end() for life in lives]
        for one, after in zip(comparing, lived[1:], strict=False):
            one.see(lives[0].person.id, before=lived[0], after=after)

    for bought in orders:
        if not lives or lives[0].person.id != bought.person.id:
            finish()
            count.people += 1
            lives = [Life(scene, bought.person) for scene in scenes.values()]
        count.see(bought)
        for life in lives:
            life.buy(bought)
    finish()
    for person in others:
        lives = [Life(scene, person) for scene in scenes.values()]
        finish()
    return count.done(), tuple(one.done() for one in comparing)


class _Counting:
    """What a replay has seen so far."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.orders = self.lines = self.refunds = self.earlier = self.people = 0
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None

    def see(self, bought: Bought) -> None:
        """Count an order."""
        if not self.scene.counts(bought.at):
            self.earlier += 1
            return
        self.orders += 1
        self.lines += len(bought.cart.lines)
        self.refunds += len(bought.refunds)
        self.first_at = min(bought.at, self.first_at or bought.at)
        self.last_at = max(bought.at, self.last_at or bought.at)

    def done(self) -> Seen:
        """Return the counts."""
        return Seen(
            orders=self.orders,
            lines=self.lines,
            refunds=self.refunds,
            earlier=self.earlier,
            people=self.people,
            first_at=self.first_at,
            last_at=self.last_at,
        )
