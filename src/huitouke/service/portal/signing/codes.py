"""Codes of six digits: made, hashed, tried at most five times, good once.

The browser that asks gets a secret in a cookie, and the code is good only with it: whoever
learns a code by a glance at a phone cannot use it elsewhere. What the code was sent to stands
in the same cookie, signed, so that the table of codes holds no personal data.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import connection
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

from huitouke.service.core.ids import new_id

__all__ = ["MINUTES", "TRIES", "Asked", "ask", "forget_old", "proof", "read", "try_code"]

MINUTES = 10
TRIES = 5
#: How long who has shown a code may take to fill in the form for joining.
_PROOF = timedelta(minutes=30)
_KEPT = timedelta(days=1)
_SALT = "portal.asked"
_TAKE_TRY = """
UPDATE portal_challenge SET tries = tries + 1
 WHERE secret_hash = %s AND used_at IS NULL AND tries < %s AND expires_at > core_now()
RETURNING id, code_hash
"""
_USE = """
UPDATE portal_challenge SET used_at = core_now()
 WHERE id = %s AND used_at IS NULL RETURNING id
"""
_PROVED = """
SELECT id FROM portal_challenge
 WHERE secret_hash = %s AND proof_used_at IS NULL AND used_at > core_now() - %s
"""
_USE_PROOF = """
UPDATE portal_challenge SET proof_used_at = core_now()
 WHERE secret_hash = %s AND proof_used_at IS NULL AND used_at > core_now() - %s
RETURNING id
"""


@dataclass(frozen=True)
class Asked:
    """What the cookie of a browser that asked for a code says.

    Parameters
    ----------
    secret
        Which challenge it is.
    kind, value
        Where the code went: ``"phone"`` or ``"email"``, in its one spelling.
    purpose
        ``"sign_in"``, or what the code shall confirm.
    """

    secret: str
    kind: str
    value: str
    purpose: str = "sign_in"

    def sealed(self) -> str:
        """Return the text of the cookie."""
        return signing.dumps([self.secret, self.kind, self.value, self.purpose], salt=_SALT)


def read(cookie: str) -> Asked | None:
    """Return what a cookie says, or None if it is none of ours or too old.

    Parameters
    ----------
    cookie
        As the browser sent it.
    """
    most = timedelta(minutes=MINUTES) + _PROOF
    try:
        return Asked(*signing.loads(cookie, salt=_SALT, max_age=most))
    except (signing.BadSignature, TypeError):
        return None


def _secret_hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _code_hash(challenge: UUID, *, code: str, asked: Asked) -> bytes:
    key: str = settings.SECRET_KEY
    said = f"{challenge}:{asked.purpose}:{asked.kind}:{asked.value}:{code}"
    return salted_hmac("portal.code", said, secret=key, algorithm="sha256").digest()


def ask(kind: str, value: str, *, at: datetime, purpose: str = "sign_in") -> tuple[Asked, str]:
    """Make a code, and return it with what the browser shall keep.

    Parameters
    ----------
    kind, value
        Where it will go.
    at
        The present moment.
    purpose
        What it is good for; nothing else.
    """
    asked = Asked(get_random_string(43), kind, value, purpose)
    code = get_random_string(6, "0123456789")
    key = new_id()
    values: list[Any] = [
        key,
        _secret_hash(asked.secret),
        _code_hash(key, code=code, asked=asked),
        at,
        at + timedelta(minutes=MINUTES),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO portal_challenge"
            " (id, secret_hash, code_hash, tries, created_at, expires_at)"
            " VALUES (%s, %s, %s, 0, %s, %s)",
            values,
        )
    return asked, code


def try_code(asked: Asked, *, code: str) -> bool:
    """Say whether this is the code; a try is counted first, and the right one is used up.

    Parameters
    ----------
    asked
        What the browser's cookie says.
    code
        As somebody typed it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TRY, [_secret_hash(asked.secret), TRIES])
        found = cursor.fetchone()
        if found is None:
            return False
        given = _code_hash(found[0], code=code, asked=asked)
        if not constant_time_compare(given.hex(), bytes(found[1]).hex()):
            return False
        cursor.execute(_USE, [found[0]])
        return cursor.fetchone() is not None


def proof(asked: Asked, *, use: bool) -> bool:
    """Say whether this browser has shown the code lately: its address is the person's.

    Parameters
    ----------
    asked
        What the browser's cookie says.
    use
        Whether that is used up now.
    """
    values: list[Any] = [_secret_hash(asked.secret), _PROOF]
    with connection.cursor() as cursor:
        cursor.execute(_USE_PROOF if use else _PROVED, values)
        return cursor.fetchone() is not None


def forget_old() -> int:
    """Forget codes that are over since a day, and say how many they were."""
    values: list[Any] = [_KEPT]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM portal_challenge WHERE expires_at < core_now() - %s", values
        )
        found: int = cursor.rowcount
    return found
