"""Facts that only add: many in one transaction, each judged in the order it was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.outbox import tell
from huitouke.service.customers import commands as customers
from huitouke.service.orders import commands as orders
from huitouke.service.orders.contract import NewOrder
from huitouke.service.programme.events.carts import cart_of, new_order
from huitouke.service.programme.events.changes import change_told, happening_of
from huitouke.service.programme.events.claims import (
    Claim,
    answer_rows,
    claim,
    free,
    invalid_of,
)
from huitouke.service.programme.events.facts import (
    FactBase,
    OrderPaid,
    SignedUpFact,
    attributes_of,
)
from huitouke.service.programme.events.giving import (
    Credit,
    credit,
    effect_told,
    reason_told,
)
from huitouke.service.programme.events.joining import reward_paid
from huitouke.service.programme.events.judging import evaluated, joining, missed
from huitouke.service.programme.events.members import Member, load, snapshot
from huitouke.service.programme.events.people import Person, lock_people, whose
from huitouke.service.programme.events.qualifying import Entry, enter, entries_of
from huitouke.service.programme.events.results import FactResult
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.events.standing import (
    NOTHING,
    Days,
    gained_by,
    journals,
)
from huitouke.service.programme.events.task import Task
from huitouke.service.programme.events.writing import Journal, purchase_row
from huitouke.service.programme.rules.cart import (
    Cart,
    FactView,
    MemberView,
    Outcome,
    PeriodKey,
)
from huitouke.service.programme.rules.earning import keys_needed

__all__ = ["FactAhead", "OrderPaidBefore", "record_chunk"]

AHEAD_MOST = timedelta(days=1)


class FactAhead(ServiceError):
    """The fact lies in the future."""

    code = "programme.fact_ahead"
    status = 422
    says = N_("The fact {source_id!r} happened at {occurred_at}, which is still to come.")
    remedy = N_("Check the sender's clock and time zone.")


class OrderPaidBefore(ServiceError):
    """Another fact, or an import, brought the order already."""

    code = "programme.order_paid_before"
    status = 409
    says = N_("Order {number!r} of {source!r} was paid before, and counts once.")
    remedy = N_("Tell a refund with order.refunded, and another order with its own number.")


def record_chunk(
    facts: Sequence[tuple[int, FactBase]],
    *,
    programme: str,
    actor: Actor,
    paid_before: frozenset[tuple[str, str]] = frozenset(),
) -> dict[int, FactResult]:
    """Record facts that only add, in the transaction that is open.

    Parameters
    ----------
    facts
        Place in the request, and fact; a thousand at most.
    programme
        Code of the programme of all of them.
    actor
        Who tells them.
    paid_before
        Source and number of orders that are known to be purchases already.

    Returns
    -------
    dict[int, FactResult]
        By place.

    Raises
    ------
    PaidBefore
        If an order is a purchase already: begin again with those named.
    Moved
        If a customer was merged meanwhile: begin again.
    ServiceError
        If one of them cannot be recorded; which one, a smaller chunk tells.
    """
    claimed = claim(facts, actor=actor)
    results = dict(claimed.answers)
    if claimed.at is not None:
        rulebook = Rulebook.open(programme, at=claimed.at)
        work = _Work(rulebook, at=claimed.at, actor=actor, paid_before=paid_before)
        results |= work.do(claimed.new)
    for place, first in claimed.repeats.items():
        results[place] = results[first].again()
    return results


class _Work:
    """The work on one chunk."""

    def __init__(
        self,
        rulebook: Rulebook,
        *,
        at: datetime,
        actor: Actor,
        paid_before: frozenset[tuple[str, str]],
    ) -> None:
        self.rulebook = rulebook
        self.paid_before = paid_before
        self.at = at
        self.actor = actor
        self.results: dict[int, FactResult] = {}
        self.journal = Journal()
        self.members: dict[UUID, Member] = {}
        self.people: dict[UUID, Person] = {}
        self.days: dict[UUID, Days] = {}
        self.credits: list[tuple[Task, Credit]] = []
        self.joined: list[tuple[UUID, datetime]] = []

    def do(self, claims: Sequence[Claim]) -> dict[int, FactResult]:
        """Return the answers to facts whose names are taken."""
        tasks = self._tasks([self._in_own_currency(each) for each in claims])
        self._record_orders(tasks)
        self._read(tasks)
        for task in tasks:
            if task.error is None and not task.history:
                self._judge(task)
        self._write(tasks)
        return self.results

    def _in_own_currency(self, claim: Claim) -> Claim:
        fact = claim.fact
        if not isinstance(fact, OrderPaid) or fact.order.currency:
            return claim
        order = fact.order.model_copy(update={"currency": self.rulebook.currency})
        return replace(claim, fact=fact.model_copy(update={"order": order}))

    def _tasks(self, claims: Sequence[Claim]) -> list[Task]:
        """Find everybody, lock them, and put aside what cannot be recorded."""
        wrong = {c.place: error for c in claims if (error := self._ahead(c.fact))}
        refs = {
            c.place: ref
            for c in claims
            if c.place not in wrong and (ref := getattr(c.fact, "customer", None))
        }
        found = whose(refs, at=self.at, actor=self.actor)
        wrong |= {p: who for p, who in found.items() if isinstance(who, ServiceError)}
        known = {p: who for p, who in found.items() if isinstance(who, UUID)}
        self.people, erased = lock_people(known.values())
        wrong |= {p: erased[who] for p, who in known.items() if who in erased}
        free([c for c in claims if c.place in wrong])
        for c in claims:
            if c.place in wrong:
                self.results[c.place] = invalid_of(c.fact, error=wrong[c.place])
        return [
            Task(c, self.rulebook.at(c.fact.occurred_at), _view(c.fact), known.get(c.place))
            for c in claims
            if c.place not in wrong
        ]

    def _ahead(self, fact: FactBase) -> ServiceError | None:
        if fact.occurred_at <= self.at + AHEAD_MOST:
            return None
        return FactAhead(source_id=fact.source_id, occurred_at=fact.occurred_at.isoformat())

    def _record_orders(self, tasks: Sequence[Task]) -> None:
        """Write the orders; one that stands twice in the chunk is paid once."""
        paid: dict[tuple[str, str], tuple[Task, NewOrder]] = {}
        again: list[tuple[Task, tuple[str, str]]] = []
        for task in tasks:
            if not isinstance(fact := task.fact, OrderPaid):
                continue
            name = (fact.source, fact.order.number)
            if name in paid or name in self.paid_before:
                again.append((task, name))
            else:
                paid[name] = (task, new_order(fact, customer=task.customer))
        new = [order for _, order in paid.values()]
        ids, history = orders.record_told(new, at=self.at, actor=self.actor)
        for place, (name, (task, _)) in enumerate(paid.items()):
            task.order = ids[place]
            if place in history:
                _is_history(task)
            else:
                self.journal.names[ids[place]] = name
        for task, name in again:
            first = paid[name][0] if name in paid else None
            if first is not None and first.history and first.customer == task.customer:
                task.order = first.order
                _is_history(task)
            else:
                task.error = OrderPaidBefore(source=name[0], number=name[1])

    def _read(self, tasks: Sequence[Task]) -> None:
        """Read the members with the counters that rules will ask for."""
        uses: set[PeriodKey] = set()
        done: set[PeriodKey] = set()
        for task in tasks:
            for view in _views(task):
                wanted = keys_needed(view, definition=task.rules.definition)
                uses |= wanted[0]
                done |= wanted[1]
        self.members = load(
            self.people, programme=self.rulebook.programme, uses=uses, done=done
        )
        rules = self.rulebook.now
        self.days = journals(
            list(self.members.values()),
            tiers=rules.definition.tiers,
            day=rules.day(self.at),
            since=rules.day(min((task.fact.occurred_at for task in tasks), default=self.at)),
        )

    def _judge(self, task: Task) -> None:
        member = None if task.customer is None else self.members[task.customer]
        if member is not None and isinstance(task.fact, SignedUpFact):
            self._join(task, member)
        elif member is not None and _enrols(task) and not member.enrolled:
            self._join(task, member)
            self._welcome(task, member)
        seen, outcome = evaluated(task.view, rules=task.rules, member=member)
        task.reasons += missed(task.view, outcome=outcome, rules=task.rules, member=member)
        if member is not None and (outcome.effects or member.enrolled):
            self._give(task, member, outcome, order=task.order)
            self._qualify(task, member, outcome)
        if task.order is not None:
            self._purchase(task, member, seen=seen, outcome=outcome)

    def _join(self, task: Task, member: Member) -> None:
        if not member.enrolled:
            member.joined_at = task.fact.occurred_at
            member.changed = True
            self.joined.append((member.person.id, task.fact.occurred_at))
            task.effects.append({"type": "member.enrolled"})

    def _welcome(self, task: Task, member: Member) -> None:
        """Give what a sign-up gives; it does not go when the order that brought it does."""
        _, outcome = evaluated(joining(task.view.at), rules=task.rules, member=member)
        self._give(task, member, outcome)
        tiers, on = (self.rulebook.now.definition.tiers, self.rulebook.now.day(task.view.at))
        gained = gained_by(outcome, tiers=tiers)
        if tiers is not None and gained != NOTHING:
            source = f"{task.claim.key}:joined"
            self.journal.qualify(member, gained, unit=tiers.unit or "", on=on, source=source)
            days = self.days[member.id]
            days[on] = days.get(on, 0) + gained.of(tiers)

    def _give(
        self, task: Task, member: Member, outcome: Outcome, *, order: UUID | None = None
    ) -> None:
        member.take(outcome, order=order is not None)
        self.journal.count(member, outcome, fact_key=task.claim.key)
        version, key = task.rules.version, task.claim.key
        for effect in outcome.effects:
            task.effects.append(effect_told(effect, version=version))
            if effect.value:
                one = Credit(
                    task.claim.place,
                    member.person.id,
                    effect,
                    key,
                    version,
                    task.fact.occurred_at,
                )
                self.credits.append((task, one))
        if order is not None:
            self.journal.earn(order, effects=outcome.effects, fact_key=key)

    def _qualify(self, task: Task, member: Member, outcome: Outcome) -> None:
        rules = self.rulebook.now
        task.gained = gained_by(outcome, tiers=rules.definition.tiers)
        on = rules.day(task.fact.occurred_at)
        self._enter(task, member, [Entry(task.gained, on, task.claim.key)])

    def _enter(self, task: Task, member: Member, entries: Sequence[Entry]) -> None:
        """Enter what counts for tiers, and rise at once if it is enough."""
        changes = enter(
            self.journal,
            member,
            entries,
            rules=self.rulebook.now,
            days=self.days[member.id],
            today=self.rulebook.now.day(self.at),
        )
        for change in changes:
            task.effects.append(change_told(change))
            told = happening_of(change, customer=member.person.id)
            task.happenings.extend([told] if told else [])

    def _purchase(
        self, task: Task, member: Member | None, *, seen: MemberView, outcome: Outcome
    ) -> None:
        """Note what was true at the purchase, for refunds."""
        if task.order is None:
            return
        counts = member is not None and (member.known or member.changed)
        self.journal.purchases.append(
            purchase_row(
                task.order,
                member=member if counts else None,
                tier=seen.tier or "",
                version=task.rules.version,
                fact_key=task.claim.key,
                seen=snapshot(seen),
                attributes=dict(task.view.attributes),
                outcome=outcome if counts else Outcome(),
                gained=task.gained if counts else NOTHING,
                paid_at=task.fact.occurred_at,
            )
        )

    def _write(self, tasks: Sequence[Task]) -> None:
        """Enrol who joined; credit the ledger; write what stays, and the answers; tell."""
        customers.enrol_each(self.joined, actor=self.actor)
        self._credit()
        going = [task for task in tasks if task.error is None and not task.history]
        reward_paid(going, rulebook=self.rulebook, at=self.at, actor=self.actor)
        for task in going:
            entries = entries_of(task.moves, rules=self.rulebook.now)
            if entries and task.customer is not None:
                self._enter(task, self.members[task.customer], entries)
        kept = [(task.claim, task.result(), task.customer) for task in tasks]
        self.journal.write(
            self.rulebook.programme,
            members=self.members.values(),
            at=self.at,
            answers=answer_rows(kept),
        )
        tell(happening for task in tasks for happening in task.told())
        self.results.update({c.place: result for c, result, _ in kept})

    def _credit(self) -> None:
        if not self.credits:
            return
        receipts = credit(
            [one for _, one in self.credits], units=self.rulebook.units, actor=self.actor
        )
        for (task, one), receipt in zip(self.credits, receipts, strict=True):
            task.receipts[one.effect.unit] = receipt


def _is_history(task: Task) -> None:
    """Say of an order that a file brought before that it gives nothing, whoever tells it."""
    task.history = True
    task.reasons.append(reason_told({"code": "order_imported"}))


def _enrols(task: Task) -> bool:
    """Say whether an order makes a member of who is none."""
    return task.order is not None and task.rules.definition.enrol_on_order


def _views(task: Task) -> list[FactView]:
    return [task.view, joining(task.view.at)] if _enrols(task) else [task.view]


def _view(fact: FactBase) -> FactView:
    cart: Cart | None = cart_of(fact.order) if isinstance(fact, OrderPaid) else None
    return FactView(
        type=fact.type, at=fact.occurred_at, cart=cart, attributes=attributes_of(fact)
    )
