"""Asking for an analysis, and calling it off."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.shop import shop
from huitouke.service.loop.models import Analysis
from huitouke.service.loop.queries import AnalysisUnknown, open_analysis

__all__ = ["JOB", "AnalysisOpen", "AnalysisOver", "Wish", "WishInvalid", "ask", "cancel"]

#: The name of the job that works on what was asked for.
JOB = "loop.run"


class WishInvalid(ServiceError):
    """A condition of the analysis makes no sense."""

    code = "loop.wish_invalid"
    says = N_("An analysis cannot be made with {field} {given}.")
    remedy = N_("Give {expected}.")


class AnalysisOpen(ServiceError):
    """Another analysis waits or runs."""

    code = "loop.analysis_open"
    status = 409
    says = N_("The analysis {analysis}, with other conditions, is {state}.")
    remedy = N_("Wait until it is done, or cancel it.")


class AnalysisOver(ServiceError):
    """What is to be cancelled has ended."""

    code = "loop.analysis_over"
    status = 409
    says = N_("The analysis {analysis} has ended: {state}.")
    remedy = N_("Nothing is left to cancel; ask for a new one.")


@dataclass(frozen=True)
class Wish:
    """The conditions of an analysis, as :func:`ask` takes them."""

    asked_as_of: date | None
    horizon_days: int | None
    margin: float
    discount_rate: float

    def check(self) -> None:
        """Refuse conditions that make no sense.

        Raises
        ------
        WishInvalid
            At the first such condition.
        """
        day, ahead = self.asked_as_of, self.horizon_days
        for field, given, good, expected in (
            ("as_of", day, day is None or 1900 <= day.year < 2100, "1900–2099"),
            ("horizon_days", ahead, ahead is None or 1 <= ahead <= 3650, "1–3650"),
            ("margin", self.margin, 0 < self.margin <= 1, "0 < margin ≤ 1"),
            ("discount_rate", self.discount_rate, 0 <= self.discount_rate <= 10, "0–10"),
        ):
            if not good:
                raise WishInvalid(field=field, given=given, expected=expected)


def ask(
    *,
    at: datetime,
    actor: Actor,
    as_of: date | None = None,
    horizon_days: int | None = None,
    margin: float | None = None,
    discount_rate: float | None = None,
    ring: bool = True,
) -> Analysis:
    """Ask for an analysis of all customers; a worker takes it up at once.

    One analysis is open at a time. Asking for the one that waits or runs already, with the
    same conditions, gives that one.

    Parameters
    ----------
    at, actor
        When, and who asks.
    as_of
        Last day that is known; None: the day of the last order, at latest yesterday.
    horizon_days
        How far ahead to look; None: the larger of 91 days and twice the median gap.
    margin
        Margin on spend, above 0 to 1; None: the shop's own.
    discount_rate
        A year, 0 to 10; None: the shop's own.
    ring
        False: no worker is called; the caller does the work.

    Raises
    ------
    WishInvalid
        If a condition makes no sense.
    AnalysisOpen
        If one with other conditions is open.
    """
    usual = shop()
    wish = Wish(
        as_of,
        horizon_days,
        usual.margin if margin is None else margin,
        usual.discount_rate if discount_rate is None else discount_rate,
    )
    wish.check()
    try:
        with transaction.atomic():
            made = Analysis.objects.create(
                id=new_id(), asked_at=at, asked_by=str(actor), **vars(wish)
            )
            audit.note("analysis.asked", actor=actor, target=public_id("ana", made.id))
            if ring:
                _ring()
    except IntegrityError:
        found = open_analysis()
        if found is None:
            raise
        if any(getattr(found, name) != given for name, given in vars(wish).items()):
            name = public_id("ana", found.id)
            raise AnalysisOpen(analysis=name, state=found.state) from None
        return found
    return made


def _ring() -> None:
    """Call a worker; one that is called already looks at everything that waits."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(JOB, queueing_lock=JOB, lock=JOB).defer(timestamp=0)


def cancel(analysis_id: UUID, *, at: datetime, actor: Actor) -> Analysis:
    """Call an analysis off; one that runs ends within seconds, and nothing of it is kept.

    Cancelling again changes nothing.

    Parameters
    ----------
    analysis_id
        Which.
    at, actor
        When, and who.

    Raises
    ------
    AnalysisUnknown
        If there is none.
    AnalysisOver
        If it is done or failed.
    """
    with transaction.atomic():
        found = Analysis.objects.select_for_update().filter(id=analysis_id).first()
        name = public_id("ana", analysis_id)
        if found is None:
            raise AnalysisUnknown(analysis=name)
        if found.state in {Analysis.State.DONE, Analysis.State.FAILED}:
            raise AnalysisOver(analysis=name, state=found.state)
        if found.cancel_asked_at is not None:
            return found
        found.cancel_asked_at = at
        if found.state == Analysis.State.QUEUED:
            found.state, found.ended_at = Analysis.State.CANCELLED, at
        found.save(update_fields=["cancel_asked_at", "state", "ended_at"])
        audit.note("analysis.cancelled", actor=actor, target=name)
    return found
