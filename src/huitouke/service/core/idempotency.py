"""One request, one effect: keys and natural keys are kept for ever with their answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import IntegrityError, connection, transaction

from huitouke.language import N_
from huitouke.service.core.errors import Refused, ServiceError
from huitouke.service.core.failpoints import failpoint

__all__ = [
    "Answer",
    "BodyDiffers",
    "StillRunning",
    "canonical_hash",
    "once",
    "recall",
    "remember",
]

_canonical = msgspec.json.Encoder(order="sorted").encode
# For what the quick encoder cannot say: half of a surrogate pair.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class BodyDiffers(ServiceError):
    """The key is known, for something else."""

    code = "core.idempotency_mismatch"
    status = 422
    says = N_("The key {key!r} was used for another request.")
    remedy = N_("Send the same body again, or a new key for a new request.")


class StillRunning(ServiceError):
    """The same request is being worked on at this moment."""

    code = "core.idempotency_running"
    status = 409
    says = N_("A request with the key {key!r} is still running.")
    remedy = N_("Send it again in a moment; it will get the first one's answer.")


@dataclass(frozen=True)
class Answer:
    """What was answered, and whether it was answered before."""

    status: int
    body: Any
    replayed: bool = False


def canonical_hash(*parts: Any) -> bytes:
    """Return the SHA-256 of JSON-able values, the same for any order of object members.

    Examples
    --------
    >>> canonical_hash({"a": 1, "b": 2}) == canonical_hash({"b": 2, "a": 1})
    True
    """
    try:
        text = _canonical(parts)
    except UnicodeEncodeError:
        text = _CANONICAL.encode(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).digest()


def _known(scope: str, *, key: str, request_hash: bytes) -> Answer | None:
    """Take the key for this transaction; return the answer that is kept, if any."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM core_take_key(%s, %s)", [scope, key])
        free, known, status, answer = cursor.fetchone()
    if not free:
        raise StillRunning(key=key)
    if known is None:
        return None
    if bytes(known) != request_hash:
        raise BodyDiffers(key=key)
    return Answer(status=status, body=json.loads(answer), replayed=True)


def once(
    scope: str,
    *,
    key: str,
    request_hash: bytes,
    act: Callable[[], Answer],
    refuse: Callable[[Refused], Answer],
) -> Answer:
    """Do something at most once, in one transaction with the record of its answer.

    Parameters
    ----------
    scope
        Whose keys these are, e.g. ``"http"``.
    key
        The key within the scope.
    request_hash
        Hash of everything that makes it the same request.
    act
        Does it and gives the answer; runs inside the transaction.
    refuse
        Makes the answer of a refusal, which is kept as well; its effects are undone.

    Raises
    ------
    BodyDiffers
        If the key is known for another request.
    StillRunning
        If the same key is being worked on.
    """
    # What a refusal leaves behind must be undone. Our own transaction is rolled back whole,
    # and the refusal kept in a second one; a savepoint would cost every request two round
    # trips for the few that are refused. Inside somebody's transaction it has to be one.
    inside = connection.in_atomic_block
    try:
        return _at_once(scope, key=key, request_hash=request_hash, act=act, savepoint=inside)
    except Refused as refused:
        no = refuse(refused)
    return _at_once(scope, key=key, request_hash=request_hash, act=lambda: no, savepoint=inside)


def _at_once(
    scope: str,
    *,
    key: str,
    request_hash: bytes,
    act: Callable[[], Answer],
    savepoint: bool,
) -> Answer:
    """Return what is kept under the key, or act and keep its answer, in one transaction."""
    with transaction.atomic(savepoint=savepoint):
        known = _known(scope, key=key, request_hash=request_hash)
        if known is not None:
            return known
        failpoint("after_lock")
        answer = act()
        _keep(scope, key=key, request_hash=request_hash, answer=answer)
        failpoint("before_commit")
    failpoint("after_commit")
    return answer


def recall(scope: str, *, key: str, request_hash: bytes) -> Answer | None:
    """Return the answer that is kept under a key, for work that is not one transaction.

    Parameters
    ----------
    scope, key, request_hash
        As for :func:`once`.

    Raises
    ------
    BodyDiffers, StillRunning
        As for :func:`once`.
    """
    with transaction.atomic():
        return _known(scope, key=key, request_hash=request_hash)


def remember(scope: str, *, key: str, request_hash: bytes, answer: Answer) -> None:
    """Keep an answer under a key, once the work is done that has natural keys of its own.

    Parameters
    ----------
    scope, key, request_hash
        As for :func:`once`.
    answer
        What was answered.

    Raises
    ------
    StillRunning
        If another request with this key was quicker.
    """
    with transaction.atomic():
        _keep(scope, key=key, request_hash=request_hash, answer=answer)


def _keep(scope: str, *, key: str, request_hash: bytes, answer: Answer) -> None:
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                "INSERT INTO core_request"
                " (scope, key, request_hash, status, answer, created_at)"
                " VALUES (%s, %s, %s, %s, %s, core_now())",
                [scope, key, request_hash, answer.status, json.dumps(answer.body)],
            )
        except IntegrityError as error:
            raise StillRunning(key=key) from error
