"""What comes back: used points return first, then what was earned is taken back.

Both legs of a return are one transaction, so that no debt or notice appears in between. What
an order earned is reckoned again for the lines that are kept, by the rules, tier and caps of
the purchase; the ledger takes the difference to what it was worth before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import Refused
from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.customers.following import roots
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Receipt
from huitouke.service.orders import commands as orders
from huitouke.service.orders import queries as order_queries
from huitouke.service.orders.models import Order
from huitouke.service.programme.events.carts import kept_cart, new_refund
from huitouke.service.programme.events.changes import change_told, happening_of
from huitouke.service.programme.events.claims import Claim, answer, claim
from huitouke.service.programme.events.deliveries import deliver
from huitouke.service.programme.events.facts import (
    FactBase,
    OrderCancelled,
    OrderDelivered,
    OrderRefunded,
)
from huitouke.service.programme.events.giving import (
    CreditRefused,
    balance_of,
    reason_told,
)
from huitouke.service.programme.events.joining import reward_returned, reward_told
from huitouke.service.programme.events.members import Member, load
from huitouke.service.programme.events.people import lock_people
from huitouke.service.programme.events.purchases import Bought, the_purchase, write_return
from huitouke.service.programme.events.qualifying import count_moves
from huitouke.service.programme.events.results import FactResult
from huitouke.service.programme.events.rulebook import Rulebook, Rules
from huitouke.service.programme.events.standing import (
    NOTHING,
    Gained,
    gained_by,
    journals,
    lose,
)
from huitouke.service.programme.events.writing import Journal, op_key
from huitouke.service.programme.rewards.hooks import Returned
from huitouke.service.programme.rules.cart import Outcome
from huitouke.service.programme.rules.earning import kept as kept_worth
from huitouke.service.programme.rules.standing import UnitMove

__all__ = ["record_return"]


@dataclass(slots=True)
class _Told:
    """What the sender and strangers will be told."""

    effects: list[dict[str, Any]] = field(default_factory=list)
    reasons: list[dict[str, Any]] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    balance: dict[str, dict[str, int]] = field(default_factory=dict)
    refund: str | None = None


def record_return(one: tuple[int, FactBase], *, actor: Actor) -> dict[int, FactResult]:
    """Record a refund, a cancellation or a delivery, in the transaction that is open.

    Parameters
    ----------
    one
        Place in the request, and fact.
    actor
        Who tells it.

    Returns
    -------
    dict[int, FactResult]
        The one answer, by place.

    Raises
    ------
    ServiceError
        If its order is not known (nothing is kept, it may come again), or it cannot be.
    Moved
        If the customer was merged meanwhile: begin again.
    """
    claimed = claim([one], actor=actor)
    if claimed.at is None:
        return claimed.answers
    return {one[0]: _Return(claimed.new[0], at=claimed.at, actor=actor).do()}


@dataclass(frozen=True, slots=True)
class _Case:
    """An order that counts for a member."""

    order: Order
    bought: Bought
    member: Member
    rulebook: Rulebook

    @property
    def then(self) -> Rules:
        """The rules of the purchase."""
        return self.rulebook.number(self.bought.version)

    def account(self, unit: str) -> int:
        """The member's account in a unit."""
        return ledger.open_accounts([self.member.person.id], unit=self.rulebook.units[unit])[0]


