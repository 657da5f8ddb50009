"""How conditions are said: the same words in forms and in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from huitouke.language import N_
from huitouke.service.backoffice.acts import say
from huitouke.service.segments.fields import Condition, Field, Ground, Option
from huitouke.service.segments.register import field
from huitouke.service.ui.reader import current

__all__ = ["op_key", "ops_of", "option_name", "sentence", "sentences"]

_COMPARED = {
    "at_least": N_("is at least"),
    "at_most": N_("is at most"),
    "not.at_least": N_("is less than"),
    "not.at_most": N_("is more than"),
}
_CHOSEN = {"any_of": N_("is one of"), "not.any_of": N_("is none of")}
#: How each operator of a kind is said; ``not.`` before it turns it round.
_OPS: dict[str, dict[str, str]] = {
    "number": _COMPARED,
    "moment": {
        "within": N_("was in the last"),
        "ago": N_("was longer ago than"),
        "not.within": N_("was never, or not in the last"),
        "not.ago": N_("was never, or not longer ago than"),
    },
    "day": {
        "since": N_("is on or after"),
        "before": N_("is earlier than"),
        "not.since": N_("is not on or after"),
        "not.before": N_("is not earlier than"),
    },
    "choice": _CHOSEN,
    "text": _CHOSEN,
    "flag": {"is": N_("yes"), "not.is": N_("no")},
}
_RARE = frozenset({"not.ago", "not.since", "not.before"})


def op_key(condition: Condition) -> str:
    """Return an operator and whether it is turned round, as forms write it.

    Parameters
    ----------
    condition
        Whose.
    """
    return f"not.{condition.op}" if condition.negated else condition.op


def ops_of(asked: Field, *, now: str = "") -> list[tuple[str, str]]:
    """Return what can be chosen as the operator of a field.

    Parameters
    ----------
    asked
        Which field.
    now
        Chosen already: it can be, rare or not.
    """
    return [
        (key, say(text))
        for key, text in _OPS[asked.kind].items()
        if key not in _RARE or key == now
    ]


def option_name(option: Option) -> str:
    """Return what a choice is called in the reader's language.

    Parameters
    ----------
    option
        Of a field.
    """
    if option.names is None:
        return say(option.label)
    names = option.names
    return names.get(current().language) or next(iter(names.values()), option.value)


def sentences(conditions: Sequence[Condition], *, ground: Ground) -> tuple[str, ...]:
    """Return conditions in words, one sentence each.

    Parameters
    ----------
    conditions
        Which.
    ground
        Of what choices are called.

    Raises
    ------
    FieldUnknown
        If a field is not there any more.
    """
    return tuple(sentence(each, ground=ground) for each in conditions)


def sentence(condition: Condition, *, ground: Ground) -> str:
    """Return a condition in words.

    Parameters
    ----------
    condition
        Which.
    ground
        Of what choices are called.

    Raises
    ------
    FieldUnknown
        If its field is not there any more.
    """
    asked = field(condition.field)
    what, how = say(asked.label), say(_OPS[asked.kind][op_key(condition)])
    if asked.kind == "flag":
        if condition.days is None:
            return say(N_("{what}: {how}"), what=what, how=how)
        return say(
            N_("{what} in the last {days} days: {how}"),
            what=what,
            how=how,
            days=condition.days,
        )
    value = _value(condition, asked, ground=ground)
    if asked.kind == "moment":
        return say(N_("{what} {how} {value} days"), what=what, how=how, value=value)
    if condition.days is None:
        return say(N_("{what} {how} {value}"), what=what, how=how, value=value)
    message = (
        N_("{what} within {days} days {how} {value}")
        if asked.span == "ahead"
        else N_("{what} in the last {days} days {how} {value}")
    )
    return say(message, what=what, how=how, value=value, days=condition.days)


def _value(condition: Condition, asked: Field, *, ground: Ground) -> str:
    reader = current()
    if asked.kind in {"choice", "text"}:
        names = {each.value: option_name(each) for each in asked.options(ground)}
        return say(N_(" or ")).join(
            names.get(str(each), str(each)) for each in condition.values
        )
    first = condition.values[0]
    if asked.unit == "money":
        return reader.money(int(first), currency=ground.currency)
    if asked.unit == "percent":
        return reader.share(int(first) / 100)
    if asked.kind == "day":
        return reader.day(date.fromisoformat(str(first)))
    return reader.number(int(first))
