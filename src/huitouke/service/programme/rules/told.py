"""An earning rule as a sentence: what a member gets, for what, when and at most how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from huitouke.language import N_, Language, Words, words
from huitouke.service.programme.rules.definition import (
    Definition,
    Delivered,
    EarnRule,
    Fixed,
    Multiplier,
    PerItem,
    PerSpend,
)
from huitouke.service.programme.rules.sentences import FACTS, NEEDS
from huitouke.service.programme.rules.shapes import (
    Cap,
    Condition,
    Expiry,
    FixedDay,
    Inactivity,
    Never,
    Rolling,
    Scope,
    Selection,
)
from huitouke.service.programme.rules.shown import joined, money, number, shown, window

__all__ = ["HAPPENINGS", "PERIODS", "Teller", "said_of_rule"]

#: What a rule can listen to, besides facts of the merchant's own.
HAPPENINGS: dict[str, str] = {
    "order.paid": N_("an order"),
    "customer.signed_up": N_("joining"),
    "birthday": N_("the birthday"),
    "review.approved": N_("a review that was approved"),
    "survey.answered": N_("an answered survey"),
    "checkin": N_("a check-in"),
}
#: What a cap counts by.
PERIODS: dict[str, str] = {
    "order": N_("per order"),
    "day": N_("per day"),
    "week": N_("per week"),
    "month": N_("per month"),
    "year": N_("per year"),
    "ever": N_("in all"),
}
_BIRTHDAYS = {
    "day": N_("on the birthday"),
    "week": N_("in the week of the birthday"),
    "month": N_("in the month of the birthday"),
}
_ROUNDED = {
    "month": N_("{months} months, to the end of that month"),
    "quarter": N_("{months} months, to the end of that quarter"),
    "year": N_("{months} months, to the end of that year"),
    "none": N_("{months} months"),
}


@dataclass(frozen=True)
class Teller:
    """Says what a definition's parts mean, in a reader's language.

    Parameters
    ----------
    definition
        Names of units, tiers and rules come from it.
    language
        ``"en"`` or ``"zh"``.
    """

    definition: Definition
    language: Language

    @property
    def words(self) -> Words:
        """The reader's words."""
        return words(self.language)

    def money(self, minor: int) -> str:
        """Return an amount in the programme's currency.

        Parameters
        ----------
        minor
            Minor units.
        """
        return money(minor, currency=self.definition.currency, language=self.language)

    def number(self, value: int) -> str:
        """Return a whole number.

        Parameters
        ----------
        value
            Any.
        """
        return number(value, language=self.language)

    def points(self, value: int, *, unit: str) -> str:
        """Return so many of a unit.

        Parameters
        ----------
        value
            In units of ``10^-scale``.
        unit
            Code within the programme.
        """
        found = self.definition.unit(unit)
        reason: dict[str, Any] = {"points": value, "unit": unit}
        if found is not None:
            reason |= {"unit": found.name.model_dump(), "scale": found.scale}
        return shown("points", reason=reason, reader=self.words)

    def unit(self, code: str) -> str:
        """Return what a unit is called.

        Parameters
        ----------
        code
            Within the programme.
        """
        found = self.definition.unit(code)
        return code if found is None else found.name.said(self.language)

    def tier(self, code: str) -> str:
        """Return what a tier is called.

        Parameters
        ----------
        code
            Within the programme.
        """
        found = self.definition.tiers and self.definition.tiers.tier(code)
        return code if not found else found.name.said(self.language)

    def happening(self, fact: str) -> str:
        """Return what a fact is called.

        Parameters
        ----------
        fact
            Its type.
        """
        return self.words.say(HAPPENINGS[fact]) if fact in HAPPENINGS else fact

    def goods(self, scope: Scope | None) -> str:
        """Return which goods count.

        Parameters
        ----------
        scope
            None is all.
        """
        say = self.words.say
        taken = "" if scope is None else self._selection(scope.include)
        left = "" if scope is None else self._selection(scope.exclude)
        found = taken or say(N_("everything"))
        return say(N_("{goods} except {others}"), goods=found, others=left) if left else found

    def _selection(self, given: Selection) -> str:
        say, parts = self.words.say, []
        for names, says in (
            (given.categories, N_("category {names}")),
            (given.brands, N_("brand {names}")),
            (given.skus, N_("article {names}")),
        ):
            if names:
                listed = joined(list(names), reader=self.words, style="or")
                parts.append(say(says, names=listed))
        return joined(parts, reader=self.words, style="or")

    def expiry(self, given: Expiry) -> str:
        """Return how long points live, to follow "valid for" or stand alone.

        Parameters
        ----------
        given
            A policy.
        """
        say = self.words.say
        match given:
            case Rolling():
                return say(_ROUNDED[given.round], months=self.number(given.months))
            case FixedDay():
                text = say(
                    N_("until day {day} of month {month}"), month=given.month, day=given.day
                )
                if given.least_months:
                    least = self.number(given.least_months)
                    more = say(N_("at least {months} months"), months=least)
                    text = say(N_("{first}, {second}"), first=text, second=more)
                return text
            case Inactivity():
                months = self.number(given.months)
                return say(
                    N_("until {months} months pass without earning or using any"), months=months
                )
            case Never():
                return say(N_("without end"))

    def pending(self, given: int | Delivered) -> str:
        """Return when points become available.

        Parameters
        ----------
        given
            Days, or delivery.
        """
        say = self.words.say
        if isinstance(given, Delivered):
            return say(
                N_("{days} days after delivery, at the latest {latest} days after payment"),
                days=self.number(given.days),
                latest=self.number(given.at_latest_days),
            )
        if given == 0:
            return say(N_("at once"))
        return say(N_("after {days} days"), days=self.number(given))

    def condition(self, given: Condition) -> str:
        """Return what a condition asks for.

        Parameters
        ----------
        given
            Of a rule.
        """
        say = self.words.say
        if given.fact == "member.birthday" and isinstance(given.value, str):
            return say(_BIRTHDAYS[given.value]) if given.value in _BIRTHDAYS else given.value
        what = say(FACTS[given.fact]) if given.fact in FACTS else given.fact.partition(".")[2]
        need = self._value(given)
        if given.op in NEEDS:
            return say(
                N_("{what} is {need}"), what=what, need=say(NEEDS[given.op], required=need)
            )
        says = N_("{what} is not {need}") if given.op in _NOT else N_("{what} is {need}")
        return say(says, what=what, need=need)

    def _value(self, given: Condition) -> str:
        values = given.value if isinstance(given.value, tuple) else (given.value,)
        found = []
        for value in values:
            if isinstance(value, bool):
                found.append(self.words.say(N_("yes")) if value else self.words.say(N_("no")))
            elif isinstance(value, int):
                minor = given.fact.endswith("_minor")
                found.append(self.money(value) if minor else self.number(value))
            else:
                found.append(self.tier(value) if given.fact == "member.tier" else value)
        return joined(found, reader=self.words, style="or")

    def cap(self, given: Cap, *, unit: str) -> str:
        """Return what a cap allows.

        Parameters
        ----------
        given
            Of a rule.
        unit
            Of the rule.
        """
        say = self.words.say
        most = self.points(given.points, unit=unit)
        text = say(N_("at most {points} {per}"), points=most, per=say(PERIODS[given.per]))
        if given.pool:
            text = say(N_("{cap} together with others of {pool}"), cap=text, pool=given.pool)
        return text


