"""Guessing is counted in the database, for all server processes together.

An attempt is counted before it is made; who succeeds gets it back. Subjects (an address, a
network, a person) are kept as keyed hashes: the table tells nobody who tried what.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError

__all__ = ["Limit", "LockedOut", "forget", "forget_old", "give_back", "take"]

_KEPT = timedelta(days=2)


class LockedOut(ServiceError):
    """Too many attempts failed; more are not looked at for a while."""

    code = "core.locked_out"
    status = 429
    says = N_("There were too many attempts. No more are looked at for {minutes} minutes.")
    remedy = N_("Wait, then try again; or ask for a link by e-mail to set a new password.")


@dataclass(frozen=True)
class Limit:
    """How many attempts are too many.

    Parameters
    ----------
    kind
        Of what, e.g. ``"sign_in.address"``; counts of different kinds are apart.
    most
        Attempts that may be made within the window.
    window
        Counted from the first attempt.
    lock
        How long the next one must wait.
    """

    kind: str
    most: int
    window: timedelta
    lock: timedelta


def _hash(kind: str, subject: str) -> bytes:
    key: str = settings.SECRET_KEY
    return salted_hmac(f"core.attempt.{kind}", subject, secret=key, algorithm="sha256").digest()


def take(limit: Limit, *, subject: str) -> None:
    """Count one attempt, or refuse it.

    Parameters
    ----------
    limit
        How many are too many.
    subject
        Who, or what, tries.

    Raises
    ------
    LockedOut
        If it is one too many; ``values["began"]`` says that this one began the lock.
    """
    subject_hash = _hash(limit.kind, subject)
    values: list[Any] = [limit.kind, subject_hash, limit.most, limit.window, limit.lock]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT wait_seconds, locks FROM core_take_attempt(%s, %s, %s, %s, %s)", values
        )
        wait_seconds, began = cursor.fetchone()
    if wait_seconds:
        minutes = -(-wait_seconds // 60)
        raise LockedOut(minutes=minutes, retry_after=wait_seconds, began=began)


def give_back(limit: Limit, *, subject: str) -> None:
    """Take back one count: the attempt succeeded.

    Only this one: somebody with a good password of their own cannot wipe out the count of
    their network by signing in between guesses.

    Parameters
    ----------
    limit, subject
        As it was counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_attempt SET made = greatest(made - 1, 0)"
            " WHERE kind = %s AND subject = %s",
            [limit.kind, _hash(limit.kind, subject)],
        )


def forget(limit: Limit, *, subject: str) -> None:
    """Forget all counts of a subject, and its lock.

    Parameters
    ----------
    limit, subject
        As they were counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM core_attempt WHERE kind = %s AND subject = %s",
            [limit.kind, _hash(limit.kind, subject)],
        )


def forget_old() -> int:
    """Forget counts that no limit looks at any more, and say how many they were."""
    values: list[Any] = [_KEPT]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM core_attempt WHERE greatest(began_at, locked_until) < core_now() - %s",
            values,
        )
        found: int = cursor.rowcount
    return found
