"""The end of a membership: accounts are closed, and what is left is given up or stays.

Whoever asks to be forgotten is forgotten, whatever they have. Their accounts are closed:
nothing is earned or spent any more, amounts stay for the books, and what is left expires on
its own days. It is given up at once only where the person was told how much it is
(:func:`left_behind`) and wanted that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.customers import commands as customers
from huitouke.service.customers import queries as customer_queries
from huitouke.service.customers.following import CustomerErased, lock_one
from huitouke.service.customers.models import Customer
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger import queries as ledger_queries
from huitouke.service.ledger.units import units
from huitouke.service.programme.rewards.person import end_holds

__all__ = ["AccountNotClosed", "Left", "NotWarned", "close_accounts", "erase", "left_behind"]


class AccountNotClosed(ServiceError):
    """The ledger does not let an account end."""

    code = "programme.account_not_closed"
    status = 409
    says = N_("The account of unit {unit} cannot be closed: {outcome}.")
    remedy = N_("Complete or release what is set aside, then try again.")


class NotWarned(ServiceError):
    """The warning lies in the future, or was about something else."""

    code = "programme.not_warned"
    status = 422
    says = N_("Points are given up only after the person was told how many they are.")
    remedy = N_("Show what is left, let the person agree, and say when that was.")


@dataclass(frozen=True, slots=True)
class Left:
    """What a person would leave behind in one unit.

    Parameters
    ----------
    unit
        The unit's code, e.g. ``"main.points"``.
    active, pending, held, owed
        Spendable, still to come, set aside, owed.
    """

    unit: str
    active: int
    pending: int
    held: int
    owed: int


def left_behind(customer: UUID) -> list[Left]:
    """Return what a person would leave behind: what a warning has to say.

    Parameters
    ----------
    customer
        Any id the person ever had.

    Raises
    ------
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    """
    root = customer_queries.get(customer).pk
    found = []
    for unit in units():
        account = ledger_queries.account_of(root, unit=unit.unit)
        if account is None:
            continue
        has = ledger_queries.balance(account)
        if has.active or has.pending or has.held or has.owed:
            found.append(Left(unit.code, has.active, has.pending, has.held, has.owed))
    return found


def erase(
    customer: UUID, *, at: datetime, actor: Actor, warned_at: datetime | None = None
) -> Customer:
    """Forget a person; with a warning, what they have left is given up at once.

    Parameters
    ----------
    customer
        Any id the person ever had.
    at, actor
        When, and who does it.
    warned_at
        When the person was told what would be lost, and agreed. None: nobody was; then
        what is left stays in the closed accounts and expires on its own days.

    Raises
    ------
    CustomerUnknown
        If there is no such person.
    NotWarned
        If the warning lies in the future.
    """
    if warned_at is not None and warned_at > at:
        raise NotWarned
    with transaction.atomic():
        if warned_at is not None:
            _forfeit(customer, warned_at=warned_at, at=at, actor=actor)
        return customers.erase(customer, at=at, actor=actor)


def _forfeit(customer: UUID, *, warned_at: datetime, at: datetime, actor: Actor) -> None:
    try:
        root = lock_one(customer).pk
    except CustomerErased:
        return  # Nothing is left to give up.
    end_holds(root, at=at, actor=actor, because="erased")
    given_up = close_accounts(root, forfeit=True, at=at, actor=actor)
    subject = public_id("cus", root)
    facts = {"warned_at": warned_at.isoformat(), "given_up": given_up}
    audit.note("points.forfeited", actor=actor, target=subject, facts=facts)
    tell(
        Happening("points.forfeited", subject, {"unit": unit, "points": points})
        for unit, points in given_up.items()
        if points
    )


def close_accounts(
    customer: UUID, *, forfeit: bool, at: datetime, actor: Actor
) -> dict[str, int]:
    """Close all accounts of one record; those that are closed or merged stay so.

    Parameters
    ----------
    customer
        Id of the record; its row is locked, and nothing is set aside.
    forfeit
        Whether what is left goes at once.
    at, actor
        When and by whom.

    Returns
    -------
    dict[str, int]
        What was given up, by the unit's code.

    Raises
    ------
    AccountNotClosed
        If points are set aside on one of them.
    """
    given_up = {}
    for unit in units():
        account = ledger_queries.account_of(customer, unit=unit.unit)
        if account is None:
            continue
        has = ledger_queries.balance(account)
        reason: dict[str, Any] = {"code": "closed", "unit": unit.code.partition(".")[2]}
        if forfeit:
            reason |= {"code": "forfeited", "points": has.active + has.pending}
        receipt = ledger.close_account(
            account,
            key=f"{reason['code']}:{at.isoformat()}",
            forfeit=forfeit,
            actor=str(actor),
            reason=reason,
            effective_at=at,
        )
        if receipt.outcome == "done":
            given_up[unit.code] = int(receipt.detail["forfeited"])
        elif receipt.outcome != "account_closed":
            raise AccountNotClosed(unit=unit.code, outcome=receipt.outcome)
    return given_up
