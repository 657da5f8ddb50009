"""Stored value (储值): money that members pay in, and get back as a whole or spend."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import Refused, ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.core.webhooks.topics import Topic
from huitouke.service.customers.following import roots
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Earn, Receipt
from huitouke.service.programme.events.chunk import AHEAD_MOST, FactAhead
from huitouke.service.programme.events.claims import Claim, answer, claim
from huitouke.service.programme.events.facts import (
    FactBase,
    TopUp,
    ValueReversed,
    ValueToppedUp,
)
from huitouke.service.programme.events.giving import CreditRefused, balance_of
from huitouke.service.programme.events.people import lock_people, whose
from huitouke.service.programme.events.results import FactResult
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.models.members import Fact

__all__ = [
    "NotStoredValue",
    "TopUpReversed",
    "TopUpSpent",
    "TopUpUnknown",
    "record_value",
]


class NotStoredValue(ServiceError):
    """Only stored value is paid in."""

    code = "programme.not_stored_value"
    status = 422
    says = N_("The programme has no stored value {unit!r}.")
    remedy = N_("Name a unit of the kind stored_value that is in force.")


class TopUpUnknown(ServiceError):
    """The top-up was not told, or not yet."""

    code = "programme.top_up_unknown"
    status = 404
    says = N_("There is no top-up {source_id!r} of {source!r}.")
    remedy = N_("Tell the top-up first, then that it was undone.")


class TopUpReversed(Refused):
    """It was undone already."""

    code = "programme.top_up_reversed"
    status = 409
    says = N_("The top-up {source_id!r} of {source!r} was undone before.")
    remedy = N_("Nothing more is to be given back for it.")


class TopUpSpent(Refused):
    """Less is left than was paid in."""

    code = "programme.top_up_spent"
    status = 409
    says = N_("{left} is left of stored value; undoing the top-up takes {needed}.")
    remedy = N_("Give back a part as an adjustment, or the goods that it paid for first.")


class _Done(NamedTuple):
    """What came of a fact."""

    effect: dict[str, Any]
    receipt: Receipt


def record_value(one: tuple[int, FactBase], *, actor: Actor) -> dict[int, FactResult]:
    """Record a top-up, or that one was undone, in the transaction that is open.

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
        If it names what is not known; nothing is kept then, and it may come again.
    Moved
        If the customer was merged meanwhile: begin again.
    """
    claimed = claim([one], actor=actor)
    if claimed.at is None:
        return claimed.answers
    mine, at = claimed.new[0], claimed.at
    if one[1].occurred_at > at + AHEAD_MOST:
        when = one[1].occurred_at.isoformat()
        raise FactAhead(source_id=one[1].source_id, occurred_at=when)
    told, customer = _recorded(mine, at=at, actor=actor)
    answer(mine, told=told, customer=customer)
    return {one[0]: told}


def _recorded(mine: Claim, *, at: datetime, actor: Actor) -> tuple[FactResult, UUID]:
    fact, error, done = mine.fact, None, None
    rulebook = Rulebook.open(fact.programme, at=at)
    undone = _named(fact) if isinstance(fact, ValueReversed) else None
    customer = _customer(fact, undone=undone, at=at, actor=actor)
    try:
        with transaction.atomic():
            if undone is None:
                done = _paid_in(mine, customer=customer, rulebook=rulebook, actor=actor)
            else:
                done = _undo(mine, undone, customer=customer, rulebook=rulebook, actor=actor)
    except Refused as refused:
        error = refused
    subject = public_id("cus", customer)
    if done is not None:
        body = {name: value for name, value in done.effect.items() if name != "type"}
        body["fact"] = public_id("evt", mine.id)
        topic: Topic = "value.topped_up" if undone is None else "value.reversed"
        tell([Happening(topic, subject, body)])
    told = FactResult(
        source=fact.source,
        source_id=fact.source_id,
        type=fact.type,
        status="done" if error is None else "refused",
        id=public_id("evt", mine.id),
        code=None if error is None else error.code,
        says=None if error is None else {"en": error.text("en"), "zh": error.text("zh")},
        customer=subject,
        effects=() if done is None else (done.effect,),
        balance=None if done is None else {done.effect["unit"]: balance_of(done.receipt)},
    )
    return told, customer


def _named(fact: ValueReversed) -> Fact:
    """Return the top-up that a reversal names."""
    source = fact.value.source or fact.source
    found = Fact.objects.filter(
        source=source,
        source_id=fact.value.source_id,
        type="value.topped_up",
        answer__isnull=False,
        customer__isnull=False,
    ).first()
    if found is None or _programme(found.body) != fact.programme:
        raise TopUpUnknown(source=source[:60], source_id=fact.value.source_id[:60])
    return found


def _programme(body: Mapping[str, Any] | None) -> str:
    """Return the programme of a fact that is kept without what it left at its default."""
    return str((body or {}).get("programme", "main"))


def _customer(fact: FactBase, *, undone: Fact | None, at: datetime, actor: Actor) -> UUID:
    """Lock the customer of a fact; who is not known yet becomes one."""
    if isinstance(fact, ValueToppedUp):
        found = whose({0: fact.customer}, at=at, actor=actor)[0]
    else:
        assert undone is not None and undone.customer is not None  # noqa: S101, PT018
        found = roots([undone.customer])[undone.customer]
    if isinstance(found, ServiceError):
        raise found
    _, erased = lock_people([found])
    if found in erased:
        raise erased[found]
    return found


def _keys(fact: UUID) -> tuple[str, str]:
    """Return the keys under which the ledger has what was paid, and what came on top."""
    name = public_id("evt", fact)
    return f"topped_up:{name}:paid", f"topped_up:{name}:bonus"


def _paid_in(mine: Claim, *, customer: UUID, rulebook: Rulebook, actor: Actor) -> _Done:
    fact, rules = mine.fact, rulebook.now
    assert isinstance(fact, ValueToppedUp)  # noqa: S101
    value, unit = fact.value, rules.definition.unit(fact.value.unit)
    if unit is None or unit.kind != "stored_value":
        raise NotStoredValue(unit=value.unit[:60])
    account = ledger.open_accounts([customer], unit=rulebook.unit(value.unit))[0]
    codes, amounts = ("topped_up", "topped_up.bonus"), (value.paid_minor, value.bonus_minor)
    receipts = [
        ledger.earn(
            Earn(
                account=account,
                key=key,
                amount=amount,
                effective_at=fact.occurred_at,
                actor=str(actor),
                reason={"code": code, "points": amount, "unit": rules.named(value.unit)},
                rule_version=rules.version or None,
            )
        )
        for key, code, amount in zip(_keys(mine.id), codes, amounts, strict=True)
        if amount
    ]
    for receipt in receipts:
        if receipt.outcome != "done":
            raise CreditRefused(outcome=receipt.outcome, rule=value.unit)
    reason = {"code": "topped_up", "points": sum(amounts), "unit": rules.named(value.unit)}
    return _Done(_effect("value.topped_up", value, reason=reason), receipts[-1])


def _undo(
    mine: Claim, undone: Fact, *, customer: UUID, rulebook: Rulebook, actor: Actor
) -> _Done:
    value = TopUp.model_validate((undone.body or {})["value"])
    needed = value.paid_minor + value.bonus_minor
    account = ledger.open_accounts([customer], unit=rulebook.unit(value.unit))[0]
    named = rulebook.now.named(value.unit)
    reason = {"code": "top_up.reversed", "points": needed, "unit": named}
    receipt = ledger.claw_back(
        account,
        key=f"top_up_reversed:{public_id('evt', mine.id)}",
        amount=needed,
        earn_keys=[
            key
            for key, amount in zip(
                _keys(undone.id), (value.paid_minor, value.bonus_minor), strict=True
            )
            if amount
        ],
        # Money is like money: what this top-up has no more of, another has.
        policy="within_balance",
        actor=str(actor),
        reason=reason,
        effective_at=mine.fact.occurred_at,
    )
    if receipt.outcome == "reversed_already":
        raise TopUpReversed(source=undone.source[:60], source_id=undone.source_id[:60])
    if receipt.outcome != "done":
        raise CreditRefused(outcome=receipt.outcome, rule=value.unit)
    if int(receipt.detail.get("taken", 0)) < needed:
        raise TopUpSpent(left=receipt.detail["taken"], needed=needed)
    return _Done(_effect("value.reversed", value, reason=reason), receipt)


def _effect(kind: str, value: TopUp, *, reason: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": kind,
        "unit": value.unit,
        "value": value.paid_minor + value.bonus_minor,
        "paid_minor": value.paid_minor,
        "bonus_minor": value.bonus_minor,
        "reason": reason,
    }
