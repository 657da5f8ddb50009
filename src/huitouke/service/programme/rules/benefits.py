"""What a member gets, whole and in one breath."""

from __future__ import annotations

from huitouke.language import N_, Language, words
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.tier_shapes import Benefit

__all__ = ["LENGTHS", "all_benefits", "one_breath"]

#: Letters that fit one breath.
LENGTHS: dict[Language, int] = {"en": 60, "zh": 40, "zh-Hant": 40}


def all_benefits(definition: Definition, *, tier: str | None) -> tuple[Benefit, ...]:
    """Return what a member of a tier has: the tier's own benefits, then everyone's.

    Parameters
    ----------
    definition
        The version in force.
    tier
        Code of the tier, or none.
    """
    found = None if definition.tiers is None else definition.tiers.tier(tier)
    return (found.benefits if found is not None else ()) + definition.benefits


def one_breath(definition: Definition, *, tier: str | None, language: Language) -> str:
    """Return the answer to "what do I get as a member?", short enough for one breath.

    The tier's own benefits come first; those that no longer fit are left out.

    Parameters
    ----------
    definition
        The version in force.
    tier
        Code of the tier; none for members without one.
    language
        ``"en"``, ``"zh"`` or ``"zh-Hant"``.

    Examples
    --------
    >>> from huitouke.service.programme.rules.examples import starter_definition
    >>> one_breath(starter_definition(), tier="gold", language="en")
    'Gold: 20% more points, free delivery, points on all you buy.'
    """
    reader = words(language)
    found = None if definition.tiers is None else definition.tiers.tier(tier)
    name = reader.say(N_("Member")) if found is None else found.name.said(language)
    shorts = [
        benefit.short.said(language)
        for benefit in all_benefits(definition, tier=tier)
        if benefit.short is not None
    ]
    sentence = reader.say(N_("{name}."), name=name)
    taken: list[str] = []
    for short in shorts:
        listed = reader.say(N_(", ")).join([*taken, short])
        longer = reader.say(N_("{name}: {benefits}."), name=name, benefits=listed)
        if len(longer) <= LENGTHS[language]:
            taken.append(short)
            sentence = longer
    return sentence
