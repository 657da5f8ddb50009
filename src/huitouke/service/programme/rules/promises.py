"""What a new version takes from members, said before it is published.

Points keep the expiry they were given with, and a tier holds until the review that was
promised; so what is named here touches new points and later reviews only. It is told all
the same, because members will notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from huitouke.language import N_, Language, words
from huitouke.service.programme.rules.definition import Definition, Delivered, Unit
from huitouke.service.programme.rules.expiry import timing_of, valid_through
from huitouke.service.programme.rules.shapes import Expiry, Inactivity, Never
from huitouke.service.programme.rules.tier_shapes import Tier, Tiers

__all__ = ["Warned", "is_shorter", "warnings"]

#: Days on which two policies are compared: every month of a leap year, begin and end.
_TRIED = tuple(date(2028, month, day) for month in range(1, 13) for day in (1, 15, 28))


@dataclass(frozen=True)
class Warned:
    """One promise that becomes smaller.

    Parameters
    ----------
    pointer
        JSON pointer into the new definition.
    code
        ``expiry_shorter``, ``pending_longer``, ``rule_gone``, ``tier_gone``,
        ``tier_harder``, ``benefit_gone``, ``grace_shorter``,
        ``transfers_end``, ``transfers_less``, ``transfers_later``.
    says, values
        The English message and what goes into its places; names are name shapes.
    """

    pointer: str
    code: str
    says: str
    values: dict[str, Any]

    def text(self, language: Language) -> str:
        """Return the warning in a reader's language.

        Parameters
        ----------
        language
            ``"en"``, ``"zh"`` or ``"zh-Hant"``.
        """
        shown = {
            key: value.said(language) if hasattr(value, "said") else value
            for key, value in self.values.items()
        }
        return words(language).say(self.says, **shown)


def is_shorter(new: Expiry, *, old: Expiry) -> bool:
    """Return whether points could be gone earlier under a new policy.

    Parameters
    ----------
    new, old
        The two policies.

    Examples
    --------
    >>> from huitouke.service.programme.rules.shapes import Rolling
    >>> is_shorter(Rolling(months=12), old=Rolling(months=12, round="month"))
    True
    """
    if isinstance(new, Inactivity):
        return not isinstance(old, Inactivity) or new.months < old.months
    if isinstance(old, Inactivity):
        return not isinstance(new, Never)
    return any(_earlier(new, old=old, day=day) for day in _TRIED)


def _earlier(new: Expiry, *, old: Expiry, day: date) -> bool:
    then, before = (valid_through(each, available_on=day) for each in (new, old))
    return then is not None and (before is None or then < before)


def warnings(new: Definition, *, old: Definition) -> list[Warned]:
    """Return which promises become smaller with a new version.

    Parameters
    ----------
    new
        About to be published.
    old
        In force now.
    """
    found = [*_units(new, old=old), *_rules(new, old=old)]
    if old.tiers is not None:
        found += _tiers(new.tiers, old=old.tiers)
    return found


def _units(new: Definition, *, old: Definition) -> Iterator[Warned]:
    for was in old.units:
        unit = new.unit(was.code)
        if was.transfers and unit is not None and not unit.transfers:
            says = N_("{name}: members can no longer give it to each other.")
            pointer = f"/units/{new.units.index(unit)}/transfers"
            yield Warned(pointer, "transfers_end", says, {"name": was.name})
        elif was.transfers and unit is not None:
            yield from _transfers(unit, was=was, place=new.units.index(unit))


def _transfers(unit: Unit, *, was: Unit, place: int) -> Iterator[Warned]:
    before, now = was.transfer_limit, unit.transfer_limit
    if now is not None and (before is None or now < before):
        says = N_("{name}: members can give less of it to each other.")
        values = {"name": was.name}
        yield Warned(f"/units/{place}/transfer_limit", "transfers_less", says, values)
    if unit.transfer_wait > was.transfer_wait:
        says = N_("{name}: what members give each other is available later.")
        values = {"name": was.name}
        yield Warned(f"/units/{place}/transfer_wait", "transfers_later", says, values)


def _rules(new: Definition, *, old: Definition) -> Iterator[Warned]:
    for was in old.rules:
        if not was.enabled:
            continue
        rule = new.rule(was.id)
        if rule is None or not rule.enabled:
            says = N_("{name}: this way to earn ends.")
            yield Warned("/rules", "rule_gone", says, {"name": was.name})
            continue
        pointer = f"/rules/{new.rules.index(rule)}"
        then, before = timing_of(rule, definition=new), timing_of(was, definition=old)
        if is_shorter(then.expiry, old=before.expiry):
            says = N_("{name}: new points expire sooner; those already given keep their date.")
            values = {"name": rule.name}
            yield Warned(f"{pointer}/expiry", "expiry_shorter", says, values)
        if _days(then.pending) > _days(before.pending):
            says = N_("{name}: new points become available later.")
            yield Warned(f"{pointer}/pending", "pending_longer", says, {"name": rule.name})


def _days(pending: int | Delivered) -> int:
    return pending.at_latest_days if isinstance(pending, Delivered) else pending


def _tiers(new: Tiers | None, *, old: Tiers) -> Iterator[Warned]:
    if new is not None and new.grace_days < old.grace_days:
        says = N_("The days of grace after a review become fewer.")
        yield Warned("/tiers/grace_days", "grace_shorter", says, {})
    for was in old.tiers:
        tier = None if new is None else new.tier(was.code)
        if new is None or tier is None:
            says = N_("{name}: the tier ends; members keep it until their review.")
            yield Warned("/tiers", "tier_gone", says, {"name": was.name})
        else:
            place = new.rank(was.code)
            yield from _tier(tier, was=was, pointer=f"/tiers/tiers/{place}")


def _tier(tier: Tier, *, was: Tier, pointer: str) -> Iterator[Warned]:
    if _more(tier.reach, than=was.reach):
        says = N_("{name}: reaching the tier takes more than before.")
        yield Warned(f"{pointer}/reach", "tier_harder", says, {"name": tier.name})
    if _more(tier.keeps_at, than=was.keeps_at):
        says = N_("{name}: keeping the tier takes more; members keep it until their review.")
        yield Warned(f"{pointer}/keep", "tier_harder", says, {"name": tier.name})
    ids = {benefit.id for benefit in tier.benefits}
    for benefit in was.benefits:
        if benefit.id not in ids:
            says = N_("{name}: the benefit {benefit} ends.")
            values = {"name": tier.name, "benefit": benefit.name}
            yield Warned(f"{pointer}/benefits", "benefit_gone", says, values)


def _more(new: int | None, *, than: int | None) -> bool:
    return than is not None and (new is None or new > than)