class _Return:
    """The work on one return."""

    def __init__(self, claim: Claim, *, at: datetime, actor: Actor) -> None:
        self.claim = claim
        self.at = at
        self.actor = actor
        self.told = _Told()
        self.journal = Journal()

    def do(self) -> FactResult:
        """Return the answer, written down."""
        order = self._order()
        customer = None
        if order.customer_id is not None:
            customer = roots([order.customer_id])[order.customer_id]
            lock_people([customer])
        error: Refused | None = None
        try:
            with transaction.atomic():
                self._act(order)
        except Refused as refused:
            error, self.told = refused, _Told()
        fact = self.claim.fact
        result = FactResult(
            source=fact.source,
            source_id=fact.source_id,
            type=fact.type,
            status="done" if error is None else "refused",
            id=public_id("evt", self.claim.id),
            code=None if error is None else error.code,
            says=None if error is None else {"en": error.text("en"), "zh": error.text("zh")},
            customer=None if customer is None else public_id("cus", customer),
            order=public_id("ord", order.id),
            refund=self.told.refund,
            effects=tuple(self.told.effects),
            reasons=tuple(self.told.reasons),
            balance=self.told.balance or None,
        )
        tell(self.told.happenings)
        answer(self.claim, told=result, customer=customer)
        return result

    def _order(self) -> Order:
        """Return the order; where it is not known, the orders' own refusal says so."""
        fact: Any = self.claim.fact
        source = fact.order.source or fact.source
        order = order_queries.find(source, fact.order.number)
        if order is None:
            raise orders.OrderUnknown(source=source[:60], number=fact.order.number[:60])
        return order

    def _act(self, order: Order) -> None:
        fact = self.claim.fact
        if isinstance(fact, OrderDelivered):
            orders.deliver(
                order.source,
                order.number,
                delivered_at=fact.occurred_at,
                at=self.at,
                actor=self.actor,
            )
            self._each_purchase(order, self._deliver)
            return
        if isinstance(fact, OrderRefunded):
            new = new_refund(fact, order_source=order.source, order_number=order.number)
            made = orders.refund(new, at=self.at, actor=self.actor)
            self.told.refund = public_id("ref", made.id)
        else:
            orders.cancel(
                order.source,
                order.number,
                at=self.at,
                actor=self.actor,
                happened_at=fact.occurred_at,
            )
        if order.customer_id is not None:
            self._give_back(order, roots([order.customer_id])[order.customer_id])
        self._each_purchase(order, self._take_back)

    def _give_back(self, order: Order, customer: UUID) -> None:
        """Restore what paid for the order: points, codes, stamps (the first leg)."""
        fact = self.claim.fact
        # Whatever programme the return names: it is taken back where it was given.
        bought = the_purchase(order.id)
        programme = fact.programme if bought is None else bought.programme
        rulebook = Rulebook.open(programme, at=self.at)
        left = order_queries.kept([order.id])[order.id]
        order.refresh_from_db()
        whole = not left.lines
        kept_points = isinstance(fact, OrderRefunded) and fact.order.used_points == "keep"
        told = reward_returned(
            Returned(
                order=order.id,
                customer=customer,
                source_key=self.claim.key,
                occurred_at=fact.occurred_at,
                kept=kept_cart(left),
                paid_minor=order.total_minor,
                returned_minor=order.total_minor if whole else order.refunded_minor,
                whole=whole,
                restore_points=not kept_points,
            ),
            rulebook=rulebook,
            rules=rulebook.at(order.paid_at or order.ordered_at),
            at=self.at,
            actor=self.actor,
        )
        moves: list[UnitMove] = []
        for each in told:
            (self.told.effects if each.done else self.told.reasons).append(reward_told(each))
            moves += each.moves
        count_moves({customer: moves}, rulebook=rulebook, at=self.at)

    def _each_purchase(self, order: Order, act: Callable[[_Case], None]) -> None:
        """Do something about an order that counts for a member, and save the member."""
        bought = the_purchase(order.id)
        if bought is None or order.customer_id is None:
            return
        rulebook = Rulebook.open(bought.programme, at=self.at)
        people, _ = lock_people(roots([order.customer_id]).values())
        members = load(people, programme=rulebook.programme)
        member = next(iter(members.values()))
        act(_Case(order, bought, member, rulebook))
        self.journal.write(rulebook.programme, members=[member], at=self.at)

    def _deliver(self, case: _Case) -> None:
        for earning in case.bought.earnings:
            if earning.waits_for and earning.worth:
                told = deliver(
                    earning, bought=case.bought, rules=case.then, at=self.claim.fact.occurred_at
                )
                self.told.effects.extend([told] if told else [])

    def _take_back(self, case: _Case) -> None:
        """Take what the order is worth less than before; free its caps; look at the tier."""
        bought, member = case.bought, case.member
        left = order_queries.kept([case.order.id])[case.order.id]
        now = kept_worth(
            kept_cart(order_queries.placed([case.order.id])[case.order.id]),
            kept_cart=kept_cart(left),
            definition=case.then.definition,
            member_at_purchase=bought.member,
            at=bought.paid_at,
            attributes=bought.attributes,
        )
        worth = _worth(bought, now)
        units = sorted({earning.unit for earning in bought.earnings})
        forgiven = sum(self._claw_back(unit, case=case, worth=worth) for unit in units)
        gained = gained_by(now, tiers=case.rulebook.now.definition.tiers)
        returned = not left.lines
        # What the shop forgave stays counted: caps freed by it could be earned twice.
        write_return(
            bought,
            worth=worth,
            uses=bought.uses if forgiven else now.uses,
            done=sorted(bought.done) if forgiven else now.done,
            gained=gained,
            returned=returned,
        )
        if returned and not bought.returned:
            member.order_count = max(0, member.order_count - 1)
            member.changed = True
        self._tier(case, gained=gained)

    def _claw_back(self, unit: str, *, case: _Case, worth: dict[tuple[str, str], int]) -> int:
        """Take what the order gave too much in one unit; return what was forgiven of it."""
        earnings = [earning for earning in case.bought.earnings if earning.unit == unit]
        rules: list[dict[str, Any]] = [
            {"rule": e.rule, "before": e.worth, "after": worth[e.rule, unit]}
            for e in earnings
            if e.worth != worth[e.rule, unit]
        ]
        amount = sum(int(each["before"]) - int(each["after"]) for each in rules)
        if not amount:
            return 0
        fact = self.claim.fact
        ended = "cancelled" if isinstance(fact, OrderCancelled) else "clawed_back"
        reason = {
            "code": f"refund.{ended}",
            "unit": case.then.named(unit),
            "points": amount,
            "order": case.order.number,
        }
        receipt = ledger.claw_back(
            case.account(unit),
            key=op_key(self.claim.key, rule=unit),
            amount=amount,
            earn_keys=[e.op_key for e in earnings],
            policy=case.then.definition.refunds.debt_policy,
            actor=str(self.actor),
            reason=reason,
            effective_at=fact.occurred_at,
            rule_version=case.bought.version,
        )
        if receipt.outcome == "account_closed":
            # The person was erased: the return stands, and nobody is asked for points.
            self.told.reasons.append(reason_told({"code": "closed", "unit": unit}))
            return amount
        if receipt.outcome != "done":
            raise CreditRefused(outcome=receipt.outcome, rule=unit)
        self._told_of(receipt, unit=unit, rules=rules, reason=reason, member=case.member)
        return int(receipt.detail.get("forgiven", 0))

    def _told_of(
        self,
        receipt: Receipt,
        *,
        unit: str,
        rules: list[dict[str, Any]],
        reason: dict[str, Any],
        member: Member,
    ) -> None:
        detail = {
            name: int(receipt.detail.get(name, 0))
            for name in ("taken", "expired", "owed", "forgiven", "written_off")
        }
        if detail["owed"]:
            reason = {**reason, "taken": detail["taken"], "owed": detail["owed"]}
        told = {
            "type": "points.clawed_back",
            "unit": unit,
            "value": reason["points"],
            "rules": rules,
            **detail,
            "reason": reason,
        }
        self.told.effects.append(told)
        self.told.balance[unit] = balance_of(receipt)
        subject = public_id("cus", member.person.id)
        body = {name: value for name, value in told.items() if name != "type"}
        body["fact"] = public_id("evt", self.claim.id)
        self.told.happenings.append(Happening("points.clawed_back", subject, body))
        if detail["owed"]:
            owed = {"unit": unit, "owed": detail["owed"], "fact": body["fact"]}
            self.told.happenings.append(Happening("debt.created", subject, owed))

    def _tier(self, case: _Case, *, gained: Gained) -> None:
        """Take off the journal what came back, on the day of the order."""
        bought, member, rules = case.bought, case.member, case.rulebook.now
        off = gained.less(bought.gained)
        if off == NOTHING:
            return
        tiers = rules.definition.tiers
        on = rules.day(bought.paid_at)
        unit = "" if tiers is None else tiers.unit or ""
        self.journal.qualify(member, off, unit=unit, on=on, source=self.claim.key)
        if tiers is None or member.joined_at is None:
            return
        today: date = rules.day(self.at)
        days = journals([member], tiers=tiers, day=today, since=on)[member.id]
        days[on] = days.get(on, 0) + off.of(tiers)
        changes = lose(
            member,
            definition=rules.definition,
            day=today,
            joined_on=rules.day(member.joined_at),
            days=days,
            but=bought.order,
        )
        for change in changes:
            self.told.effects.append(change_told(change))
            happened = happening_of(change, customer=member.person.id)
            self.told.happenings.extend([happened] if happened else [])


def _worth(bought: Bought, now: Outcome) -> dict[tuple[str, str], int]:
    """Return what each rule is worth now: never more than before."""
    given = {(effect.rule_id, effect.unit): effect.value for effect in now.effects}
    return {
        (e.rule, e.unit): min(e.worth, given.get((e.rule, e.unit), 0)) for e in bought.earnings
    }
