"""What the checks look at, in words; the queries in ``sql/0003_*.sql`` speak these phrases."""

from __future__ import annotations

from huitouke.language import N_

__all__ = ["PHRASES"]

PHRASES: dict[str, str] = {
    phrase: phrase
    for phrase in (
        N_("allocations of a lot that is not there"),
        N_("application role"),
        N_("available after the entry"),
        N_("balance of an earlier moment"),
        N_("available of the account"),
        N_("content of the sealed operation"),
        N_("debt after the entry"),
        N_("debt beside spendable points"),
        N_("debt of the account"),
        N_("entry of a done operation"),
        N_("entry of the operation"),
        N_("expired points of the lot"),
        N_("hash before the block"),
        N_("hash of the block"),
        N_("held after the entry"),
        N_("held of the account"),
        N_("kind of the operation"),
        N_("last time of the account"),
        N_("leaves of the block"),
        N_("leaves without a block"),
        N_("earlier lot that the entry left open"),
        N_("lots and allocations without an entry"),
        N_("lots made less lots taken"),
        N_("next due time of the account"),
        N_("number of the block"),
        N_("number of the entry"),
        N_("open active lots"),
        N_("open debts"),
        N_("open holds"),
        N_("open pending lots"),
        N_("operation of the entry"),
        N_("operation put in without a seal"),
        N_("outcome of an operation with an entry"),
        N_("outcome of the undoing operation"),
        N_("pending after the entry"),
        N_("pending of the account"),
        N_("points captured of the hold"),
        N_("points given free by the end of the hold"),
        N_("points made by a move"),
        N_("points of all accounts"),
        N_("points set aside by the hold"),
        N_("points spent after their expiry"),
        N_("points spent before they were available"),
        N_("points undone of the operation"),
        N_("published hash of the block"),
        N_("rest of the lot"),
        N_("right of the application role"),
        N_("row of the account"),
        N_("sealed operation that is not there"),
        N_("smallest balance after the entry"),
        N_("state of the hold"),
        N_("sum of what two accounts gave each other"),
        N_("time of the operation"),
        N_("time of writing"),
        N_("trigger that refuses changes"),
        N_("version of the account"),
    )
}
