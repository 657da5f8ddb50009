"""Stamp cards (集次卡): orders put stamps on, returns take them off, a full card gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Sum

from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import new_id
from huitouke.service.programme.models.referrals import Stamp, StampGrant, StampState
from huitouke.service.programme.rewards.stamp_counting import (
    CardCount,
    fill,
    shown_stamps,
    stamps_of_day,
    worth_of,
)
from huitouke.service.programme.rewards.stamp_presents import give_present, take_present_back
from huitouke.service.programme.rules.calendar import add_months, start_of_day
from huitouke.service.programme.rules.cart import Cart
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.extras import StampCard
from huitouke.service.programme.rules.standing import UnitMove

__all__ = ["Bought", "StampsMoved", "stamp_cards", "stamp_orders", "unstamp_order"]


@dataclass(frozen=True, kw_only=True)
class Bought:
    """An order, or another fact (without order and cart), as stamp cards see it."""

    order: UUID | None
    customer: UUID
    source_key: str
    occurred_at: datetime
    cart: Cart | None
    type: str = "order.paid"


@dataclass(frozen=True, kw_only=True)
class StampsMoved:
    """What one order did to one card: ``stamps`` on it, ``presents`` given or taken.

    ``moves`` are the points of those presents.
    """

    source_key: str
    card: StampCard
    stamps: int
    count: CardCount
    presents: int
    moves: tuple[UnitMove, ...]


class _Cards:
    """The cards of several members in one programme, read and written together."""

    def __init__(
        self,
        customers: Sequence[UUID],
        *,
        programme: str,
        definition: Definition,
        version: int,
        at: datetime,
        actor: Actor,
    ) -> None:
        self.programme = programme
        self.definition = definition
        self.version = version
        self.at = at
        self.actor = actor
        found = StampState.objects.filter(
            programme__code=programme, customer__in=set(customers)
        )
        self.states = {(each.customer_id, each.card): each for each in found}
        self.fresh: set[UUID] = set()
        self.journal: list[Stamp] = []

    def state(self, customer: UUID, *, card: StampCard, at: datetime) -> StampState:
        """Return a member's card, begun anew where it had lapsed at a moment."""
        found = self.states.get((customer, card.id))
        if found is None:
            found = StampState(
                id=new_id(),
                programme_id=self.programme,
                customer_id=customer,
                card=card.id,
                started_at=at,
            )
            self.states[customer, card.id] = found
            self.fresh.add(found.id)
        if found.lapses_at is not None and at >= found.lapses_at:
            found.run += 1
            found.stamps = min(0, found.stamps)
            found.lapses_at = None
        return found

    def lapse(self, state: StampState, *, card: StampCard, at: datetime) -> None:
        """Let the months of a card begin with its first stamp, and end with its last."""
        if card.valid_months is None or state.stamps <= 0:
            state.lapses_at = None
        elif state.lapses_at is None:
            zone = self.definition.zone_info
            first = at.astimezone(zone).date()
            state.started_at = at
            state.lapses_at = start_of_day(add_months(first, months=card.valid_months), zone)

    def note(
        self, one: Bought, *, card: str, on_day: date, run: int, worth: int, stamps: int
    ) -> None:
        """Put a line into the journal of stamps."""
        self.journal.append(
            Stamp(
                programme_id=self.programme,
                customer_id=one.customer,
                card=card,
                source_key=one.source_key,
                order_id=one.order,
                on_day=on_day,
                run=run,
                worth=worth,
                stamps=stamps,
                at=self.at,
            )
        )

    def save(self) -> None:
        """Write cards and journal."""
        made = [each for each in self.states.values() if each.id in self.fresh]
        kept = [each for each in self.states.values() if each.id not in self.fresh]
        StampState.objects.bulk_create(made)
        if kept:
            StampState.objects.bulk_update(
                kept, ["run", "stamps", "full", "grants", "started_at", "lapses_at"]
            )
        Stamp.objects.bulk_create(self.journal)


def _days(
    customers: Sequence[UUID], *, programme: str
) -> defaultdict[tuple[UUID, str, date], list[int]]:
    """Return worth and stamps of each member's days so far, for cards and days."""
    found: defaultdict[tuple[UUID, str, date], list[int]] = defaultdict(lambda: [0, 0])
    rows = (
        Stamp.objects.filter(programme__code=programme, customer__in=set(customers))
        .values_list("customer_id", "card", "on_day")
        .annotate(Sum("worth"), Sum("stamps"))
    )
    for customer, card, day, worth, stamps in rows:
        found[customer, card, day] = [worth, stamps]
    return found


def stamp_orders(
    bought: Sequence[Bought],
    *,
    programme: str,
    definition: Definition,
    version: int,
    at: datetime,
    actor: Actor,
) -> list[StampsMoved]:
    """Put the stamps of orders and facts on members' cards; full cards give their presents.

    Parameters
    ----------
    bought
        Orders, and other facts, of customers whose rows are locked.
    programme, definition, version
        The programme and its rules.
    at, actor
        When, and who told of them.
    """
    worths = [
        (each, card, worth)
        for each in bought
        for card in definition.stamps
        if card.on == each.type
        and (worth := worth_of(each.cart, card=card, eligible=definition.eligible))
    ]
    if not worths:
        return []
    people = [each.customer for each, _, _ in worths]
    cards = _Cards(
        people, programme=programme, definition=definition, version=version, at=at,
        actor=actor,
    )  # fmt: skip
    days = _days(people, programme=programme)
    moved = []
    for each, card, worth in worths:
        state = cards.state(each.customer, card=card, at=each.occurred_at)
        day = each.occurred_at.astimezone(definition.zone_info).date()
        sums = days[each.customer, card.id, day]
        stamps = max(0, stamps_of_day(sums[0] + worth, card=card) - sums[1])
        if not card.again and state.full:
            stamps = 0
        sums[0] += worth
        sums[1] += stamps
        cards.note(each, card=card.id, on_day=day, run=state.run, worth=worth, stamps=stamps)
        moved.append(_put_on(cards, state=state, card=card, each=each, stamps=stamps))
    cards.save()
    return moved


