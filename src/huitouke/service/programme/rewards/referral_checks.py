"""Is the friend really another, new person? What looks odd goes to a person's review."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.crypto import salted_hmac

from huitouke.service.customers.models import Identity
from huitouke.service.programme.marks import BROUGHT, marked
from huitouke.service.programme.models.referrals import Trace
from huitouke.service.programme.models.versions import Programme
from huitouke.service.programme.rules.extras import Referral as Rules

__all__ = ["EVIDENCE", "canonical_email", "flags_of", "keep_traces", "trace_of"]

#: What a shop may tell of a person beside identities; only keyed hashes of it are kept.
EVIDENCE = ("device", "address", "payment_token")

_DOTLESS = frozenset({"gmail.com", "googlemail.com"})

# Whoever brought the advocate, and whoever brought those: is the friend among them?
_RING = """
WITH RECURSIVE brought(person, depth) AS (
  SELECT %s::uuid, 0
  UNION
  SELECT r.advocate_id, b.depth + 1
  FROM brought b JOIN programme_referral r
    ON r.programme = %s AND r.friend_id = b.person AND r.state <> 'refused'
  WHERE b.depth < 50
)
SELECT EXISTS (SELECT FROM brought WHERE person = %s)
"""
_BOUGHT = """
SELECT EXISTS (
  SELECT FROM orders_order WHERE customer_id = %s AND ordered_at < %s::timestamptz
    AND id IS DISTINCT FROM %s::uuid AND status NOT IN ('cancelled', 'pending')
) OR EXISTS (
  SELECT FROM customers_customer WHERE (id = %s OR merged_into_id = %s)
    AND first_bought_at < %s::timestamptz
)
"""
_SHARED = """
SELECT DISTINCT kind FROM programme_trace
WHERE (kind, digest) IN (SELECT k, d FROM unnest(%s::text[], %s::bytea[]) AS u(k, d))
  AND customer_id <> %s
  AND (customer_id = %s OR customer_id IN (
    SELECT friend_id FROM programme_referral
    WHERE programme = %s AND advocate_id = %s AND state <> 'refused'))
"""


def canonical_email(email: str) -> str:
    """Return the mailbox behind an address: without a tag, and without dots where they vanish.

    Parameters
    ----------
    email
        Already in lower case.

    Examples
    --------
    >>> canonical_email("li.na+shop@gmail.com"), canonical_email("li.na@163.com")
    ('lina@gmail.com', 'li.na@163.com')
    """
    name, _, host = email.rpartition("@")
    name = name.partition("+")[0]
    if host in _DOTLESS:
        name, host = name.replace(".", ""), "gmail.com"
    return f"{name}@{host}"


def trace_of(kind: str, value: str) -> bytes:
    """Return the keyed hash under which a device, address or payment token is kept.

    Parameters
    ----------
    kind
        One of ``EVIDENCE``.
    value
        As the shop told it; case, width, spaces and punctuation do not matter.
    """
    folded = unicodedata.normalize("NFKC", value).casefold()
    letters = "".join(letter for letter in folded if letter.isalnum())
    return salted_hmac(f"huitouke.trace.{kind}", letters, algorithm="sha256").digest()


def keep_traces(customer: UUID, *, evidence: Mapping[str, str], at: datetime) -> None:
    """Remember what a customer was seen with.

    Parameters
    ----------
    customer
        Who.
    evidence
        Values by kind; kinds that are not known and empty values are left out.
    at
        When.
    """
    Trace.objects.bulk_create(
        [
            Trace(customer_id=customer, kind=kind, digest=trace_of(kind, value), seen_at=at)
            for kind, value in evidence.items()
            if kind in EVIDENCE and value.strip()
        ],
        ignore_conflicts=True,
    )


def _same_identity(advocate: UUID, friend: UUID) -> bool:
    """Say whether both have an e-mail address that reaches the same mailbox."""
    found: dict[UUID, set[str]] = {advocate: set(), friend: set()}
    emails = Identity.objects.filter(customer_id__in=[advocate, friend], kind="email")
    for customer, value in emails.values_list("customer_id", "value"):
        found[customer].add(canonical_email(value))
    return bool(found[advocate] & found[friend])


def _shared_kinds(
    programme: str, *, advocate: UUID, friend: UUID, evidence: Mapping[str, str]
) -> set[str]:
    """Return which traces the friend shares with the advocate or the advocate's friends."""
    own = {
        (kind, bytes(digest))
        for kind, digest in Trace.objects.filter(customer_id=friend).values_list(
            "kind", "digest"
        )
    }
    own |= {
        (kind, trace_of(kind, value))
        for kind, value in evidence.items()
        if kind in EVIDENCE and value.strip()
    }
    if not own:
        return set()
    kinds, digests = zip(*sorted(own), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            _SHARED, [list(kinds), list(digests), friend, advocate, programme, advocate]
        )
        return {row[0] for row in cursor.fetchall()}


def _brought_before(programme: str, friend: UUID) -> bool:
    """Say whether the friend was brought, was forgotten since, and comes back."""
    home = Programme.objects.only("id").get(code=programme)
    return bool(marked([friend], programme=home.id, keys=[BROUGHT]))


def flags_of(
    programme: str,
    *,
    advocate: UUID,
    friend: UUID,
    evidence: Mapping[str, str],
    rules: Rules,
    before: datetime,
    order: UUID | None = None,
) -> list[str]:
    """Return what a person should look at before this referral is paid; none is all well.

    Parameters
    ----------
    programme
        Code of the programme.
    advocate, friend
        Records of today.
    evidence
        What the shop tells of the friend, by kind.
    rules
        Which checks the programme wants.
    before
        Who bought before this is not new, under any id the person ever had.
    order
        The order with which the friend came, which does not count against them.

    Returns
    -------
    list of str
        Of ``not_new``, ``same_identity``, ``same_device``, ``same_address``,
        ``same_payment_token``, ``ring``.
    """
    found = []
    with connection.cursor() as cursor:
        cursor.execute(_BOUGHT, [friend, before, order, friend, friend, before])
        if cursor.fetchone()[0] or _brought_before(programme, friend):
            found.append("not_new")
        cursor.execute(_RING, [advocate, programme, friend])
        if cursor.fetchone()[0]:
            found.append("ring")
    if _same_identity(advocate, friend):
        found.append("same_identity")
    wanted = {
        "device": rules.review_same_device,
        "address": rules.review_same_address,
        "payment_token": rules.review_same_payment,
    }
    shared = _shared_kinds(programme, advocate=advocate, friend=friend, evidence=evidence)
    found += [f"same_{kind}" for kind in EVIDENCE if kind in shared and wanted[kind]]
    return found
