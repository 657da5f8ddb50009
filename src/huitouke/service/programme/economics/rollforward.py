"""From the opening to the closing balance, line by line, to the point."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.ledger.reporting import Movement

__all__ = ["BooksDisagree", "RollForward", "roll_forward"]


class BooksDisagree(ServiceError):
    """Entries and balances of the ledger do not add up."""

    code = "programme.books_disagree"
    status = 500
    says = N_("The entries come to {entries} points, but the balances to {balances}.")
    remedy = N_("Run huitouke ledger verify: it names the rows that are broken.")


@dataclass(frozen=True, kw_only=True)
class RollForward:
    """From the opening to the closing balance: members' points, less what they owe.

    Parameters
    ----------
    opening, closing
        Balances; ``closing`` is ``opening`` and all lines between.
    issued
        Earned.
    imported
        Brought in from another system.
    redeemed
        Used, below 0.
    returned
        Given back from redemptions that were undone.
    expired, clawed_back
        Below 0.
    adjusted
        By hand, in either direction.
    forfeited
        Given up by persons who were erased, below 0.
    written_off
        Debts that were forgiven.
    transferred, merged
        Between members: 0.
    other
        Any other counter-account.
    """

    opening: int
    issued: int = 0
    imported: int = 0
    redeemed: int = 0
    returned: int = 0
    expired: int = 0
    clawed_back: int = 0
    adjusted: int = 0
    forfeited: int = 0
    written_off: int = 0
    transferred: int = 0
    merged: int = 0
    other: int = 0
    closing: int


#: Counter-account to line; a redemption that is undone has a line of its own.
_LINES = {
    "issue": "issued",
    "import": "imported",
    "redeem": "redeemed",
    "expire": "expired",
    "claw_back": "clawed_back",
    "adjust": "adjusted",
    "forfeit": "forfeited",
    "write_off": "written_off",
    "transfer": "transferred",
    "merge": "merged",
    "unmerge": "merged",
}
_UNDONE = {"restore", "regrant"}


def roll_forward(moves: Iterable[Movement], *, opening: int, closing: int) -> RollForward:
    """Return the lines between two balances.

    Parameters
    ----------
    moves
        All movements between them.
    opening, closing
        Net points of :class:`huitouke.service.ledger.reporting.Position`.

    Raises
    ------
    BooksDisagree
        If the lines do not lead from the one to the other.

    Examples
    --------
    >>> moves = [Movement("earn", "issue", 1, 100)]
    >>> roll_forward(moves, opening=5, closing=105).issued
    100
    """
    lines: dict[str, int] = {}
    for move in moves:
        line = _LINES.get(move.contra, "other")
        if line == "redeemed" and move.kind in _UNDONE:
            line = "returned"
        lines[line] = lines.get(line, 0) + move.points
    total = opening + sum(lines.values())
    if total != closing:
        raise BooksDisagree(entries=total, balances=closing)
    return RollForward(opening=opening, closing=closing, **lines)
