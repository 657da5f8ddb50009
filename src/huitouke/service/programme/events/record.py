"""The door for facts: each counts once, and is answered with what it changed and why.

Facts that only add (orders paid, reviews, check-ins …) are worked on a thousand at a time,
each thousand in a transaction of its own; refunds, cancellations, deliveries and top-ups one
by one.
One after another or all in one request comes to the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from django.db import OperationalError, connection, transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.programme.events.chunk import record_chunk
from huitouke.service.programme.events.claims import invalid_of
from huitouke.service.programme.events.facts import (
    FactBase,
    OrderCancelled,
    OrderDelivered,
    OrderRefunded,
    ValueReversed,
    ValueToppedUp,
)
from huitouke.service.programme.events.people import Moved
from huitouke.service.programme.events.results import FactResult
from huitouke.service.programme.events.returns import record_return
from huitouke.service.programme.events.topping_up import record_value
from huitouke.service.programme.events.writing import PaidBefore

__all__ = ["CHUNK", "FactsBusy", "NotAllRecorded", "record"]

CHUNK = 1_000
_TRIES = 8
#: Serialisation failure and deadlock: the same facts, told again, go through.
_PASSING = frozenset({"40001", "40P01"})
_Facts = Sequence[tuple[int, FactBase]]


class NotAllRecorded(ServiceError):
    """Facts that were to be recorded together were not, because of one of them."""

    code = "programme.not_all_recorded"
    status = 422
    says = N_("Fact {place} ({source_id!r} of {source!r}) cannot be recorded: {problem}.")
    remedy = N_("None of them was. Mend or leave out that one, and send the others again.")


class FactsBusy(ServiceError):
    """Others change the same members again and again."""

    code = "programme.facts_busy"
    status = 409
    says = N_("Others are changing the same members at this moment.")
    remedy = N_("Send the same facts again in a moment; those that counted count once.")


def record(
    facts: Sequence[FactBase], *, actor: Actor, atomic: bool = False
) -> list[FactResult]:
    """Record what happened, in the order told, and say what it came to.

    Parameters
    ----------
    facts
        Validated facts.
    actor
        Who tells them.
    atomic
        True: all of them or none.

    Returns
    -------
    list[FactResult]
        One per fact, in order; also for those that could not be recorded.

    Raises
    ------
    NotAllRecorded
        If all were to be recorded together and one cannot be.
    FactsBusy
        If others got in the way eight times.
    """
    if not atomic:
        found: dict[int, FactResult] = {}
        for run in _runs(facts):
            found |= _recorded(run, actor=actor)
        return [found[place] for place in range(len(facts))]
    with transaction.atomic():
        results = record(facts, actor=actor)
        for place, result in enumerate(results):
            if result.status in {"invalid", "refused"}:
                raise NotAllRecorded(
                    place=place,
                    source=result.source,
                    source_id=result.source_id,
                    problem=result.code,
                )
    return results


def _runs(facts: Sequence[FactBase]) -> Iterator[_Facts]:
    """Cut the facts into pieces that are worked on together."""
    for (alone, _), group in groupby(enumerate(facts), key=lambda one: _kind(one[1])):
        run = list(group)
        step = 1 if alone else CHUNK
        for first in range(0, len(run), step):
            yield run[first : first + step]


def _kind(fact: FactBase) -> tuple[bool, str]:
    """Whether a fact is worked on alone, and of which programme it is."""
    alone = OrderRefunded | OrderCancelled | OrderDelivered | ValueToppedUp | ValueReversed
    return isinstance(fact, alone), fact.programme


def _recorded(run: _Facts, *, actor: Actor) -> dict[int, FactResult]:
    """Record a run; where one of it is at fault, the others are recorded without it."""
    try:
        return _tried(run, actor=actor)
    except ServiceError as error:
        if len(run) == 1:
            place, fact = run[0]
            return {place: invalid_of(fact, error=error)}
    middle = len(run) // 2
    return {
        **_recorded(run[:middle], actor=actor),
        **_recorded(run[middle:], actor=actor),
    }


def _tried(run: _Facts, *, actor: Actor) -> dict[int, FactResult]:
    outer = connection.in_atomic_block
    paid_before: frozenset[tuple[str, str]] = frozenset()
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                return _once(run, actor=actor, paid_before=paid_before)
        except Moved:
            continue
        except PaidBefore as known:
            paid_before |= known.orders
        except OperationalError as error:
            # Inside somebody's transaction it is theirs to begin again.
            if outer or getattr(error.__cause__, "sqlstate", None) not in _PASSING:
                raise
    raise FactsBusy


def _once(
    run: _Facts, *, actor: Actor, paid_before: frozenset[tuple[str, str]]
) -> dict[int, FactResult]:
    alone, programme = _kind(run[0][1])
    if isinstance(run[0][1], ValueToppedUp | ValueReversed):
        return record_value(run[0], actor=actor)
    if alone:
        return record_return(run[0], actor=actor)
    return record_chunk(run, programme=programme, actor=actor, paid_before=paid_before)
