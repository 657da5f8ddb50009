"""The period of a report: never backwards, never beyond the moment at which it is asked."""

from __future__ import annotations

from datetime import datetime

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError

__all__ = ["PeriodBackwards", "closing_of"]


class PeriodBackwards(ServiceError):
    """A period ends before it begins."""

    code = "programme.period_backwards"
    says = N_("The period begins at {since}, but ends at {until}.")
    remedy = N_("Let it begin before it ends, and not in the future.")


def closing_of(*, since: datetime | None, until: datetime | None, at: datetime) -> datetime:
    """Return the moment at which a period closes.

    A period that is still going on closes when it is asked: months that have not happened yet
    are no months without redemptions.

    Parameters
    ----------
    since, until
        As asked for; none is from the first entry, and up to now.
    at
        Now.

    Raises
    ------
    PeriodBackwards
        If it would end before it begins.
    """
    last = at if until is None else min(until, at)
    if since is not None and since > last:
        raise PeriodBackwards(since=since.isoformat(), until=last.isoformat())
    return last