_NOT = frozenset({"ne", "not_in", "has_none"})


def said_of_rule(rule: EarnRule, *, definition: Definition, language: Language) -> str:
    """Return a rule as one sentence, or two where it has conditions of its own.

    Parameters
    ----------
    rule
        Of the definition.
    definition
        Whose names are used.
    language
        ``"en"`` or ``"zh"``.

    Examples
    --------
    >>> from huitouke.service.programme.rules.examples import starter_definition
    >>> starter = starter_definition()
    >>> said_of_rule(starter.rules[0], definition=starter, language="en")
    'For every ¥1 spent on everything a member earns 1 point.'
    >>> said_of_rule(starter.rules[3], definition=starter, language="en")
    'On everything a member earns 1.2 times the points, if the tier is Gold.'
    """
    teller = Teller(definition, language)
    say = teller.words.say
    parts = [_gives(rule, teller=teller), *_limits(rule, teller=teller)]
    sentences = [say(N_("{sentence}."), sentence=say(N_(", ")).join(parts))]
    sentences += _own(rule, teller=teller)
    return ("" if language == "zh" else " ").join(sentences)


def _gives(rule: EarnRule, *, teller: Teller) -> str:
    say, goods = teller.words.say, teller.goods(rule.scope)
    gives = rule.gives
    match gives:
        case PerSpend():
            return say(
                N_("For every {amount} spent on {goods} a member earns {points}"),
                amount=teller.money(gives.per_minor),
                goods=goods,
                points=teller.points(gives.points, unit=rule.unit),
            )
        case PerItem():
            return say(
                N_("For every piece of {goods} a member earns {points}"),
                goods=goods,
                points=teller.points(gives.points, unit=rule.unit),
            )
        case Fixed():
            return say(
                N_("For {happening} a member earns {points}"),
                happening=teller.happening(rule.on),
                points=teller.points(gives.points, unit=rule.unit),
            )
        case Multiplier():
            return _multiplies(rule, gives, teller=teller, goods=goods)


