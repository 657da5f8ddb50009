"""From the outbox to the receivers: deliveries are made, due ones sent, in order per subject.

A delivery waits behind every earlier one of its subject to the same address. Whoever sends
one holds it by a lease in its row; where a sender dies, the lease ends and another sends it
again, with the same id.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from huitouke.service.core import clock, outbox
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.webhooks.models import Attempt, Delivery, Endpoint
from huitouke.service.core.webhooks.schedule import PAUSE_AFTER, next_try, pause
from huitouke.service.core.webhooks.sender import Outcome, Parcel, send

__all__ = ["collect", "deliver", "due", "forget"]

_LEASE = timedelta(seconds=60)
_PER_ADDRESS = 50
_IN_A_ROW = 50
#: A receiver that answers slowly gets the next ones in another job: others have turns between.
_ROW_LASTS = timedelta(seconds=10)
_KEPT = timedelta(days=30)
_GONE = 410

_INSERT = """
INSERT INTO api_delivery (id, endpoint_id, happening_id, position, topic, subject, state,
                          tries, since, next_at, note, created_at)
SELECT d.id, d.endpoint, d.happening, d.position, d.topic, d.subject, 'waiting',
       0, n.at, n.at, '', n.at
  FROM unnest(%(ids)s::uuid[], %(happenings)s::uuid[], %(positions)s::bigint[],
              %(topics)s::text[], %(subjects)s::text[], %(endpoints)s::uuid[])
       AS d(id, happening, position, topic, subject, endpoint)
 CROSS JOIN (SELECT %(at)s::timestamptz AS at) n
ON CONFLICT (endpoint_id, happening_id) DO NOTHING
"""

# The first of each subject, of addresses that are awake; a failing address gets one probe.
_DUE = """
SELECT found.id
  FROM api_endpoint e
 CROSS JOIN LATERAL (
   SELECT d.id, d.next_at FROM api_delivery d
    WHERE d.endpoint_id = e.id AND d.state = 'waiting' AND d.next_at <= %(at)s
      AND NOT EXISTS (SELECT FROM api_delivery b
                       WHERE b.endpoint_id = d.endpoint_id AND b.subject = d.subject
                         AND b.state = 'waiting' AND b.position < d.position)
    ORDER BY d.next_at, d.position
    LIMIT CASE WHEN e.failures >= %(pause_after)s THEN 1 ELSE %(most)s END) found
 WHERE e.active AND (e.paused_until IS NULL OR e.paused_until <= %(at)s)
 ORDER BY found.next_at
"""

_CLAIM = """
UPDATE api_delivery d SET next_at = %(until)s
  FROM api_endpoint e
 WHERE d.id = %(id)s AND d.state = 'waiting' AND d.next_at <= %(at)s
   AND e.id = d.endpoint_id AND e.active
   AND NOT EXISTS (SELECT FROM api_delivery b
                    WHERE b.endpoint_id = d.endpoint_id AND b.subject = d.subject
                      AND b.state = 'waiting' AND b.position < d.position)
RETURNING d.id
"""


def _wants(endpoint: Endpoint, topic: str) -> bool:
    family = f"{topic.partition('.')[0]}.*"
    return not endpoint.topics or topic in endpoint.topics or family in endpoint.topics


def _make(told: Sequence[outbox.Told]) -> None:
    """Make a delivery of each happening for each address that wants it."""
    listening = list(Endpoint.objects.filter(active=True).order_by("id"))
    rows = [
        (new_id(), each.id, each.position, each.topic, each.subject, endpoint.id)
        for each in told
        for endpoint in listening
        if _wants(endpoint, each.topic)
    ]
    if not rows:
        return
    names = ("ids", "happenings", "positions", "topics", "subjects", "endpoints")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {**columns, "at": clock.now()})


def collect() -> int:
    """Make deliveries of everything that happened since, and say of how much."""
    count = 0
    while taken := outbox.hand_on(_make):
        count += taken
    return count


def due(*, at: datetime) -> list[UUID]:
    """Return the deliveries to send now: the first of each subject, a few per address.

    Parameters
    ----------
    at
        The present moment.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"at": at, "most": _PER_ADDRESS, "pause_after": PAUSE_AFTER})
        return [row[0] for row in cursor.fetchall()]


