"""Stamp cards replayed from orders: one person's cards under one definition. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from huitouke.service.programme.economics.replay_shapes import Bought
from huitouke.service.programme.rewards.stamp_counting import (
    CardCount,
    fill,
    stamps_of_day,
    worth_of,
)
from huitouke.service.programme.rules.calendar import add_months, start_of_day
from huitouke.service.programme.rules.cart import Cart
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.extras import StampCard

__all__ = ["Album", "Moved", "Present", "replayed_cards"]


def replayed_cards(definition: Definition) -> tuple[StampCard, ...]:
    """Return the cards that orders alone can fill.

    Parameters
    ----------
    definition
        The rules.
    """
    return tuple(card for card in definition.stamps if card.on == "order.paid")


@dataclass(frozen=True, slots=True)
class Present:
    """What one full card gave, and when."""

    card: StampCard
    at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """What an order, or its return, did to one card.

    Parameters
    ----------
    card
        Which.
    stamps
        Put on it, or below 0 taken off.
    presents
        That it gave, or that were taken back.
    """

    card: StampCard
    stamps: int
    presents: tuple[Present, ...] = ()


@dataclass(slots=True)
class _Sheet:
    """Where one card stands; ``run`` grows when it lapses."""

    count: CardCount = field(default_factory=CardCount)
    run: int = 1
    lapses_at: datetime | None = None
    presents: list[Present] = field(default_factory=list)
    # By day: what its orders are worth, and what they gave under the limit of the day.
    days: dict[date, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))


@dataclass(slots=True)
class _Stamped:
    """What an order that comes back put on a card; it holds the order, whose id names it."""

    bought: Bought
    on: date
    run: int
    worth: int


class Album:
    """A person's stamp cards, as the running programme would keep them.

    Parameters
    ----------
    definition
        The rules.
    cards
        Those that are followed.
    """

    def __init__(self, definition: Definition, *, cards: Sequence[StampCard]) -> None:
        self.definition = definition
        self.zone = definition.zone_info
        self.cards = cards
        self.sheets = {card.id: _Sheet() for card in cards}
        self.stamped: dict[tuple[int, str], _Stamped] = {}

    def put_on(self, bought: Bought) -> list[Moved]:
        """Stamp an order; full cards give their presents.

        Parameters
        ----------
        bought
            As it was paid.
        """
        at = bought.at
        on = at.astimezone(self.zone).date()
        moved = []
        for card in self.cards:
            worth = worth_of(bought.cart, card=card, eligible=self.definition.eligible)
            if not worth:
                continue
            sheet = self._sheet(card, at=at)
            sums = sheet.days[on]
            stamps = max(0, stamps_of_day(sums[0] + worth, card=card) - sums[1])
            if not card.again and sheet.count.full:
                stamps = 0
            sums[0] += worth
            sums[1] += stamps
            if bought.refunds:
                self.stamped[id(bought), card.id] = _Stamped(bought, on, sheet.run, worth)
            before = sheet.count.full
            sheet.count = fill(sheet.count, card=card, stamps=stamps)
            given = tuple(Present(card, at) for _ in range(sheet.count.full - before))
            sheet.presents += given
            self._lapse(sheet, card=card, at=at)
            moved.append(Moved(card, stamps, given))
        return moved

    def take_off(self, bought: Bought, *, kept: Cart, at: datetime) -> list[Moved]:
        """Take the stamps of what came back off; points that a broken card gave go as well.

        Whether a code would have been used by then no order tells: it stays, and the card
        owes the stamps.

        Parameters
        ----------
        bought
            The order.
        kept
            What is kept of it.
        at
            When the rest came back.
        """
        moved = []
        for card in self.cards:
            own = self.stamped.get((id(bought), card.id))
            if own is None:
                continue
            worth = worth_of(kept, card=card, eligible=self.definition.eligible)
            less = worth - own.worth
            if less >= 0:
                continue
            sheet = self._sheet(card, at=at)
            sums = sheet.days[own.on]
            stamps = min(0, stamps_of_day(sums[0] + less, card=card) - sums[1])
            if sheet.run != own.run:
                stamps = 0  # They stood on a card that has lapsed since.
            own.worth = worth
            sums[0] += less
            sums[1] += stamps
            moved.append(Moved(card, stamps, self._break(sheet, card=card, stamps=stamps)))
            self._lapse(sheet, card=card, at=at)
        return moved

    def _sheet(self, card: StampCard, *, at: datetime) -> _Sheet:
        """Return a card, begun anew where it had lapsed at a moment."""
        sheet = self.sheets[card.id]
        if sheet.lapses_at is not None and at >= sheet.lapses_at:
            sheet.run += 1
            sheet.count = CardCount(stamps=min(0, sheet.count.stamps), full=sheet.count.full)
            sheet.lapses_at = None
        return sheet

    def _break(self, sheet: _Sheet, *, card: StampCard, stamps: int) -> tuple[Present, ...]:
        left, full = sheet.count.stamps + stamps, sheet.count.full
        back: list[Present] = []
        while left < 0 and card.points and sheet.presents:
            back.append(sheet.presents.pop())
            left += card.to_collect
            full -= 1
        sheet.count = CardCount(stamps=left, full=full)
        return tuple(back)

    def _lapse(self, sheet: _Sheet, *, card: StampCard, at: datetime) -> None:
        """Let the months of a card begin with its first stamp, and end with its last."""
        if card.valid_months is None or sheet.count.stamps <= 0:
            sheet.lapses_at = None
        elif sheet.lapses_at is None:
            last = add_months(at.astimezone(self.zone).date(), months=card.valid_months)
            sheet.lapses_at = start_of_day(last, self.zone)