def _multiplies(rule: EarnRule, gives: Multiplier, *, teller: Teller, goods: str) -> str:
    say = teller.words.say
    exact = Fraction(gives.num, gives.den)
    factor = f"{float(exact):g}" if exact.denominator in _TENTHS else f"{gives.num}/{gives.den}"
    values: Mapping[str, str] = {
        "goods": goods,
        "factor": factor,
        "unit": teller.unit(rule.unit),
    }
    if gives.of:
        named = [_name(each, teller=teller) for each in gives.of]
        listed = joined(named, reader=teller.words)
        text = say(
            N_("On {goods} a member earns {factor} times the {unit} of {rules}"),
            rules=listed,
            **values,
        )
    else:
        text = say(N_("On {goods} a member earns {factor} times the {unit}"), **values)
    if gives.compound:
        more = say(N_("on top of other multipliers"))
        return say(N_("{first}, {second}"), first=text, second=more)
    return text


_TENTHS = frozenset({1, 2, 4, 5, 10, 20, 25, 50, 100})


def _name(rule_id: str, *, teller: Teller) -> str:
    found = teller.definition.rule(rule_id)
    return rule_id if found is None else found.name.said(teller.language)


def _limits(rule: EarnRule, *, teller: Teller) -> list[str]:
    say, found = teller.words.say, []
    if rule.when:
        asked = joined([teller.condition(each) for each in rule.when], reader=teller.words)
        found.append(say(N_("if {conditions}"), conditions=asked))
    if rule.window is not None:
        open_on = window(rule.window.model_dump(mode="json"), reader=teller.words)
        if open_on:
            found.append(open_on)
    if rule.once:
        found.append(say(N_("once ever")) if rule.once == "ever" else say(N_("once a year")))
    found += [teller.cap(each, unit=rule.unit) for each in rule.caps]
    return found


def _own(rule: EarnRule, *, teller: Teller) -> list[str]:
    """Return what the rule says of itself where the programme says something else."""
    say, found = teller.words.say, []
    if rule.pending is not None:
        found.append(say(N_("Available {when}."), when=teller.pending(rule.pending)))
    if rule.expiry is not None:
        found.append(say(N_("Valid {long}."), long=teller.expiry(rule.expiry)))
    if not rule.members_only:
        found.append(say(N_("Also for who is no member.")))
    if not rule.enabled:
        found.append(say(N_("Switched off.")))
    return found
