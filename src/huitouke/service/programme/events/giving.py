"""From what rules give to what the ledger credits and what the sender is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Earn, Receipt
from huitouke.service.programme.events.writing import op_key
from huitouke.service.programme.rules.cart import Effect, Miss

__all__ = [
    "Credit",
    "CreditRefused",
    "balance_of",
    "credit",
    "effect_told",
    "miss_told",
    "reason_told",
]


class CreditRefused(ServiceError):
    """The ledger does not take the points."""

    code = "programme.credit_refused"
    status = 409
    says = N_("The points of rule {rule} cannot be credited: {outcome}.")
    remedy = N_("See the account: it is closed, or holds as much as an account can.")


@dataclass(frozen=True, slots=True)
class Credit:
    """Points that one rule gives one customer for one fact."""

    place: int
    customer: UUID
    effect: Effect
    fact_key: str
    version: int
    at: datetime


def effect_told(effect: Effect, *, version: int) -> dict[str, Any]:
    """Return an effect as the sender is told, JSON-able.

    Parameters
    ----------
    effect
        What a rule gave.
    version
        Of the rules.
    """
    return {
        "type": "points.earned",
        "rule": effect.rule_id,
        "rule_version": version,
        "unit": effect.unit,
        "value": effect.value,
        "desired": effect.desired,
        "capped_by": effect.capped_by,
        "lines": [list(line) for line in effect.lines],
        "available_at": effect.available_at.isoformat(),
        "expires_at": effect.expires_at and effect.expires_at.isoformat(),
        "waits_for": effect.waits_for,
        "reason": effect.reason,
    }


def miss_told(miss: Miss) -> dict[str, Any]:
    """Return a rule that gave nothing as the sender is told, JSON-able.

    Parameters
    ----------
    miss
        Which rule, and why.
    """
    return {
        "rule": miss.rule_id,
        "condition": miss.condition,
        "actual": miss.actual,
        "required": miss.required,
        "reason": miss.reason,
    }


def reason_told(reason: dict[str, Any]) -> dict[str, Any]:
    """Return why a fact gave nothing, whatever the rules, as the sender is told.

    Parameters
    ----------
    reason
        ``{"code": …, values}``.
    """
    none = {"rule": None, "actual": None, "required": None}
    return {**none, "condition": reason["code"], "reason": reason}


def balance_of(receipt: Receipt) -> dict[str, int]:
    """Return the four balances after a posting.

    Parameters
    ----------
    receipt
        Of the posting.
    """
    return {
        "available": receipt.available,
        "pending": receipt.pending,
        "held": receipt.held,
        "debt": receipt.debt,
    }


def credit(credits: Sequence[Credit], *, units: dict[str, int], actor: Actor) -> list[Receipt]:
    """Credit the ledger, all of one unit after another, in the order given within a unit.

    Parameters
    ----------
    credits
        With points above 0.
    units
        The ledger's number of each unit by its code within the programme.
    actor
        Who is named in the journal.

    Returns
    -------
    list[Receipt]
        In the order given.

    Raises
    ------
    CreditRefused
        If an account takes no points; then nothing may be written.
    """
    accounts: dict[tuple[str, UUID], int] = {}
    for unit in sorted({each.effect.unit for each in credits}):
        owners = sorted({each.customer for each in credits if each.effect.unit == unit})
        numbers = ledger.open_accounts(owners, unit=units[unit])
        accounts.update(
            ((unit, owner), number) for owner, number in zip(owners, numbers, strict=True)
        )
    name = str(actor)
    postings = [
        Earn(
            account=accounts[each.effect.unit, each.customer],
            key=op_key(each.fact_key, rule=each.effect.rule_id),
            amount=each.effect.value,
            effective_at=each.at,
            actor=name,
            reason=each.effect.reason,
            available_at=each.effect.available_at,
            expires_at=each.effect.expires_at,
            rule_version=each.version,
        )
        for each in credits
    ]
    receipts = [ledger.earn(postings[0])] if len(postings) == 1 else ledger.earn_batch(postings)
    for one, receipt in zip(credits, receipts, strict=True):
        if receipt.outcome != "done":
            raise CreditRefused(outcome=receipt.outcome, rule=one.effect.rule_id)
    return receipts
