"""API keys: made, shown once, looked up by their hash, revoked."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.crypto import get_random_string

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.models import ApiKey
from huitouke.service.core.scopes import SCOPES

__all__ = [
    "KeyNameBad",
    "KeyUnknown",
    "KeyView",
    "NewKey",
    "ScopeUnknown",
    "all_keys",
    "authenticate",
    "create",
    "revoke",
]

_log = logging.getLogger("huitouke.keys")
_PREFIX = "hk_"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LENGTH = 43  # 64 letters: 258 bits
_LOOK = (
    "SELECT id, name, scopes, revoked_at IS NOT NULL,"
    " coalesce(expires_at <= core_now(), false), core_now(),"
    " coalesce(used_at < core_now() - interval '1 hour', true)"
    " FROM core_apikey WHERE secret_hash = %s"
)
# Once an hour at most: a till asks many times a second, and nobody needs to know it closer.
_USED = (
    "UPDATE core_apikey SET used_at = core_now() WHERE id = %s"
    " AND coalesce(used_at < core_now() - interval '1 hour', true)"
)


class ScopeUnknown(ServiceError):
    """No scope has this name."""

    code = "core.scope_unknown"
    status = 422
    says = N_("There is no scope {scope!r}.")
    remedy = N_("Choose among: {known}.")


class KeyNameBad(ServiceError):
    """A key needs a name that fits."""

    code = "core.key_name_bad"
    status = 422
    says = N_("A key needs a name of 1 to 100 characters.")
    remedy = N_("Name it after the machine that will use it, e.g. till-7.")


class KeyUnknown(ServiceError):
    """No key has this id."""

    code = "core.key_unknown"
    status = 404
    says = N_("There is no API key {key}.")
    remedy = N_("See huitouke api-key list.")


@dataclass(frozen=True)
class KeyView:
    """What a valid key says of its bearer, and the database's time of the look-up."""

    id: UUID
    name: str
    scopes: frozenset[str]
    at: datetime


@dataclass(frozen=True)
class NewKey:
    """A key just made; ``secret`` is nowhere kept and shown this once."""

    record: ApiKey
    secret: str


def _hash(token: str) -> bytes:
    # The key has 258 random bits: a plain hash cannot be searched, a slow one buys nothing.
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def create(
    name: str,
    *,
    scopes: Sequence[str],
    at: datetime,
    actor: Actor,
    expires_at: datetime | None = None,
) -> NewKey:
    """Make a key.

    Parameters
    ----------
    name
        Of the machine that will use it; it is the actor in journal and audit log.
    scopes
        What it may do, names of :data:`huitouke.service.core.scopes.SCOPES`.
    at, actor
        When, and who makes it.
    expires_at
        First moment at which it is no longer valid; None: never.

    Raises
    ------
    KeyNameBad
        If the name is empty or too long.
    ScopeUnknown
        If there is no such scope, or none is given.
    """
    if not 1 <= len(name.strip()) <= 100 or not name.isprintable():
        raise KeyNameBad
    for scope in scopes or ("",):
        if scope not in SCOPES:
            raise ScopeUnknown(scope=scope[:40], known=", ".join(SCOPES))
    secret = _PREFIX + get_random_string(_LENGTH, _LETTERS)
    with transaction.atomic():
        record = ApiKey.objects.create(
            id=new_id(),
            name=name.strip(),
            secret_hash=_hash(secret),
            scopes=sorted(set(scopes)),
            created_at=at,
            expires_at=expires_at,
        )
        audit.note(
            "api_key.created",
            actor=actor,
            target=public_id("key", record.id),
            facts={"name": record.name, "scopes": record.scopes},
        )
    return NewKey(record, secret)


def authenticate(token: str) -> KeyView | None:
    """Return whose key this is, or None: the bearer never learns why not.

    Parameters
    ----------
    token
        What stood behind ``Bearer``.
    """
    if not token.startswith(_PREFIX) or len(token) != len(_PREFIX) + _LENGTH:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, [_hash(token)])
        row = cursor.fetchone()
    if row is None:
        return None
    key_id, name, scopes, revoked, expired, at, unnoted = row
    if revoked or expired:
        kind = "revoked" if revoked else "expired"
        _log.info("key refused", extra={"key": public_id("key", key_id), "why": kind})
        return None
    if unnoted:
        with connection.cursor() as cursor:
            cursor.execute(_USED, [key_id])
    return KeyView(key_id, name, frozenset(scopes), at)


def all_keys() -> list[ApiKey]:
    """Return every key, newest first."""
    return list(ApiKey.objects.order_by("-id"))


def revoke(key_id: UUID, *, at: datetime, actor: Actor) -> ApiKey:
    """End a key at once and for ever; a second time changes nothing.

    Parameters
    ----------
    key_id
        Which key.
    at, actor
        When, and who ends it.

    Raises
    ------
    KeyUnknown
        If there is no such key.
    """
    with transaction.atomic():
        record = ApiKey.objects.select_for_update().filter(id=key_id).first()
        if record is None:
            raise KeyUnknown(key=public_id("key", key_id))
        if record.revoked_at is None:
            record.revoked_at = at
            record.save(update_fields=["revoked_at"])
            audit.note(
                "api_key.revoked",
                actor=actor,
                target=public_id("key", key_id),
                facts={"name": record.name},
            )
    return record
