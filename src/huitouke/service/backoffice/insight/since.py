"""What moved since the analysis of an earlier day, as far as the two can be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from huitouke.language import N_
from huitouke.service.backoffice.insight.contexts import Change, Since
from huitouke.service.backoffice.insight.wording import LISTS
from huitouke.service.backoffice.percents import percent
from huitouke.service.loop.models import Analysis
from huitouke.service.ui.reader import Reader

__all__ = ["since_of"]

_CONDITIONS: dict[str, str] = {
    "margin": N_("margin {before} then, {after} now"),
    "discount_rate": N_("discount rate {before} then, {after} now"),
    "horizon_days": N_("{before} days ahead then, {after} now"),
    "currency": N_("{before} then, {after} now"),
}


def since_of(analysis: Analysis, *, reader: Reader) -> Since | None:
    """Return what moved since the analysis of an earlier day; None without one.

    Parameters
    ----------
    analysis
        The one that is shown.
    reader
        Who reads.
    """
    found = analysis.changes
    if not found:
        return None
    return Since(
        on=date.fromisoformat(found["as_of"]),
        changes=(*_equity(found, reader), *_lists(found, reader)),
        unlike=_unlike(found.get("conditions", {}), reader),
    )


def _equity(found: Mapping[str, Any], reader: Reader) -> Iterator[Change]:
    equity = found["numbers"]["customer_equity"]
    if equity["before"] is not None and equity["after"] is not None:
        yield Change(
            reader.words.say(N_("Customer equity")),
            reader.worth(equity["after"]),
            reader.words.say(N_("{before} before"), before=reader.worth(equity["before"])),
        )


def _lists(found: Mapping[str, Any], reader: Reader) -> Iterator[Change]:
    for name, label in LISTS.items():
        if name in found["lists"]:
            moved = found["lists"][name]
            said = reader.words.say(
                N_("{new} came on, {gone} left"),
                new=reader.number(moved["new"]),
                gone=reader.number(moved["gone"]),
            )
            yield Change(reader.words.say(label), reader.number(moved["after"]), said)


def _unlike(conditions: Mapping[str, Mapping[str, Any]], reader: Reader) -> str:
    """Return what the analysis then counted with, where that is not what it does now."""
    if not conditions:
        return ""
    say = reader.words.say
    told = [
        say(_CONDITIONS[name], **{when: _written(name, each[when], reader) for when in each})
        for name, each in conditions.items()
    ]
    return say(
        N_("Counted with other conditions: {conditions}. What rests on them is not compared."),
        conditions=reader.listed(told),
    )


def _written(name: str, value: Any, reader: Reader) -> str:
    if value is None:
        return reader.words.say(N_("as many as the usual gap asks for"))
    if name in {"margin", "discount_rate"}:
        return percent(value, reader=reader)
    return str(value)
