"""What is given once stays given once, also to who was forgotten and comes back.

Erasing a person leaves a mark for each thing that they got and that is given once: a keyed
hash of what it was and of one identity. It holds no name of anybody and leads to no record;
who knows the key can only ask whether an identity that they know already left it. A mark is
dropped when it has done its work.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Exists
from django.utils.crypto import salted_hmac

from huitouke.service.customers.models import Identity
from huitouke.service.programme.models.members import Done, Mark
from huitouke.service.programme.models.referrals import Referral
from huitouke.service.programme.rules.cart import PeriodKey

__all__ = ["BROUGHT", "MARK_DAYS", "drop_marks", "leave_marks", "marked"]

#: As long as claims are kept open by law in most places; then the present may be given again.
MARK_DAYS = 3 * 365
#: Under which a friend is marked who was brought by another member.
BROUGHT: PeriodKey = ("referral:friend", "ever")

_LEAVE = """
INSERT INTO programme_mark (mark, until)
SELECT * FROM unnest(%s::bytea[], %s::timestamptz[]) AS n(mark, until)
ON CONFLICT (mark) DO UPDATE SET until = greatest(programme_mark.until, excluded.until)
"""


def _mark(programme: UUID, key: PeriodKey, kind: str, value: str) -> bytes:  # noqa: PLR0917 - what is hashed
    said = json.dumps([str(programme), *key, kind, value])
    return salted_hmac("huitouke.once", said, algorithm="sha256").digest()


def _until(period: str, *, at: datetime) -> datetime:
    """Return until when a mark is needed: a year's, until no zone is in that year any more."""
    if period.isdecimal():
        return datetime(int(period) + 1, 1, 2, tzinfo=UTC)
    return at + timedelta(days=MARK_DAYS)


def leave_marks(records: Sequence[UUID], *, at: datetime) -> None:
    """Note what a person got once, before it is forgotten who they are.

    Parameters
    ----------
    records
        All records of the person; their rows are locked.
    at
        The present moment.
    """
    identities = Identity.objects.filter(customer__in=records).values_list("kind", "value")
    # What is paid for is no present: its row carries no entry.
    once = Done.objects.filter(membership__customer__in=records).exclude(op_key="")
    got = set(once.values_list("membership__programme", "rule", "period"))
    brought = Referral.objects.filter(friend__in=records).exclude(state=Referral.State.REFUSED)
    got |= {(each, *BROUGHT) for each in brought.values_list("programme__id", flat=True)}
    marks = {
        _mark(programme, (rule, period), kind, value): _until(period, at=at)
        for programme, rule, period in got
        for kind, value in identities
    }
    if marks:
        with connection.cursor() as cursor:
            # In order, so that two who leave the same marks wait for one another.
            cursor.execute(_LEAVE, [sorted(marks), [marks[each] for each in sorted(marks)]])


def marked(
    customers: Iterable[UUID], *, programme: UUID, keys: Collection[PeriodKey]
) -> Mapping[UUID, set[PeriodKey]]:
    """Return what customers got once in an earlier life, of what is asked for.

    Parameters
    ----------
    customers
        Whose identities are looked at.
    programme
        Which programme.
    keys
        Rule and period of what is given once.

    Returns
    -------
    dict
        By customer; those who got nothing are left out.
    """
    if not keys:
        return {}
    # Where nobody was ever forgotten, that is all that is asked.
    identities = Identity.objects.filter(Exists(Mark.objects.all()), customer__in=customers)
    whose = {
        _mark(programme, key, kind, value): (customer, key)
        for customer, kind, value in identities.values_list("customer", "kind", "value")
        for key in keys
    }
    found: dict[UUID, set[PeriodKey]] = {}
    if whose:
        for mark in Mark.objects.filter(mark__in=list(whose)).values_list("mark", flat=True):
            customer, key = whose[bytes(mark)]
            found.setdefault(customer, set()).add(key)
    return found


def drop_marks(*, at: datetime) -> int:
    """Delete the marks that are not needed any more.

    Parameters
    ----------
    at
        The present moment.

    Returns
    -------
    int
        How many.
    """
    return Mark.objects.filter(until__lte=at).delete()[0]
