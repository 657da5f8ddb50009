"""The parts of a definition: where each stands in the JSON, and by which form it is changed."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from huitouke.language import N_
from huitouke.service.backoffice.programme.forms.base import Context, PartForm
from huitouke.service.backoffice.programme.forms.others import (
    BasicsForm,
    BurnForm,
    ReferralForm,
    StampsForm,
    new_stamps,
)
from huitouke.service.backoffice.programme.forms.rules import KINDS, RuleForm, new_rule
from huitouke.service.backoffice.programme.forms.tiers import (
    BenefitsForm,
    TierForm,
    TiersForm,
    new_tier,
)
from huitouke.service.backoffice.programme.forms.units import UnitForm, new_unit

__all__ = ["NEW", "PARTS", "Part", "PartUnknown"]

#: Place of what is not in its list yet.
NEW = -1
JSON = dict[str, Any]


class PartUnknown(LookupError):
    """The definition has no such part."""


@dataclass(frozen=True)
class Part:
    """One kind of part.

    Parameters
    ----------
    name
        In addresses; its form's template is called so.
    title, new_title
        English messages: of its page, and of the page that adds one.
    path
        Keys that lead to it, or to its list.
    form
        Changes it.
    many
        Whether it is one of a list.
    fresh
        Makes JSON of a new one, from its kind and a number; none: none can be added.
    """

    name: str
    title: str
    path: tuple[str, ...]
    form: type[PartForm]
    many: bool = False
    fresh: Callable[[str, int], JSON] | None = None
    new_title: str = ""

    def pointer(self, place: int) -> str:
        """Return the JSON pointer of one.

        Parameters
        ----------
        place
            In the list; of the only one, anything.
        """
        return "".join(f"/{key}" for key in (*self.path, *([place] if self.many else [])))

    def listed(self, definition: JSON) -> list[JSON]:
        """Return the list it stands in.

        Parameters
        ----------
        definition
            JSON of the whole.

        Raises
        ------
        PartUnknown
            If there is no such list.
        """
        here: Any = definition
        for key in self.path:
            here = here.get(key) if isinstance(here, dict) else None
        if not isinstance(here, list):
            raise PartUnknown(self.name)
        return here

    def get(self, definition: JSON, *, place: int, kind: str = "") -> JSON:
        """Return JSON of one; of a new one, what it begins with.

        Parameters
        ----------
        definition
            JSON of the whole.
        place
            In the list, or :data:`NEW`.
        kind
            Of a new one.

        Raises
        ------
        PartUnknown
            If there is none.
        """
        if self.many:
            listed = self.listed(definition)
            if place == NEW and self.fresh is not None:
                return self._made(kind, listed)
            if not 0 <= place < len(listed):
                raise PartUnknown(self.name)
            return listed[place]
        here: Any = definition
        for key in self.path:
            here = here.get(key)
            if here is None:
                return {} if self.fresh is None else self.fresh(kind, 0)
        found: JSON = here
        return found

    def _made(self, kind: str, listed: list[JSON]) -> JSON:
        if self.fresh is None or (kind not in KINDS and self.name == "rules"):
            raise PartUnknown(self.name)
        number, names = len(listed) + 1, {each.get("id") or each.get("code") for each in listed}
        made = self.fresh(kind, number)
        while (made.get("id") or made.get("code")) in names:
            number += 1
            made = self.fresh(kind, number)
        return made

    def put(self, definition: JSON, value: JSON | None, *, place: int) -> JSON:
        """Return the whole with one part changed, added, or (none) taken out.

        Parameters
        ----------
        definition
            JSON of the whole; it stays as it is.
        value
            JSON of the part.
        place
            In the list, or :data:`NEW`.
        """
        whole = deepcopy(definition)
        if not self.path:
            return {**whole, **(value or {})}
        if self.many:
            listed = self.listed(whole)
            if value is None:
                del listed[place]
            elif place == NEW:
                listed.append(value)
            else:
                listed[place] = value
            return whole
        here = whole
        for key in self.path[:-1]:
            here = here[key]
        here[self.path[-1]] = value
        return whole

    def make_form(self, data: Any, *, given: JSON, context: Context) -> PartForm:
        """Return the form of one.

        Parameters
        ----------
        data
            What was sent, or none.
        given
            JSON of the part.
        context
            The whole.
        """
        return self.form(data, given=given, context=context)


def _burn(_kind: str, _number: int) -> JSON:
    return {
        "unit": "points",
        "per_points": 100,
        "minor": 100,
        "least_points": 100,
        "step_points": 100,
        "most_percent": 50,
    }


def _referral(_kind: str, _number: int) -> JSON:
    return {"unit": "points", "advocate_points": 200, "friend_points": 100}


def _first_tiers(_kind: str, _number: int) -> JSON:
    return {"tiers": [{"code": "member", "name": {"zh": "会员", "en": "Member"}, "reach": 0}]}


PARTS: dict[str, Part] = {
    each.name: each
    for each in (
        Part(
            "rules",
            N_("Change how points are earned"),
            ("rules",),
            RuleForm,
            many=True,
            fresh=lambda kind, number: new_rule(kind, number=number),
            new_title=N_("Another way to earn"),
        ),
        Part(
            "tier",
            N_("Change a tier"),
            ("tiers", "tiers"),
            TierForm,
            many=True,
            fresh=lambda _, number: new_tier(number),
            new_title=N_("Another tier"),
        ),
        Part(
            "tiers",
            N_("How members rise, stay and fall"),
            ("tiers",),
            TiersForm,
            fresh=_first_tiers,
        ),
        Part("benefits", N_("What every member has"), (), BenefitsForm),
        Part("basics", N_("What holds for all points"), (), BasicsForm),
        Part("burn", N_("Paying with points"), ("burn",), BurnForm, fresh=_burn),
        Part("referral", N_("Bringing a friend"), ("referral",), ReferralForm, fresh=_referral),
        Part(
            "stamps",
            N_("Change a stamp card"),
            ("stamps",),
            StampsForm,
            many=True,
            fresh=lambda _, number: new_stamps(number),
            new_title=N_("Another stamp card"),
        ),
        Part(
            "units",
            N_("Change a unit"),
            ("units",),
            UnitForm,
            many=True,
            fresh=lambda _, number: new_unit(number),
            new_title=N_("Another unit"),
        ),
    )
}
