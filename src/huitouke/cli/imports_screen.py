"""What ``huitouke import`` says: how many rows are new, the same, changed or refused."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from huitouke.language import N_, Words
from huitouke.service.loop.imports.report import reviews
from huitouke.service.loop.imports.running import Result

__all__ = ["report"]

_OUTCOMES: tuple[tuple[str, str], ...] = (
    ("new", N_("New: {n:,}")),
    ("same", N_("The same: {n:,}")),
    ("changed", N_("Changed, left as they are: {n:,}")),
    ("elsewhere", N_("Told by a till or shop before, not brought in again: {n:,}")),
    ("void", N_("Cancelled or never paid, passed over: {n:,}")),
    ("refused", N_("Refused: {n:,}")),
    ("customers_new", N_("New customers: {n:,}")),
    ("refunds_new", N_("New refunds: {n:,}")),
    ("refunds_same", N_("Refunds, the same: {n:,}")),
    ("refunds_changed", N_("Refunds changed, left as they are: {n:,}")),
    ("refunds_refused", N_("Refunds refused: {n:,}")),
    ("points_new", N_("Points brought in: {n:,}")),
    ("members_new", N_("New members: {n:,}")),
    ("tiers_new", N_("Tiers brought in: {n:,}")),
)


def report(
    result: Result,
    *,
    reader: Words,
    quarantine: Path | None,
    analyse: str = "",
) -> str:
    """Return what an import did, or would do, for the screen.

    Parameters
    ----------
    result
        What was found and done.
    reader
        Whose language.
    quarantine
        Where the rows that were not brought in are written, if anywhere.
    analyse
        The command that analyses what was brought in; empty: none does.
    """
    difference = result.difference
    counts = difference.counts
    lines = []
    for outcome, says in _OUTCOMES:
        if counts[outcome] or outcome in {"new", "same", "changed", "refused"}:
            line = reader.say(says, n=counts[outcome])
            shown = difference.examples.get(outcome, [])
            if shown:
                listed = reader.say(N_(", ")).join(shown)
                line = reader.say(
                    N_("{line} (the first: line {shown})"), line=line, shown=listed
                )
            lines.append(line)
    lines += _reviews(counts, reader=reader)
    if quarantine is not None:
        lines.append(reader.say(N_("Rows not brought in: {path}"), path=quarantine))
    elif difference.refusals or result.unread.num_rows:
        lines.append(reader.say(N_("Which rows, and why, --quarantine FILE writes.")))
    if not result.written:
        lines.append(reader.say(N_("Dry run: nothing was written.")))
    elif analyse and counts["new"] + counts["refunds_new"]:
        says = N_("See who comes back and what they are worth: {command}")
        lines.append(reader.say(says, command=analyse))
    return "\n".join(lines)


def _reviews(counts: Counter[str], *, reader: Words) -> list[str]:
    """Say when tiers come up for review, and which of them too soon to know enough."""
    says = N_("Tiers that come up for review in {month}: {n:,}")
    lines = [
        reader.say(says, month=f"{month:%Y-%m}", n=number) for month, number in reviews(counts)
    ]
    if counts["reviews_early"]:
        says = N_(
            "Reviewed before a whole period was counted here: {n:,}. Without tier_until they "
            "keep the tier until it was."
        )
        lines.append(reader.say(says, n=counts["reviews_early"]))
    return lines
