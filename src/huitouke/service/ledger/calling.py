"""How a command reaches the ledger's functions: hashes, errors, retries, receipts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.db import Error, connection
from msgspec.json import encode
from psycopg.types.range import Range

from huitouke.language import N_
from huitouke.service.core.bounds import LARGEST
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.idempotency import canonical_hash
from huitouke.service.ledger.contract import Earn, Given, Receipt, Spend

__all__ = [
    "AWAITED",
    "AccountUnknown",
    "AmountInvalid",
    "KeyInvalid",
    "KeyTaken",
    "MomentInvalid",
    "PostingUnknown",
    "ask",
    "check",
    "earn_hash",
    "fits",
    "given_values",
    "key_of",
    "moment",
    "points",
    "read_receipt",
    "reason_text",
    "repeat",
    "request_hash",
    "spend_hash",
    "stored",
]

#: ``Earn.available_at`` of points that wait for something to happen, e.g. a delivery.
AWAITED = datetime.max.replace(tzinfo=UTC)

Result = TypeVar("Result")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: How the keys begin that the ledger makes itself.
_OWN = ("settle:", "part:")
_KEY_LENGTH = 250
_ATTEMPTS = 5
#: Serialisation failure, deadlock, unique violation: the same key makes a repeat safe.
_LOST_RACES = {"40001", "40P01", "23505"}


class KeyTaken(ServiceError):
    """The key is known on this account, for something else."""

    code = "ledger.key_taken"
    status = 422
    says = N_("The key {key!r} was used on this account for another posting.")
    remedy = N_("Send the same posting again, or a new key for a new one.")


class KeyInvalid(ServiceError):
    """The key cannot be kept."""

    code = "ledger.key_invalid"
    status = 422
    says = N_("A key has 1 to {most} printable characters and does not begin with {own}.")
    remedy = N_("Make the key from your own order or request number.")


class AmountInvalid(ServiceError):
    """The amount is not a number of points."""

    code = "ledger.amount_invalid"
    status = 422
    says = N_("Points are a whole number above 0, not {given}.")
    remedy = N_("Send a JSON integer.")


class MomentInvalid(ServiceError):
    """The moments of a posting do not fit together."""

    code = "ledger.moment_invalid"
    status = 422
    says = N_("Points cannot expire at {expires} when they are available from {available}.")
    remedy = N_("Send moments with a time zone, the expiry after the moment of availability.")


class AccountUnknown(ServiceError):
    """There is no account with this number."""

    code = "ledger.account_unknown"
    status = 404
    says = N_("There is no points account {account}.")
    remedy = N_("Open one for the customer first.")


class PostingUnknown(ServiceError):
    """What the posting refers to is not there; nothing is kept under the key."""

    code = "ledger.posting_unknown"
    status = 404
    says = N_("The account has no posting under the key {key!r} that this could refer to.")
    remedy = N_("Send that posting first, or correct the key.")


def fits(key: str) -> bool:
    """Say whether a key can be kept: as long as it may be, readable, none of the ledger's own.

    Parameters
    ----------
    key
        The posting's key.
    """
    return 0 < len(key) <= _KEY_LENGTH and key.isprintable() and not key.startswith(_OWN)


def key_of(act: str, *, name: str) -> str:
    """Return the key of a posting that is made under somebody else's key, whatever that is.

    It is readable where it fits; a long name, or one with letters that cannot be seen, is
    digested. The same name always makes the same key, and no two names have one.

    Parameters
    ----------
    act
        What is done under it, e.g. ``"transfer"``.
    name
        The other's key.

    Examples
    --------
    >>> key_of("transfer", name="gift-7")
    'transfer:gift-7'
    >>> key_of("transfer", name="7" * 255)[:32]
    'transfer.sha256:d40dd795fe66b4ea'
    """
    key = f"{act}:{name}"
    if fits(key):
        return key
    return f"{act}.sha256:{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()}"


def check(key: str) -> None:
    """Refuse a key that cannot be kept.

    Parameters
    ----------
    key
        The posting's key.

    Raises
    ------
    KeyInvalid
        If the key is empty, too long, not printable or one of the ledger's own.
    """
    if not fits(key):
        raise KeyInvalid(most=_KEY_LENGTH, own=" / ".join(_OWN))


def points(amount: int) -> int:
    """Return the amount as the ledger takes it: what is above the most it holds, one above.

    Parameters
    ----------
    amount
        Points as they were given.

    Raises
    ------
    AmountInvalid
        If the amount is not an integer above 0.

    Examples
    --------
    >>> points(10**30) - LARGEST
    1
    """
    if type(amount) is not int or amount < 1:
        raise AmountInvalid(given=repr(amount)[:40])
    return min(amount, LARGEST + 1)


def moment(at: datetime | None) -> int | None:
    """Return a moment as it enters a request hash: whole microseconds since 1970, UTC.

    Raises
    ------
    MomentInvalid
        If it has no time zone.

    Examples
    --------
    >>> moment(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    if at is None:
        return None
    if at.tzinfo is None:
        raise MomentInvalid(expires=at, available=at)
    return (at - _EPOCH) // _MICROSECOND


def stored(at: datetime | None) -> datetime | str | None:
    """Return a moment as the database takes it; what is awaited has no end there."""
    return "infinity" if at == AWAITED else at


def given_values(given: Given) -> tuple[list[int], list[Range[datetime]]]:
    """Return which lots are meant as the database takes it: versions and spans."""
    return list(given.versions), [Range(begins, ends, "[)") for begins, ends in given.spans]


def reason_text(reason: dict[str, Any]) -> str:
    """Return the reason as JSON text that PostgreSQL can keep (it has no zero character)."""
    return encode(reason).decode().replace("\\u0000", "\\ufffd")


def request_hash(command: str, *parts: Any) -> bytes:
    """Return the hash of what makes two requests under one key the same.

    Part of it are the command, the account and everything that decides the effect: amount,
    moments, kind, counter-account, the code of the reason, the rule version and the keys and
    policy it refers to. Not part of it are the actor and the values of the reason, which a
    repeat by another process may spell differently.
    """
    return canonical_hash(command, *parts)


def earn_hash(posting: Earn) -> bytes:
    """Check a credit and return its request hash, the same for single and batch.

    Raises
    ------
    MomentInvalid
        If it would expire before it is available.
    """
    check(posting.key)
    points(posting.amount)
    begins, ends = posting.available_at, posting.expires_at
    moments = [moment(at) for at in (posting.effective_at, begins, ends)]
    if begins is not None and ends is not None and ends <= begins:
        raise MomentInvalid(expires=ends, available=begins)
    return request_hash(
        "earn", posting.account, posting.amount, *moments, posting.kind, posting.contra,
        posting.reason.get("code"), posting.rule_version,
    )  # fmt: skip


def spend_hash(posting: Spend) -> bytes:
    """Check a debit and return its request hash, the same for single and batch."""
    check(posting.key)
    points(posting.amount)
    return request_hash(
        "spend", posting.account, posting.amount, moment(posting.effective_at), posting.kind,
        posting.contra, posting.reason.get("code"), posting.rule_version,
    )  # fmt: skip


def ask(sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run one statement of the ledger and return its rows.

    Outside a transaction it is one of its own, and a lost race is run again. Inside one the
    caller owns the transaction and the repeat.
    """

    def run() -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())

    return repeat(run)


def repeat(act: Callable[[], Result]) -> Result:
    """Do something that may lose a race, again if it did, unless a transaction is open.

    Parameters
    ----------
    act
        What to do: one transaction, safe to repeat.
    """
    attempts = 1 if connection.in_atomic_block else _ATTEMPTS
    while True:
        attempts -= 1
        try:
            return act()
        except Error as error:
            lost_race = getattr(error.__cause__, "sqlstate", None) in _LOST_RACES
            if not lost_race or attempts == 0:
                raise


def read_receipt(row: Sequence[Any], *, account: int, key: str, refers_to: str = "") -> Receipt:
    """Return the receipt in a row of ``ledger.answered``.

    Parameters
    ----------
    row
        outcome, seq, available, pending, held, debt, created_at, replayed, detail.
    account, key
        Of the posting.
    refers_to
        The key of an earlier posting that this one is about.

    Raises
    ------
    KeyTaken
        If the key is known for another posting.
    AccountUnknown
        If there is no such account.
    PostingUnknown
        If what it refers to is not there.
    """
    outcome = row[0]
    if outcome == "key_taken":
        raise KeyTaken(key=key)
    if outcome == "account_unknown":
        raise AccountUnknown(account=account)
    if outcome.endswith("_unknown"):
        raise PostingUnknown(key=refers_to)
    detail = row[8]
    return Receipt(
        account=account,
        key=key,
        outcome=outcome,
        seq=row[1],
        available=row[2],
        pending=row[3],
        held=row[4],
        debt=row[5],
        created_at=row[6],
        replayed=row[7],
        detail=json.loads(detail) if isinstance(detail, str) else detail or {},
    )
