"""Versions are drafted, published and retired, and what was published stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from huitouke.service.core.ids import new_id
from huitouke.service.ledger import units
from huitouke.service.ledger.units import UnitSettings
from huitouke.service.programme.models import Version
from huitouke.service.programme.rules.checks import DefinitionInvalid
from huitouke.service.programme.versions import commands, creating, queries

pytestmark = pytest.mark.django_db


def refuses(change):
    with pytest.raises(IntegrityError, match="version"), transaction.atomic():
        change()
    return True


def test_a_draft_is_numbered_and_keeps_what_it_says(first, programme, starter, later, marketer):
    second = commands.draft(programme, definition={}, at=later, actor=marketer)

    assert (first.number, second.number) == (1, 2)
    assert first.state == "draft"
    assert first.definition == starter


def test_a_draft_that_is_no_definition_is_refused_with_its_places(programme, opening, marketer):
    wrong = {"rules": [{"id": "spend", "gives": {"kind": "per_spend", "points": 1.5}}], "x": 1}

    with pytest.raises(DefinitionInvalid) as refused:
        commands.draft(programme, definition=wrong, at=opening, actor=marketer)

    assert {problem.pointer for problem in refused.value.problems} == {
        "/rules/0/name",
        "/rules/0/on",
        "/rules/0/gives/points",
        "/rules/0/gives/per_minor",
        "/x",
    }
    assert all(problem.text("zh") != problem.says for problem in refused.value.problems)


def test_a_draft_in_another_zone_or_currency_is_refused(programme, opening, marketer):
    abroad = {"zone": "Europe/Berlin", "currency": "EUR"}

    with pytest.raises(DefinitionInvalid) as refused:
        commands.draft(programme, definition=abroad, at=opening, actor=marketer)

    assert [problem.pointer for problem in refused.value.problems] == ["/zone", "/currency"]


def test_a_draft_changes_only_from_the_revision_that_was_read(first, opening, marketer):
    changed = commands.change_draft(
        first.id, definition={"return_days": 14}, revision=1, at=opening, actor=marketer
    )

    assert changed.revision == 2
    assert queries.get(first.id)[1].return_days == 14
    with pytest.raises(commands.DraftChanged):
        commands.change_draft(first.id, definition={}, revision=1, at=opening, actor=marketer)


def test_publishing_puts_the_draft_in_force_and_makes_its_units(first, opening, marketer):
    published = commands.publish(first.id, at=opening, actor=marketer)

    assert published.version.state == "published"
    assert published.warnings == ()
    assert units.unit("main.points").kind == "points"
    assert units.unit("main.growth").kind == "growth"


def with_points(starter, **settings):
    """Return the starter rules with other settings of the points."""
    return {
        **starter,
        "units": [
            {**unit, **(settings if unit["code"] == "points" else {})}
            for unit in starter["units"]
        ],
    }


def test_publishing_sets_what_may_be_done_with_the_units(
    published, programme, starter, later, marketer
):
    changed = with_points(starter, transfers=True, adjust_limit=500)
    second = commands.draft(programme, definition=changed, at=later, actor=marketer)
    assert not units.unit("main.points").settings.transfers

    commands.publish(second.id, at=later, actor=marketer)

    assert units.unit("main.points").settings == UnitSettings(transfers=True, adjust_limit=500)
    assert units.unit("main.growth").settings == UnitSettings()


def test_a_definition_that_says_nothing_of_transfers_leaves_them_off(
    programme, starter, opening, marketer
):
    older = {
        **starter,
        "units": [
            {
                name: value
                for name, value in unit.items()
                if not name.startswith("transfer") and name != "adjust_limit"
            }
            for unit in starter["units"]
        ],
    }
    draft = commands.draft(programme, definition=starter, at=opening, actor=marketer)
    Version.objects.filter(pk=draft.id).update(definition=older)

    commands.publish(draft.id, at=opening, actor=marketer)

    assert units.unit("main.points").settings == UnitSettings()


def test_growth_value_cannot_be_given_away(programme, starter, opening, marketer):
    given = {
        **starter,
        "units": [{**unit, "transfers": unit["kind"] == "growth"} for unit in starter["units"]],
    }
    draft = commands.draft(programme, definition=given, at=opening, actor=marketer)

    with pytest.raises(DefinitionInvalid) as refused:
        commands.publish(draft.id, at=opening, actor=marketer)

    assert [problem.pointer for problem in refused.value.problems] == ["/units/1/transfers"]


def test_publishing_warns_that_transfers_end(programme, starter, opening, later, marketer):
    on = with_points(starter, transfers=True)
    first = commands.draft(programme, definition=on, at=opening, actor=marketer)
    commands.publish(first.id, at=opening, actor=marketer)
    second = commands.draft(programme, definition=starter, at=later, actor=marketer)

    warned = commands.publish(second.id, at=later, actor=marketer).warnings

    assert [(one.code, one.pointer) for one in warned] == [
        ("transfers_end", "/units/0/transfers")
    ]
    assert not units.unit("main.points").settings.transfers


def test_publishing_warns_of_less_to_give_and_longer_to_wait(
    programme, starter, opening, later, marketer
):
    on = with_points(starter, transfers=True, transfer_limit=500, transfer_wait=1)
    first = commands.draft(programme, definition=on, at=opening, actor=marketer)
    commands.publish(first.id, at=opening, actor=marketer)
    less = with_points(starter, transfers=True, transfer_limit=400, transfer_wait=2)
    second = commands.draft(programme, definition=less, at=later, actor=marketer)

    warned = commands.publish(second.id, at=later, actor=marketer).warnings

    assert [(one.code, one.pointer) for one in warned] == [
        ("transfers_less", "/units/0/transfer_limit"),
        ("transfers_later", "/units/0/transfer_wait"),
    ]
    settings = units.unit("main.points").settings
    assert (settings.transfer_limit, settings.transfer_wait) == (400, 2)


def test_publishing_what_does_not_hold_together_is_refused(programme, opening, marketer):
    spend = {
        "id": "spend",
        "name": {"en": "Spend"},
        "on": "order.paid",
        "unit": "stars",
        "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
    }
    draft = commands.draft(
        programme, definition={"rules": [spend, spend]}, at=opening, actor=marketer
    )

    with pytest.raises(DefinitionInvalid) as refused:
        commands.publish(draft.id, at=opening, actor=marketer)

    pointers = [problem.pointer for problem in refused.value.problems]
    assert pointers == ["/rules/1/id", "/rules/0/unit", "/rules/1/unit"]
    assert queries.get(draft.id)[0].state == "draft"


def test_publishing_the_next_retires_the_one_before_at_that_moment(
    published, programme, starter, later, marketer
):
    second = commands.draft(programme, definition=starter, at=later, actor=marketer)

    commands.publish(second.id, at=later, actor=marketer)

    published.refresh_from_db()
    assert published.state == "retired"
    assert published.retired_at == later
    just_before = later - timedelta(microseconds=1)
    assert queries.current(programme, at=just_before)[0].number == 1
    assert queries.current(programme, at=later)[0].number == 2


def test_publishing_warns_of_promises_that_become_smaller(
    published, programme, starter, later, marketer
):
    harder = {**starter, "expiry": {"kind": "rolling", "months": 6}}
    tiers = [dict(tier) for tier in starter["tiers"]["tiers"]]
    tiers[1] |= {"reach": 3000, "keep": 2500, "benefits": tiers[1]["benefits"][:1]}
    harder["tiers"] = {**starter["tiers"], "tiers": tiers, "grace_days": 0}
    harder["rules"] = [rule for rule in starter["rules"] if rule["id"] != "review"]
    second = commands.draft(programme, definition=harder, at=later, actor=marketer)

    warned = commands.publish(second.id, at=later, actor=marketer).warnings

    assert {(one.code, one.pointer) for one in warned} >= {
        ("expiry_shorter", "/rules/0/expiry"),
        ("rule_gone", "/rules"),
        ("tier_harder", "/tiers/tiers/1/reach"),
        ("tier_harder", "/tiers/tiers/1/keep"),
        ("benefit_gone", "/tiers/tiers/1/benefits"),
        ("grace_shorter", "/tiers/grace_days"),
    }
    assert "expiry_shorter" not in {one.code for one in warned if "growth" in one.pointer}
    assert "免运费" in next(one for one in warned if one.code == "benefit_gone").text("zh")


def test_a_version_cannot_begin_before_the_one_in_force(
    published, programme, starter, opening, marketer
):
    second = commands.draft(programme, definition=starter, at=opening, actor=marketer)

    with pytest.raises(commands.VersionTooEarly):
        commands.publish(second.id, at=opening - timedelta(seconds=1), actor=marketer)


def test_a_published_version_is_not_published_or_changed_again(published, later, marketer):
    with pytest.raises(commands.NotADraft):
        commands.publish(published.id, at=later, actor=marketer)
    with pytest.raises(commands.NotADraft):
        commands.change_draft(published.id, definition={}, revision=1, at=later, actor=marketer)


def test_retiring_ends_a_version_without_another(published, programme, later, marketer):
    commands.retire(published.id, at=later, actor=marketer, reason="season is over")

    assert queries.in_force(programme, at=later) is None
    with pytest.raises(commands.NotPublished):
        commands.retire(published.id, at=later, actor=marketer)


def test_the_database_refuses_to_change_what_was_published(published, later):
    own = Version.objects.filter(pk=published.pk)

    for change in (
        {"definition": {}},
        {"number": 7},
        {"published_at": later},
        {"revision": 2},
        {"note": "other"},
        {"state": "draft", "published_at": None},
    ):
        assert refuses(lambda change=change: own.update(**change)), change
    assert refuses(own.delete)


def test_the_database_refuses_versions_that_were_never_drafts(published):
    copy = Version.objects.get(pk=published.pk)
    copy.pk, copy.number = new_id(), 9

    with pytest.raises(IntegrityError, match="begins as a draft"), transaction.atomic():
        copy.save(force_insert=True)


def test_the_database_refuses_to_bring_a_retired_version_back(published, later, marketer):
    commands.retire(published.id, at=later, actor=marketer)

    own = Version.objects.filter(pk=published.pk)

    assert refuses(lambda: own.update(state="published", retired_at=None))


def test_a_draft_may_be_thrown_away(first):
    assert Version.objects.filter(pk=first.pk).delete()[0] == 1


def test_two_programmes_cannot_share_a_code(programme, opening, marketer):
    with pytest.raises(creating.ProgrammeTaken):
        creating.create({"name": {"en": "Again"}}, at=opening, actor=marketer)


@pytest.mark.parametrize("code", ["Main", "a.b", "", "主"])
def test_a_code_that_units_cannot_carry_is_refused(code, opening, marketer):
    with pytest.raises(DefinitionInvalid) as refused:
        creating.create({"code": code, "name": {"en": "X"}}, at=opening, actor=marketer)

    assert [problem.pointer for problem in refused.value.problems] == ["/code"]


def test_what_is_not_there_is_said(opening, marketer):
    with pytest.raises(queries.VersionUnknown):
        commands.publish(new_id(), at=opening, actor=marketer)


def test_a_money_loop_is_not_published_but_despite_it(
    published, programme, starter, later, marketer
):
    absorbing = {**starter, "return_days": 0, "refunds": {"debt_policy": "absorb"}}
    made = commands.draft(programme, definition=absorbing, at=later, actor=marketer)

    with pytest.raises(commands.MoneyLoop) as refused:
        commands.publish(made.id, at=later, actor=marketer)
    done = commands.publish(made.id, at=later, actor=marketer, despite=True)

    worst = refused.value.problems[0]
    assert worst.severity == "critical"
    assert worst.steps
    assert done.findings[0] == worst