def deliver(delivery_id: UUID) -> int:
    """Send a delivery, and those of its subject that waited behind it.

    Nothing is sent when another sender holds it, or an earlier one must go first.

    Parameters
    ----------
    delivery_id
        Which delivery to begin with.

    Returns
    -------
    int
        How many the receiver took.
    """
    taken = 0
    following: UUID | None = delivery_id
    until = clock.now() + _ROW_LASTS
    while following is not None and taken < _IN_A_ROW and clock.now() < until:
        record = _claimed(following, at=clock.now())
        if record is None:
            break
        at = clock.now()
        outcome = send(_parcel(record, at=at), at=at)
        _settle(record, outcome=outcome, at=clock.now())
        if not outcome.accepted:
            break
        taken += 1
        following = _behind(record)
    return taken


def _claimed(delivery_id: UUID, *, at: datetime) -> Delivery | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"id": delivery_id, "at": at, "until": at + _LEASE})
        if cursor.fetchone() is None:
            return None
    record = Delivery.objects.select_related("endpoint", "happening").get(id=delivery_id)
    return record if record.endpoint.removed_at is None else None


def _parcel(record: Delivery, *, at: datetime) -> Parcel:
    endpoint, happening = record.endpoint, record.happening
    message_id = public_id("msg", happening.id)
    body = {
        "id": message_id,
        "type": happening.topic,
        "timestamp": happening.created_at.isoformat(),
        "api_version": "v1",
        "subject": happening.subject,
        "data": happening.body,
    }
    secrets = [endpoint.secret]
    if endpoint.old_secret_until is not None and endpoint.old_secret_until > at:
        secrets.append(endpoint.old_secret)
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return Parcel(endpoint.url, message_id, text, tuple(secrets))


def _settle(record: Delivery, *, outcome: Outcome, at: datetime) -> None:
    """Write down what came of a try, and when the next one is."""
    with transaction.atomic():
        Attempt.objects.create(
            delivery=record,
            at=at,
            status=outcome.status,
            problem=outcome.problem,
            answer=outcome.answer,
            ms=outcome.ms,
        )
        tries = record.tries + 1
        mine = Delivery.objects.filter(id=record.id, state=Delivery.State.WAITING)
        endpoints = Endpoint.objects.filter(id=record.endpoint_id)
        if outcome.accepted:
            mine.update(
                state=Delivery.State.DELIVERED, tries=tries, ended_at=at, next_at=at, note=""
            )
            endpoints.exclude(failures=0).update(failures=0, paused_until=None)
            return
        _failed(record, tries=tries, outcome=outcome, at=at)
        failures = record.endpoint.failures + 1
        wait = pause(failures)
        endpoints.update(failures=F("failures") + 1, paused_until=wait and at + wait)
        if outcome.status == _GONE:
            endpoints.update(active=False, note="receiver_gone")


def _failed(record: Delivery, *, tries: int, outcome: Outcome, at: datetime) -> None:
    mine = Delivery.objects.filter(id=record.id, state=Delivery.State.WAITING)
    after = next_try(tries, since=record.since, at=at, delivery=record.id)
    if after is None or outcome.status == _GONE:
        note = "receiver_gone" if outcome.status == _GONE else "gave_up_after_3_days"
        mine.update(state=Delivery.State.DEAD, tries=tries, ended_at=at, note=note)
    else:
        mine.update(tries=tries, next_at=after, note=outcome.problem)


def _behind(record: Delivery) -> UUID | None:
    """Return the next delivery of the same subject to the same address."""
    found = (
        Delivery.objects.filter(
            endpoint_id=record.endpoint_id,
            subject=record.subject,
            state=Delivery.State.WAITING,
        )
        .order_by("position")
        .first()
    )
    return found.id if found else None


def forget(*, at: datetime) -> int:
    """Remove deliveries that ended more than 30 days ago, and what nobody needs any more.

    Parameters
    ----------
    at
        The present moment.

    Returns
    -------
    int
        How many deliveries were removed.
    """
    old = Delivery.objects.filter(ended_at__lt=at - _KEPT)
    count, _ = old.delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM core_outbox o WHERE told_at < %s AND NOT EXISTS"
            " (SELECT FROM api_delivery d WHERE d.happening_id = o.id)",
            [at - _KEPT],
        )
    return count
