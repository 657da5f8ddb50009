"""What one definition says that another does not: sentence by sentence, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from huitouke.language import N_, Language, words
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.tier_shapes import Benefit, Tier
from huitouke.service.programme.rules.told import said_of_rule
from huitouke.service.programme.rules.told_parts import (
    said_of_basics,
    said_of_burn,
    said_of_referral,
    said_of_stamps,
    said_of_tier,
    said_of_tiers,
    said_of_units,
)

__all__ = ["Difference", "differences"]

_KINDS = {
    "monetary": N_("saves money"),
    "recognition": N_("is known and preferred"),
    "emotional": N_("feels good"),
}


@dataclass(frozen=True)
class Difference:
    """One thing that is said otherwise.

    Parameters
    ----------
    kind
        ``added``, ``gone`` or ``changed``.
    name
        Of what, in the reader's language.
    before, after
        What was and what is said; empty for what was not there, or is no more.
    """

    kind: Literal["added", "gone", "changed"]
    name: str
    before: str
    after: str


def differences(
    new: Definition, *, old: Definition, language: Language
) -> tuple[Difference, ...]:
    """Return what a new definition says otherwise, in the order of the programme.

    Parameters
    ----------
    new
        A draft's.
    old
        In force.
    language
        ``"en"`` or ``"zh"``.

    Examples
    --------
    >>> from huitouke.service.programme.rules.examples import starter_definition
    >>> starter = starter_definition()
    >>> differences(starter, old=starter, language="en")
    ()
    """
    was, now = (_sayings(each, language) for each in (old, new))
    found = []
    for key in dict.fromkeys([*now, *was]):
        before, after = was.get(key), now.get(key)
        if before == after:
            continue
        name = (after or before or ("", ""))[0]
        kind: Literal["added", "gone", "changed"] = (
            "added" if before is None else "gone" if after is None else "changed"
        )
        found.append(
            Difference(
                kind,
                name,
                "" if before is None else before[1],
                "" if after is None else after[1],
            )
        )
    if new != old and not found:
        says = words(language).say(N_("Details that the sentences leave out."))
        found.append(Difference("changed", says, "", ""))
    return tuple(found)


Sayings = Mapping[tuple[str, str], tuple[str, str]]


def _sayings(given: Definition, language: Language) -> Sayings:
    """Return name and sentence of every part, by what stays the same when it changes."""
    say = words(language).say
    found: dict[tuple[str, str], tuple[str, str]] = {}

    def put(key: tuple[str, str], name: str, sentences: Iterable[str]) -> None:
        text = ("" if language == "zh" else " ").join(each for each in sentences if each)
        if text:
            found[key] = (name, text)

    for rule in given.rules:
        said = said_of_rule(rule, definition=given, language=language)
        put(("rule", rule.id), rule.name.said(language), [said])
    put(("basics", ""), say(N_("For all points")), said_of_basics(given, language))
    put(("units", ""), say(N_("Units")), said_of_units(given, language))
    put(("benefits", ""), say(N_("For every member")), _benefits(given.benefits, language))
    put(("tiers", ""), say(N_("Tiers")), said_of_tiers(given, language))
    for tier in given.tiers.tiers if given.tiers else ():
        put(("tier", tier.code), tier.name.said(language), _tier(tier, given, language))
    burn = said_of_burn(given.burn, definition=given, language=language)
    put(("burn", ""), say(N_("Paying with points")), [burn])
    brings = said_of_referral(given.referral, definition=given, language=language)
    put(("referral", ""), say(N_("Bringing a friend")), brings)
    for card in given.stamps:
        said = said_of_stamps(card, definition=given, language=language)
        put(("stamps", card.id), card.name.said(language), [said])
    return found


def _tier(tier: Tier, given: Definition, language: Language) -> list[str]:
    first = said_of_tier(tier, definition=given, language=language)
    return [first, *_benefits(tier.benefits, language)]


def _benefits(given: Iterable[Benefit], language: Language) -> list[str]:
    say, found = words(language).say, []
    for each in given:
        parts = [say(_KINDS[each.kind])]
        if each.lasts == "one_off":
            parts.append(say(N_("once")))
        if each.short is not None:
            short = each.short.said(language)
            parts.append(say(N_("in one breath: {short}"), short=short))
        kind = say(N_(", ")).join(parts)
        name = each.name.said(language)
        found.append(say(N_("{benefit} ({kind})."), benefit=name, kind=kind))
    return found
