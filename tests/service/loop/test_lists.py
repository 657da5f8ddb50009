"""Every customer stands on the pages once, in order; lists and counts agree."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.loop import calls, lists, queries
from huitouke.service.loop.models import Profile

RANKED = {"value": "clv", "score": "loyalty_score", "churn": "churn_risk"}


def walk(**wish) -> list:
    found, cursor = [], ""
    while True:
        page = lists.page(lists.Asked(**wish), cursor=cursor, limit=97)
        found += page.profiles
        cursor = page.cursor
        if not cursor:
            return found


@pytest.mark.parametrize("order", sorted(lists.ORDERS))
def test_the_pages_hold_everybody_once(shop, order):
    found = [each.customer for each in walk(order=order)]

    assert len(found) == len(set(found)) == Profile.objects.count()


@pytest.mark.parametrize("order", sorted(RANKED))
def test_the_highest_comes_first_and_whoever_has_no_number_last(shop, order):
    values = [each.numbers[RANKED[order]].value for each in walk(order=order)]

    known = [each for each in values if each is not None]
    assert known == sorted(known, reverse=True)
    assert values[: len(known)] == known


@pytest.mark.parametrize("listed", ["slipping", "likely_loyal", "unlikely"])
def test_a_list_has_as_many_as_are_counted(shop, listed):
    found = walk(listed=listed)

    assert len(found) == lists.counts()[listed] > 0
    assert all(listed in each.lists for each in found)
    told = queries.summary(language="en").content["lists"]
    name = {"slipping": "at_risk", "unlikely": "unlikely_to_return"}.get(listed, listed)
    assert told[name]["customers"] == len(found)


def test_those_who_are_slipping_come_by_what_is_at_stake(shop):
    found = walk(listed="slipping")

    stakes = [each.at_stake.value for each in found]
    assert stakes == sorted(stakes, reverse=True)
    assert [each.code for each in found[0].reasons][:2] == ["silent", "at_stake"]


def test_what_calls_would_reach_is_kept_with_the_analysis(shop):
    shown = queries.latest()

    kept = calls.worth_a_call(shown)

    assert shown.calls
    again = calls.calls_of(shown.id)
    # Rows are added up in the order they lie in, so the last digits differ.
    for one, other in ((kept.first, again.first), (kept.all, again.all)):
        assert vars(one) == pytest.approx(vars(other))
    assert 0 < kept.first.customers == lists.counts()["worth_a_call"] <= kept.all.customers
    assert 0 <= kept.all.lo < kept.all.at_stake < kept.all.hi


def test_a_group_is_listed_by_itself(shop):
    some = Profile.objects.order_by("-spend_total").values_list("customer_id", flat=True)
    Profile.objects.filter(customer_id__in=list(some[:100])).update(customer_group="stranger")

    found = walk(group="stranger", order="value")

    assert len(found) == 100
    assert {each.group for each in found} == {"stranger"}
    assert walk(group="barnacle") == []


@pytest.mark.parametrize("cursor", ["x", "1~2", "nan~cus_0000000000000000000000000z", "~"])
def test_a_cursor_of_ones_own_making_is_refused(shop, cursor):
    with pytest.raises(lists.CursorUnreadable):
        lists.page(lists.Asked(), cursor=cursor)


def test_a_list_that_is_not_there_is_refused(shop):
    with pytest.raises(lists.ListUnknown):
        lists.page(lists.Asked("everybody"))


def test_a_later_day_tells_what_changed(shop, analysed):
    before = queries.latest()

    done = analysed(as_of=before.as_of + timedelta(days=28))

    told = queries.changes()
    assert queries.latest() == done
    assert told["as_of"] == str(before.as_of)
    for name in ("slipping", "worth_a_call", "likely_loyal", "unlikely"):
        moved = told["lists"][name]
        for move in lists.MOVES:
            asked = lists.Asked(name, moved=move)
            assert lists.count(asked, of=done) == len(walk(listed=name, moved=move))
            assert lists.count(asked, of=done) == moved[move]
        assert moved["before"] + moved["new"] - moved["gone"] == moved["after"]
    assert told["numbers"]["customers"]["after"] == done.counts["customers"]
    assert sum(each["new"] + each["gone"] for each in told["lists"].values()) > 0