def _put_on(
    cards: _Cards, *, state: StampState, card: StampCard, each: Bought, stamps: int
) -> StampsMoved:
    before = CardCount(stamps=state.stamps, full=state.full)
    after = fill(before, card=card, stamps=stamps)
    state.stamps, state.full = after.stamps, after.full
    grants = []
    for _ in range(after.full - before.full):
        state.grants += 1
        made = give_present(
            card,
            programme=cards.programme,
            customer=each.customer,
            number=state.grants,
            definition=cards.definition,
            version=cards.version,
            at=cards.at,
            actor=cards.actor,
        )
        grants.append(made)
    cards.lapse(state, card=card, at=each.occurred_at)
    return StampsMoved(
        source_key=each.source_key,
        card=card,
        stamps=stamps,
        count=after,
        presents=after.full - before.full,
        moves=_moves(grants),
    )


def _moves(grants: Sequence[StampGrant], *, back: bool = False) -> tuple[UnitMove, ...]:
    """Return the points of presents that were given, or taken back."""
    return tuple(
        UnitMove(
            source=f"{each.earn_key}:back" if back else each.earn_key,
            unit=each.unit,
            points=-each.points if back else each.points,
            at=each.at,
        )
        for each in grants
        if each.earn_key
    )


def unstamp_order(
    returned: Bought,
    *,
    programme: str,
    definition: Definition,
    version: int,
    at: datetime,
    actor: Actor,
) -> list[StampsMoved]:
    """Take the stamps of what came back off again; a broken card's present is taken back.

    Parameters
    ----------
    returned
        The order with the cart that is kept, and the key of the return.
    programme, definition, version
        The programme and its rules.
    at, actor
        When, and who told of the return.
    """
    rows = list(Stamp.objects.filter(order=returned.order, programme__code=programme))
    if not rows:
        return []
    cards = _Cards(
        [returned.customer], programme=programme, definition=definition, version=version,
        at=at, actor=actor,
    )  # fmt: skip
    days = _days([returned.customer], programme=programme)
    known = {card.id: card for card in definition.stamps}
    moved = []
    for name in sorted({row.card for row in rows}):
        own = [row for row in rows if row.card == name]
        card = known.get(name)
        if card is None:
            continue  # The card is not in the rules any more: what it gave stays.
        kept = worth_of(returned.cart, card=card, eligible=definition.eligible)
        less = kept - sum(row.worth for row in own)
        if less >= 0:
            continue
        sums = days[returned.customer, name, own[0].on_day]
        stamps = min(0, stamps_of_day(sums[0] + less, card=card) - sums[1])
        state = cards.state(returned.customer, card=card, at=returned.occurred_at)
        if state.run != own[0].run:
            stamps = 0  # They stood on a card that has lapsed since.
        cards.note(
            returned,
            card=name,
            on_day=own[0].on_day,
            run=own[0].run,
            worth=less,
            stamps=stamps,
        )
        moved.append(_take_off(cards, state=state, card=card, returned=returned, stamps=stamps))
    cards.save()
    return moved


def _take_off(
    cards: _Cards, *, state: StampState, card: StampCard, returned: Bought, stamps: int
) -> StampsMoved:
    state.stamps += stamps
    taken: list[StampGrant] = []
    given = StampGrant.objects.filter(
        programme__code=cards.programme, customer=returned.customer, card=card.id
    ).exclude(state=StampGrant.State.TAKEN_BACK)
    for grant in given.order_by("-number") if state.stamps < 0 else ():
        if state.stamps >= 0 or not take_present_back(
            grant, definition=cards.definition, at=cards.at, actor=cards.actor
        ):
            break
        state.stamps += card.to_collect
        state.full -= 1
        taken.append(grant)
    cards.lapse(state, card=card, at=returned.occurred_at)
    return StampsMoved(
        source_key=returned.source_key,
        card=card,
        stamps=stamps,
        count=CardCount(stamps=state.stamps, full=state.full),
        presents=-len(taken),
        moves=_moves(taken, back=True),
    )


def stamp_cards(
    customer: UUID, *, programme: str, definition: Definition, at: datetime
) -> list[tuple[StampCard, CardCount]]:
    """Return the programme's cards with where a member's stand, head start and all.

    Parameters
    ----------
    customer
        Whose.
    programme, definition
        The programme and its rules.
    at
        A card that lapsed before this stands at nothing.
    """
    found = {
        each.card: each
        for each in StampState.objects.filter(programme__code=programme, customer=customer)
    }
    shown = []
    for card in definition.stamps:
        state = found.get(card.id)
        count = CardCount()
        if state is not None:
            lapsed = state.lapses_at is not None and at >= state.lapses_at
            stamps = min(0, state.stamps) if lapsed else state.stamps
            count = CardCount(stamps=stamps, full=state.full)
        seen = shown_stamps(count, card=card)
        shown.append((card, CardCount(stamps=seen, full=count.full)))
    return shown
