"""What the clock does to points: they become active, expire, are free again, are forgiven."""

from __future__ import annotations

from datetime import datetime

from huitouke.service.ledger.calling import AccountUnknown, ask, given_values
from huitouke.service.ledger.contract import Given

__all__ = ["expire_inactive", "settle", "sweep", "write_off"]


def settle(account: int) -> int:
    """Settle what is due on an account now; every other command does so first.

    Parameters
    ----------
    account
        Its number.

    Returns
    -------
    int
        How many entries that made.

    Raises
    ------
    AccountUnknown
        If there is no such account.
    """
    made: int | None = ask("SELECT ledger.settle(%s)", [account])[0][0]
    if made is None:
        raise AccountUnknown(account=account)
    return made


def sweep(*, limit: int = 1000) -> int:
    """Settle accounts that are due, in order of the moment; locked ones are left out.

    Parameters
    ----------
    limit
        The most accounts in this one transaction; call again until it returns less.

    Returns
    -------
    int
        How many accounts it settled.
    """
    return int(ask("SELECT ledger.sweep(%s)", [limit])[0][0])


def write_off(unit: int, *, before: datetime, limit: int = 1000) -> int:
    """Forgive what is still owed of debts made before a moment, as a visible expense.

    Parameters
    ----------
    unit
        What is counted.
    before
        Debts made earlier than this are forgiven.
    limit
        The most debts in this one transaction.

    Returns
    -------
    int
        How many debts were written off.
    """
    rows = ask(
        "SELECT ledger.write_off(%s::smallint, %s::timestamptz, %s)", [unit, before, limit]
    )
    return int(rows[0][0])


def expire_inactive(unit: int, *, before: datetime, given: Given, limit: int = 1000) -> int:
    """Expire spendable points of accounts without an earn or a burn since a moment.

    Parameters
    ----------
    unit
        What is counted.
    before
        Accounts last active earlier than this lose points that they have held since before.
    given
        Which points.
    limit
        The most accounts in this one transaction.

    Returns
    -------
    int
        How many accounts lost points.
    """
    versions, spans = given_values(given)
    rows = ask(
        "SELECT ledger.expire_inactive(%s::smallint, %s::timestamptz, %s::bigint[],"
        " %s::tstzrange[], %s)",
        [unit, before, versions, spans, limit],
    )
    return int(rows[0][0])
