"""Which entries on a page are still to come; asked only where one of them may be."""

from __future__ import annotations

from collections.abc import Sequence

from huitouke.service.portal.shop import PROGRAMME, UNIT
from huitouke.service.portal.signing.sessions import Me
from huitouke.service.programme.events.reading import HistoryLine
from huitouke.service.programme.mine.waiting import waiting

__all__ = ["to_come"]


def to_come(me: Me, *, lines: Sequence[HistoryLine]) -> set[str]:
    """Return the keys of postings whose points may not be spent yet.

    Parameters
    ----------
    me
        Whose.
    lines
        Entries that are shown.
    """
    if not any(each.line.pending > 0 for each in lines):
        return set()
    return waiting(me.customer, now=me.at, unit=UNIT, programme=PROGRAMME)
