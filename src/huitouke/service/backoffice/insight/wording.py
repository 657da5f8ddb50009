"""Numbers of profiles as people read them: value, interval, or why there is none."""

from __future__ import annotations

from huitouke.language import N_
from huitouke.service.backoffice.insight.contexts import Figure
from huitouke.service.loop import names
from huitouke.service.loop.views import Judged
from huitouke.service.ui.reader import DASH, Reader

__all__ = ["LISTS", "STATUS", "TONES", "figure", "group_name", "type_name"]

#: What lists are called.
LISTS: dict[str, str] = {**names.LISTS, "all": N_("Everybody")}
TONES: dict[str, str] = {
    "slipping": "bad",
    "worth_a_call": "bad",
    "likely_loyal": "good",
    "unlikely": "warn",
}
STATUS: dict[str, str] = {
    "insufficient_evidence": N_("too few to tell"),
    "not_identified": N_("these data cannot tell"),
}
_BETWEEN = N_("between {lo} and {hi}")
_NO_RANGE = N_("no interval was computed")


def _written(value: float, *, how: str, reader: Reader) -> str:
    if how == "worth":
        return reader.worth(value)
    if how == "share":
        return reader.share(value)
    return reader.number(round(value)) if how == "score" else reader.number(value)


def figure(judged: Judged | None, *, how: str, reader: Reader, short: bool = False) -> Figure:
    """Return a number in words, with its interval or why there is none.

    Parameters
    ----------
    judged
        The number; None: not judged.
    how
        ``worth`` (money), ``share``, ``score`` or ``number``.
    reader
        Whose language and currency.
    short
        Whether the interval is written as two ends, for columns that say what it is.
    """
    if judged is None:
        return Figure(DASH)
    if judged.status != "ok" or judged.value is None:
        said = STATUS.get(judged.status, STATUS["insufficient_evidence"])
        return Figure(DASH, reader.words.say(said))
    value = _written(judged.value, how=how, reader=reader)
    if judged.lo is None or judged.hi is None:
        return Figure(value, reader.words.say(_NO_RANGE))
    lo, hi = (_written(end, how=how, reader=reader) for end in (judged.lo, judged.hi))
    said = f"{lo} – {hi}" if short else reader.words.say(_BETWEEN, lo=lo, hi=hi)
    return Figure(value, said)


def group_name(group: str | None) -> str:
    """Return what a group is called, an English message; empty where none could be told.

    Parameters
    ----------
    group
        Its key.
    """
    return names.GROUPS.get(group or "", "")


def type_name(loyalty_type: str | None) -> str:
    """Return what a type of loyalty is called, an English message; empty without one.

    Parameters
    ----------
    loyalty_type
        Its key.
    """
    return names.TYPES.get(loyalty_type or "", "")
