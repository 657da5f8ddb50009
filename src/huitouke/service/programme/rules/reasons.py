"""One plain sentence for every entry: what was earned, what was not, and why."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from huitouke.language import N_, Language, Words, words
from huitouke.service.programme.rewards.sentences import REWARD_SENTENCES
from huitouke.service.programme.rules.sentences import CAPS, FACTS, MISSES, NEEDS, SENTENCES
from huitouke.service.programme.rules.shown import (
    Reason,
    are_many,
    joined,
    money,
    more_of,
    shown,
    window,
)

__all__ = ["say"]

_MOST_SHOWN = 200
_ALL = {**SENTENCES, **REWARD_SENTENCES}


def say(reason: Reason, language: Language) -> str:
    """Return what a reason says, in one sentence.

    Parameters
    ----------
    reason
        ``{"code": …, …}`` as an entry, an effect, a miss or a tier change carries it. A
        code that is not known, or lacks what its sentence needs, is named as it is.
    language
        ``"en"``, ``"zh"`` or ``"zh-Hant"``.

    Examples
    --------
    >>> say({"code": "progress.keep", "tier": {"en": "Gold"}, "metric": "spend",
    ...      "need": 32000, "currency": "CNY", "by": "2026-03-31"}, "en")
    '¥320 more by 31 March 2026 keeps Gold.'
    >>> say({"code": "who.knows"}, "en")
    'Recorded as who.knows.'
    """
    reader = words(language)
    code = str(reason.get("code") or "")[:_MOST_SHOWN]
    try:
        if code.startswith("earned."):
            return _earned(reason, reader=reader)
        if code.startswith("missed."):
            return _missed(reason, reader=reader)
        return _plain(code, reason=reason, reader=reader)
    except (ValueError, TypeError, AttributeError, KeyError, ArithmeticError):
        return _unknown(code, reader=reader)


def _unknown(code: str, *, reader: Words) -> str:
    if not code:
        return reader.say(N_("Recorded."))
    return reader.say(N_("Recorded as {code}."), code=code)


def _plain(code: str, *, reason: Reason, reader: Words) -> str:
    """Return the most complete form whose places are all there."""
    values: dict[str, str] = {}
    need = reason.get("need")
    if isinstance(need, int):
        values["more"] = more_of(need, reason=reason, reader=reader)
        if f"{code}.many" in _ALL and are_many(need, reason=reason):
            code = f"{code}.many"
    for form in _ALL.get(code, ()):
        places = [place for _, place, _, _ in Formatter().parse(form) if place]
        for place in places:
            values.setdefault(place, shown(place, reason=reason, reader=reader))
        if all(values[place] for place in places):
            return reader.say(form, **values)
    # A refusal brings its own words.
    own = shown("because", reason=reason, reader=reader)
    return own or _unknown(code, reader=reader)


def _earned(reason: Reason, *, reader: Words) -> str:
    """Return what a rule gave, what a cap took, from when and until when it is good."""
    head = {key: shown(key, reason=reason, reader=reader) for key in ("name", "points")}
    eligible = shown("eligible_minor", reason=reason, reader=reader)
    if eligible:
        first = reader.say(N_("{name}: {points} for {eligible}"), eligible=eligible, **head)
    else:
        first = reader.say(N_("{name}: {points}"), **head)
    parts = [first + _capped(reason, reader=reader)]
    if reason["points"]:
        parts += _when(reason, reader=reader)
    sentence = reader.say(N_("; ")).join(parts)
    return reader.say(N_("{sentence}."), sentence=sentence)


def _capped(reason: Reason, *, reader: Words) -> str:
    cap = reason.get("cap")
    if not isinstance(cap, Mapping):
        return ""
    scale = reason.get("scale", 0)
    limit = {"points": cap["most"], "unit": reason.get("unit"), "scale": scale}
    why = reader.say(CAPS[cap["per"]], most=shown("points", reason=limit, reader=reader))
    desired = shown("desired", reason=reason, reader=reader)
    return reader.say(N_(", not {desired} ({why})"), desired=desired, why=why)


def _when(reason: Reason, *, reader: Words) -> list[str]:
    keys = ("return_days", "wait_days", "delivered_days", "available_on", "valid_through")
    values = {key: shown(key, reason=reason, reader=reader) for key in keys}
    parts = []
    if values["return_days"]:
        parts.append(
            reader.say(
                N_("available from {available_on}, after the {return_days}-day return window"),
                **values,
            )
        )
    if values["wait_days"]:
        parts.append(reader.say(N_("available from {available_on}"), **values))
    if values["delivered_days"]:
        parts.append(reader.say(N_("available {delivered_days} days after delivery"), **values))
    if values["valid_through"]:
        parts.append(reader.say(N_("valid through {valid_through}"), **values))
    return parts


def _missed(reason: Reason, *, reader: Words) -> str:
    code = reason["code"]
    name = shown("name", reason=reason, reader=reader)
    if not name:
        return _unknown(code, reader=reader)
    actual, required = reason.get("actual"), reason.get("required")
    if code == "missed.condition":
        return _condition(reason, reader=reader)
    if code == "missed.window":
        when = window(required or {}, reader=reader)
        return reader.say(MISSES[code], name=name, window=when)
    if code == "missed.once" and required == "year":
        code = "missed.once_a_year"
    if code == "missed.amount" and isinstance(actual, int) and isinstance(required, int):
        currency = str(reason.get("currency", "CNY"))
        actual, required = (
            money(each, currency=currency, language=reader.language)
            for each in (actual, required)
        )
    return reader.say(MISSES[code], name=name, actual=actual, required=required)


def _condition(reason: Reason, *, reader: Words) -> str:
    fact, op = str(reason.get("fact", "")), reason["op"]
    required = _said(reason.get("required"), fact=fact, reason=reason, reader=reader)
    actual = _said(reason.get("actual"), fact=fact, reason=reason, reader=reader)
    values = {
        "name": shown("name", reason=reason, reader=reader),
        "what": reader.say(FACTS[fact]) if fact in FACTS else fact.partition(".")[2],
        "need": reader.say(NEEDS[op], required=required) if op in NEEDS else required,
    }
    if fact == "member.birthday":
        return reader.say(MISSES["missed.birthday"], **values)
    if op in _EXCLUDES:
        # Without what was found: it was one of those that the rule leaves out.
        return reader.say(MISSES["missed.excluded"], actual=actual or required, **values)
    if not actual:
        return reader.say(MISSES["missed.absent"], **values)
    return reader.say(MISSES["missed.condition"], actual=actual, **values)


_EXCLUDES = frozenset({"ne", "not_in", "has_none"})
_BIRTHDAYS = {
    "day": N_("the birthday itself"),
    "week": N_("the week of the birthday"),
    "month": N_("the month of the birthday"),
}


def _said(value: Any, *, fact: str, reason: Reason, reader: Words) -> str:
    """Return what a condition found or asks for."""
    if isinstance(value, list | tuple):
        parts = [_said(one, fact=fact, reason=reason, reader=reader) for one in value[:5]]
        return joined([part for part in parts if part], reader=reader, style="or")
    if fact == "member.birthday" and value in _BIRTHDAYS:
        return reader.say(_BIRTHDAYS[value])
    key = "amount_minor" if fact.endswith("_minor") else "value"
    single = {key: value, "currency": reason.get("currency", "CNY")}
    return shown(key, reason=single, reader=reader)[:_MOST_SHOWN]
