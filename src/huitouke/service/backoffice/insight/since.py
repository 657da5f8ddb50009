"""What moved since the analysis of an earlier day, as far as the two can be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from huitouke.language import N_
from huitouke.service.backoffice.insight.contexts import Change, Part, Since
from huitouke.service.backoffice.insight.wording import LISTS
from huitouke.service.backoffice.percents import percent
from huitouke.service.backoffice.ways import way
from huitouke.service.loop.changes import compared_with
from huitouke.service.loop.models import Analysis
from huitouke.service.ui.reader import Reader

__all__ = ["since_of"]

_CONDITIONS: dict[str, str] = {
    "margin": N_("margin {before} then, {after} now"),
    "discount_rate": N_("discount rate {before} then, {after} now"),
    "horizon_days": N_("{before} days ahead then, {after} now"),
    "currency": N_("{before} then, {after} now"),
}
_MOVES: dict[str, str] = {"new": N_("{n} came on"), "gone": N_("{n} went off")}


def since_of(analysis: Analysis, *, reader: Reader, is_past: bool = False) -> Since | None:
    """Return what moved since the analysis of an earlier day; None without one.

    Parameters
    ----------
    analysis
        The one that is shown.
    reader
        Who reads.
    is_past
        Whether a later one is there: lists are those of now, so nothing leads there.
    """
    found = analysis.changes
    if not found:
        return None
    return Since(
        on=date.fromisoformat(found["as_of"]),
        changes=(
            *_equity(found, reader, then=f"{analysis.as_of}" if is_past else ""),
            *_lists(found, reader, leads=_leads(analysis, is_past=is_past)),
        ),
        unlike=_unlike(found.get("conditions", {}), reader),
    )


def _equity(found: Mapping[str, Any], reader: Reader, *, then: str) -> Iterator[Change]:
    equity = found["numbers"]["customer_equity"]
    if equity["before"] is None or equity["after"] is None:
        return
    say = reader.words.say
    before = say(N_("{before} before"), before=reader.worth(equity["before"]))
    # An analysis from before intervals were kept here has none.
    ends, people = equity.get("interval", {}), found["numbers"]["customers"]
    yield Change(
        say(N_("Customer equity")),
        Part(reader.worth(equity["after"]), f"{way('insight', as_of=then)}#value"),
        (
            Part(_between(ends.get("after"), reader, n=people["after"])),
            Part(
                f"{before}{reader.words.gap}"
                f"{_between(ends.get('before'), reader, n=people['before'])}"
            ),
        ),
    )


def _between(ends: Sequence[float | None] | None, reader: Reader, *, n: int) -> str:
    lo, hi = ends or (None, None)
    if lo is None or hi is None:
        return reader.words.say(N_("(no interval)"))
    return reader.words.say(
        N_("(80% interval {lo} to {hi}; n = {n})"),
        lo=reader.worth(lo),
        hi=reader.worth(hi),
        n=reader.number(n),
    )


def _leads(analysis: Analysis, *, is_past: bool) -> Literal["nowhere", "lists", "moves"]:
    """Return how far what changed can be followed."""
    if is_past:
        return "nowhere"
    return "lists" if compared_with(analysis) is None else "moves"


def _lists(
    found: Mapping[str, Any], reader: Reader, *, leads: Literal["nowhere", "lists", "moves"]
) -> Iterator[Change]:
    say = reader.words.say
    for name, label in LISTS.items():
        if name not in found["lists"]:
            continue
        moved = found["lists"][name]
        yield Change(
            say(label),
            Part(
                reader.number(moved["after"]),
                "" if leads == "nowhere" else way("insight_list", name),
            ),
            tuple(
                Part(
                    say(message, n=reader.number(moved[move])),
                    way("insight_list", name, moved=move)
                    if leads == "moves" and moved[move]
                    else "",
                )
                for move, message in _MOVES.items()
            ),
        )


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
