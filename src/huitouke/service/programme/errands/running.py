"""Doing long work: how far it is, what came of it, and why it could not be done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from huitouke.errors import HuitoukeError
from huitouke.language import LANGUAGES, N_
from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.programme.economics.backtest import backtest
from huitouke.service.programme.models.errands import Errand
from huitouke.service.programme.rewards.generation import generate_codes
from huitouke.service.programme.versions.queries import get

__all__ = ["CalledOff", "LostAgain", "Pace", "note", "run"]

_ATTEMPTS_MOST = 3
_LISTED = 20


class CalledOff(ServiceError):
    """Somebody called the work off."""

    code = "programme.errand_called_off"
    status = 409
    says = N_("The work was called off.")
    remedy = N_("Ask for it again when it is wanted.")


class LostAgain(ServiceError):
    """Workers were lost over the same work again and again."""

    code = "programme.errand_lost"
    status = 500
    says = N_("The work was begun {attempts} times and never came to its end.")
    remedy = N_("See why workers ended at that time, then ask again.")


class Pace:
    """How far work is: written by the thread that works, read by the one that watches."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self._stopped = False

    def seen(self, done: int, total: int) -> None:
        """Say how far it is.

        Parameters
        ----------
        done, total
            Pieces.

        Raises
        ------
        CalledOff
            If it shall not go on.
        """
        self.done, self.total = done, total
        if self._stopped:
            raise CalledOff

    def stop(self) -> None:
        """Let the work end at the next piece."""
        self._stopped = True


def note(errand: UUID, *, pace: Pace) -> bool:
    """Write down how far work is, and say whether it shall go on.

    Parameters
    ----------
    errand
        Its id.
    pace
        How far it is.
    """
    of_it = Errand.objects.filter(id=errand)
    of_it.filter(state=Errand.State.RUNNING).update(done=pace.done, total=pace.total)
    return not of_it.filter(state=Errand.State.CANCELLED).exists()


def run(errand: UUID, *, pace: Pace | None = None) -> Errand:
    """Do a piece of work to its end; one that was called off or is done stays as it is.

    Parameters
    ----------
    errand
        Its id.
    pace
        Is told how far it is.
    """
    found = _begun(errand, at=clock.now())
    if found is None:
        return Errand.objects.get(id=errand)
    seen = (pace or Pace()).seen
    try:
        result = _WORK[found.kind](found, seen)
    except HuitoukeError as error:
        return _ended(errand, at=clock.now(), error=error)
    return _ended(errand, at=clock.now(), result=result)


def _begun(errand: UUID, *, at: datetime) -> Errand | None:
    with transaction.atomic():
        found = Errand.objects.select_for_update().get(id=errand)
        if found.state not in {Errand.State.WAITING, Errand.State.RUNNING}:
            return None
        found.attempts += 1
        found.state, found.started_at = Errand.State.RUNNING, at
        found.save(update_fields=["state", "started_at", "attempts"])
    if found.attempts > _ATTEMPTS_MOST:
        _ended(errand, at=at, error=LostAgain(attempts=_ATTEMPTS_MOST))
        return None
    return found


def _ended(
    errand: UUID,
    *,
    at: datetime,
    result: dict[str, Any] | None = None,
    error: HuitoukeError | None = None,
) -> Errand:
    with transaction.atomic():
        found = Errand.objects.select_for_update().get(id=errand)
        if found.state != Errand.State.RUNNING:
            return found
        found.ended_at, found.result = at, result
        found.state = Errand.State.DONE if error is None else Errand.State.FAILED
        if error is not None:
            found.error_code = error.code
            found.error_says = {each: error.text(each) for each in LANGUAGES}
        else:
            found.done = found.total = max(found.total, found.done, 1)
        found.save()
    return found


Seen = Callable[[int, int], None]


def _backtest(found: Errand, seen: Seen) -> dict[str, Any]:
    since = found.facts["since"]
    report = backtest(
        {"draft": get(found.subject)[1]},
        programme=found.programme_id,
        at=clock.now(),
        since=since and datetime.fromisoformat(since),
        listed=_LISTED,
        seen=seen,
    )
    return report.as_json()


def _codes(found: Errand, seen: Seen) -> dict[str, Any]:
    kind, _, name = found.asked_by.partition(":")
    with transaction.atomic():
        made = generate_codes(
            found.subject,
            count=found.facts["count"],
            key=found.key,
            at=clock.now(),
            actor=Actor(kind, name),  # type: ignore[arg-type] # as it was written down
            seen=seen,
        )
        # Codes of an errand that was called off at the last moment must not be there.
        if Errand.objects.select_for_update().get(id=found.id).state != Errand.State.RUNNING:
            raise CalledOff
    return {"batch": public_id("bat", made.id)}


_WORK: dict[str, Callable[[Errand, Seen], dict[str, Any]]] = {
    Errand.Kind.BACKTEST: _backtest,
    Errand.Kind.CODES: _codes,
}
