"""What time does: at every local day change, in one order, whether in time or late.

Points become available, debts are settled and points expire by the clock, at the first touch
or the next sweep; then tiers are reviewed, idle points go, and members are told ahead. Every
step is done per local day and can be done again. Reading never waits for any of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.ids import public_id
from huitouke.service.ledger import commands as ledger
from huitouke.service.programme.events.deliveries import activate_due
from huitouke.service.programme.events.expiring import active_since, idleness, warn_of_expiry
from huitouke.service.programme.events.facts import BirthdayFact
from huitouke.service.programme.events.imported_orders import count_imported
from huitouke.service.programme.events.membership import OWN
from huitouke.service.programme.events.record import CHUNK, record
from huitouke.service.programme.events.reviews import review_due, warn_of_reviews
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.events.telling import tell_settled
from huitouke.service.programme.marks import drop_marks
from huitouke.service.programme.models.members import Day
from huitouke.service.programme.models.versions import Programme
from huitouke.service.programme.rewards.stamp_waiting import hand_out_presents
from huitouke.service.programme.rules.calendar import add_months, start_of_day, yearly
from huitouke.service.programme.versions.queries import NothingPublished

__all__ = ["change_day", "change_days", "tick"]

_PAGE = 1_000
#: Days that are made up for at most; who was away longer begins anew.
_LATE_MOST = 400
_BORN = """
SELECT c.id, c.birthday_on FROM programme_membership m
JOIN customers_customer c ON c.id = m.customer_id
WHERE m.programme_id = %s AND m.joined_at IS NOT NULL AND m.merged_into_id IS NULL
  AND c.erased_at IS NULL AND c.id > %s
  AND (extract(month FROM c.birthday_on), extract(day FROM c.birthday_on)) IN
    (SELECT extract(month FROM d), extract(day FROM d) FROM unnest(%s::date[]) AS n(d))
ORDER BY c.id LIMIT %s
"""


def tick(*, at: datetime) -> int:
    """Do all that time has made due; call it every few minutes, or after a week.

    Parameters
    ----------
    at
        The present moment.

    Returns
    -------
    int
        How many local days were changed.
    """
    _whole(partial(activate_due, at=at, limit=_PAGE))
    _whole(partial(ledger.sweep, limit=_PAGE))
    _whole(partial(tell_settled, at=at, limit=_PAGE))
    drop_marks(at=at)
    changed = change_days(at=at)
    _whole(partial(hand_out_presents, at=at, limit=_PAGE))
    _whole(partial(tell_settled, at=at, limit=_PAGE))
    return changed


def _whole(step: Callable[[], int]) -> None:
    """Repeat a step until it finds less than a page."""
    while step() >= _PAGE:
        pass


def change_days(*, at: datetime) -> int:
    """Change every local day of every programme that has begun and is not changed yet.

    Parameters
    ----------
    at
        The present moment.

    Returns
    -------
    int
        How many.
    """
    changed = 0
    for programme in Programme.objects.order_by("code"):
        try:
            rulebook = Rulebook.open(programme.code, at=at)
        except NothingPublished:
            continue
        for on in _due(programme, rulebook=rulebook, at=at):
            change_day(rulebook, on=on, at=at)
            changed += 1
    return changed


def _due(programme: Programme, *, rulebook: Rulebook, at: datetime) -> Iterator[date]:
    today = rulebook.now.day(at)
    last = Day.objects.filter(programme=programme).aggregate(last=Max("on"))["last"]
    day = today if last is None else max(last, today - timedelta(days=_LATE_MOST))
    if last is not None:
        day += timedelta(days=1)
    while day <= today:
        yield day
        day += timedelta(days=1)


def change_day(rulebook: Rulebook, *, on: date, at: datetime) -> None:
    """Change one local day: review tiers, let idle points go, tell ahead, greet.

    Parameters
    ----------
    rulebook
        Of the programme.
    on
        The local day that has begun.
    at
        The present moment.
    """
    count_imported(rulebook, on=on, at=at)
    review_due(rulebook, on=on)
    _expire_idle(rulebook, on=on)
    _write_off(rulebook, at=at)
    warn_of_reviews(rulebook, on=on, at=at)
    warn_of_expiry(rulebook, on=on, at=at)
    _greet(rulebook, on=on)
    with transaction.atomic():
        Day.objects.get_or_create(
            programme_id=rulebook.programme, on=on, defaults={"done_at": at}
        )


def _expire_idle(rulebook: Rulebook, *, on: date) -> None:
    """Let points go of members who have been away for as long as their unit allows."""
    definition = rulebook.now.definition
    for unit in definition.units:
        number = rulebook.unit(unit.code)
        for policy in idleness(rulebook, unit=unit.code):
            first = active_since(on, months=policy.months)
            before = start_of_day(first, definition.zone_info)
            _whole(
                partial(
                    ledger.expire_inactive,
                    number,
                    before=before,
                    given=policy.given,
                    limit=_PAGE,
                )
            )


def _write_off(rulebook: Rulebook, *, at: datetime) -> None:
    """Forgive debts that are older than the programme waits."""
    definition = rulebook.now.definition
    day = add_months(rulebook.now.day(at), months=-12 * definition.refunds.debt_years)
    before = start_of_day(day, definition.zone_info)
    for unit in definition.units:
        number = rulebook.unit(unit.code)
        _whole(partial(ledger.write_off, number, before=before, limit=_PAGE))


def _greet(rulebook: Rulebook, *, on: date) -> None:
    """Tell the birthdays of a day, where a rule or a stamp card is about them."""
    definition = rulebook.now.definition
    heard = {rule.on for rule in definition.rules if rule.enabled}
    if "birthday" not in heard | {card.on for card in definition.stamps}:
        return
    leap = date(2000, 2, 29)
    days = [on] if yearly(leap, year=on.year) != on else [on, leap]
    last = "00000000-0000-0000-0000-000000000000"
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_BORN, [rulebook.programme, last, days, CHUNK])
            rows = cursor.fetchall()
        if not rows:
            return
        moment = start_of_day(on, definition.zone_info)
        record(
            [_birthday(row[0], rulebook=rulebook, on=on, at=moment) for row in rows],
            actor=SYSTEM,
        )
        last = str(rows[-1][0])


def _birthday(customer: UUID, *, rulebook: Rulebook, on: date, at: datetime) -> BirthdayFact:
    name = public_id("cus", customer)
    return BirthdayFact.model_validate(
        {
            "type": "birthday",
            "source": OWN,
            "source_id": f"birthday:{rulebook.code}:{name}:{on.year}",
            "occurred_at": at,
            "programme": rulebook.code,
            "customer": {"id": name},
        }
    )
