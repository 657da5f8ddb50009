"""From a definition to what a person reads, with the ways to change it where it is a draft."""

from __future__ import annotations

from django.urls import reverse

from huitouke.language import N_
from huitouke.service.backoffice.programme.contexts import (
    Broken,
    Line,
    Programmes,
    Section,
    TierLine,
    VersionRow,
)
from huitouke.service.backoffice.programme.forms.rules import KINDS
from huitouke.service.backoffice.programme.forms.tiers import BENEFIT_KINDS
from huitouke.service.backoffice.programme.parts import NEW, PARTS
from huitouke.service.core.ids import public_id
from huitouke.service.programme.models.versions import Version
from huitouke.service.programme.rules.benefits import one_breath
from huitouke.service.programme.rules.checks import problems
from huitouke.service.programme.rules.definition import Definition
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
from huitouke.service.ui.reader import current

__all__ = ["broken", "part_url", "read", "row"]


def part_url(draft: str, name: str, *, place: int | None = None, kind: str = "") -> str:
    """Return where a part of a draft is changed.

    Parameters
    ----------
    draft
        Public id; empty: nowhere.
    name
        Of the part.
    place
        In its list; :data:`huitouke.service.backoffice.programme.parts.NEW` adds one.
    kind
        Of a new one.
    """
    if not draft:
        return ""
    if place is None:
        return reverse("programme_part", args=[draft, name])
    if place == NEW:
        return reverse("programme_part_new", args=[draft, name, kind or "one"])
    return reverse("programme_part_at", args=[draft, name, place])


def row(version: Version, *, names: dict[str, str]) -> VersionRow:
    """Return a version as lists show it.

    Parameters
    ----------
    version
        The record.
    names
        What people of the staff are called, by how journals name them.
    """
    is_draft = version.state == Version.State.DRAFT
    who = version.changed_by if is_draft else version.published_by
    return VersionRow(
        id=public_id("ver", version.id),
        number=version.number,
        state=version.state,
        note=version.note,
        since=version.changed_at if is_draft else version.published_at,
        until=version.retired_at,
        who=names.get(who, who.partition(":")[2]),
    )


def read(definition: Definition, *, draft: str = "") -> Programmes:
    """Return a definition as a person reads it.

    Parameters
    ----------
    definition
        Of any version.
    draft
        Public id of the draft whose parts are changed here; empty: none is.
    """
    language = current().language
    tier_rules = Section(
        title=N_("How members rise, stay and fall"),
        lines=tuple(Line("", says) for says in said_of_tiers(definition, language)),
        url=part_url(draft, "tiers"),
    )
    return Programmes(
        tiers=_tiers(definition, draft=draft),
        tier_rules=tier_rules,
        sections=(
            _rules(definition, draft=draft),
            _benefits(definition, draft=draft),
            _plain(
                N_("What holds for all points"),
                said_of_basics(definition, language),
                part_url(draft, "basics"),
            ),
            _units(definition, draft=draft),
            _plain(
                N_("Paying with points"),
                (said_of_burn(definition.burn, definition=definition, language=language),),
                part_url(draft, "burn"),
            ),
            _plain(
                N_("Bringing a friend"),
                said_of_referral(definition.referral, definition=definition, language=language),
                part_url(draft, "referral"),
            ),
            _stamps(definition, draft=draft),
        ),
        add_tier=part_url(draft, "tier", place=NEW),
    )


def _plain(title: str, sentences: tuple[str, ...], url: str) -> Section:
    lines = tuple(Line("", says) for says in sentences if says)
    return Section(title=title, lines=lines, url=url)


def _rules(definition: Definition, *, draft: str) -> Section:
    language = current().language
    return Section(
        title=N_("How points are earned"),
        lines=tuple(
            Line(
                name=rule.name.said(language),
                says=said_of_rule(rule, definition=definition, language=language),
                url=part_url(draft, "rules", place=place),
                off=not rule.enabled,
            )
            for place, rule in enumerate(definition.rules)
        ),
        adds=tuple(
            (part_url(draft, "rules", place=NEW, kind=kind), says)
            for kind, says in KINDS.items()
        )
        if draft
        else (),
    )


def _benefits(definition: Definition, *, draft: str) -> Section:
    language = current().language
    names = tuple(each.name.said(language) for each in definition.benefits)
    return _plain(N_("What every member has"), names, part_url(draft, "benefits"))


def _units(definition: Definition, *, draft: str) -> Section:
    said = said_of_units(definition, current().language)
    return Section(
        title=N_("Units"),
        lines=tuple(
            Line("", says, url=part_url(draft, "units", place=place))
            for place, says in enumerate(said)
        ),
        adds=((part_url(draft, "units", place=NEW), N_("a unit")),) if draft else (),
    )


def _stamps(definition: Definition, *, draft: str) -> Section:
    language = current().language
    return Section(
        title=N_("Stamp cards"),
        lines=tuple(
            Line(
                "",
                said_of_stamps(card, definition=definition, language=language),
                url=part_url(draft, "stamps", place=place),
            )
            for place, card in enumerate(definition.stamps)
        ),
        adds=((part_url(draft, "stamps", place=NEW), N_("a stamp card")),) if draft else (),
    )


def _tiers(definition: Definition, *, draft: str) -> tuple[TierLine, ...]:
    language = current().language
    return tuple(
        TierLine(
            name=tier.name.said(language),
            breath=one_breath(definition, tier=tier.code, language=language),
            reach=said_of_tier(tier, definition=definition, language=language),
            benefits=tuple(
                (each.name.said(language), BENEFIT_KINDS[each.kind]) for each in tier.benefits
            ),
            url=part_url(draft, "tier", place=place),
        )
        for place, tier in enumerate(definition.tiers.tiers if definition.tiers else ())
    )


def broken(definition: Definition, *, draft: str) -> tuple[Broken, ...]:
    """Return what does not hold together, each with the way to mend it.

    Parameters
    ----------
    definition
        The draft's.
    draft
        Its public id.
    """
    language = current().language
    return tuple(
        Broken(each.text(language), _mended_at(each.pointer, draft=draft))
        for each in problems(definition)
    )


def _mended_at(pointer: str, *, draft: str) -> str:
    keys = pointer.strip("/").split("/")
    deepest = max(
        (
            part
            for part in PARTS.values()
            if part.path and tuple(keys[: len(part.path)]) == part.path
        ),
        key=lambda part: len(part.path),
        default=PARTS["basics"],
    )
    rest = keys[len(deepest.path) :]
    if deepest.many:
        return part_url(
            draft, deepest.name, place=int(rest[0]) if rest and rest[0].isdecimal() else 0
        )
    return part_url(draft, deepest.name)
