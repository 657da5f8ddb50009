"""What rewards make of facts: redemptions, codes, referrals and stamps that hang on orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import IdUnknown, private_id
from huitouke.service.programme.events.facts import (
    FactBase,
    OrderPaid,
    SignedUpFact,
    evidence_of,
)
from huitouke.service.programme.events.giving import reason_told
from huitouke.service.programme.events.rulebook import Rulebook, Rules
from huitouke.service.programme.events.task import Task
from huitouke.service.programme.rewards.hooks import (
    Happened,
    Paid,
    Returned,
    Told,
    after_facts,
    after_paid,
    after_refund,
)
from huitouke.service.programme.rules.calendar import days_after

__all__ = ["reward_paid", "reward_returned", "reward_told"]


def _redemptions(fact: OrderPaid, task: Task) -> tuple[UUID, ...]:
    """Return the ids of redemptions an order names; what is none is told as a reason."""
    found = []
    for name in fact.order.redemptions:
        try:
            found.append(private_id("rdm", name))
        except IdUnknown as error:
            because = {"en": error.text("en"), "zh": error.text("zh")}
            reason = {"code": error.code, "redemption": name, "because": because}
            _tell(task, Told(source_key=task.claim.key, done=False, reason=reason))
    return tuple(found)


def _paid(task: Task, fact: OrderPaid, rulebook: Rulebook) -> Paid | None:
    order = fact.order
    definition = task.rules.definition
    asks = order.redemptions or order.coupons or order.referral_code
    cart = task.view.cart
    if task.order is None or task.customer is None or cart is None:
        return None
    if not (asks or definition.stamps or rulebook.refers):
        return None
    return Paid(
        order=task.order,
        customer=task.customer,
        source_key=task.claim.key,
        occurred_at=fact.occurred_at,
        returnable_until=days_after(
            fact.occurred_at, days=definition.return_days, zone=definition.zone_info
        ),
        cart=cart,
        redemptions=_redemptions(fact, task),
        referral_code=order.referral_code,
        evidence=evidence_of(fact),
    )


def _happened(task: Task, fact: FactBase) -> Happened | None:
    """Return a fact that is no order, if it brings a code or is one that cards stamp."""
    brought = fact.referral_code if isinstance(fact, SignedUpFact) else ""
    stamped = any(card.on == fact.type for card in task.rules.definition.stamps)
    if task.customer is None or not (brought or stamped):
        return None
    return Happened(
        customer=task.customer,
        type=fact.type,
        source_key=task.claim.key,
        occurred_at=fact.occurred_at,
        referral_code=brought,
        evidence=evidence_of(fact) if brought else {},
    )


def reward_paid(
    tasks: Sequence[Task], *, rulebook: Rulebook, at: datetime, actor: Actor
) -> None:
    """Let rewards see what was paid and who signed up; what comes of it is told by the task.

    Parameters
    ----------
    tasks
        Done so far, in order.
    rulebook
        Of the programme.
    at, actor
        When, and who tells the facts.
    """
    by_key = {task.claim.key: task for task in tasks}
    for version, group in groupby(tasks, key=lambda task: task.rules.version):
        run = list(group)
        common: dict[str, Any] = {
            "programme": rulebook.code,
            "definition": run[0].rules.definition,
            "version": version,
            "at": at,
            "actor": actor,
        }
        facts = [(task, task.claim.fact) for task in run]
        others = [_happened(t, f) for t, f in facts if not isinstance(f, OrderPaid)]
        paid = [_paid(t, f, rulebook) for t, f in facts if isinstance(f, OrderPaid)]
        happened = [each for each in others if each is not None]
        bought = [each for each in paid if each is not None]
        told = after_facts(happened, **common) if happened else []
        told += after_paid(bought, **common) if bought else []
        for each in told:
            _tell(by_key[each.source_key], each)


def reward_told(told: Told) -> dict[str, Any]:
    """Return what rewards say as the sender is told, JSON-able.

    Parameters
    ----------
    told
        What came of it.
    """
    if told.done:
        return {"type": str(told.reason["code"]), "reason": told.reason}
    return reason_told(told.reason)


def _tell(task: Task, told: Told) -> None:
    (task.effects if told.done else task.reasons).append(reward_told(told))
    task.moves.extend(told.moves)


def reward_returned(
    returned: Returned, *, rulebook: Rulebook, rules: Rules, at: datetime, actor: Actor
) -> Iterable[Told]:
    """Give back what paid for an order that came back; before its points are taken back.

    Parameters
    ----------
    returned
        What came back.
    rulebook
        Of the programme.
    rules
        Of the purchase.
    at, actor
        When, and who tells it.
    """
    return after_refund(
        [returned],
        programme=rulebook.code,
        definition=rules.definition,
        version=rules.version,
        at=at,
        actor=actor,
    )
