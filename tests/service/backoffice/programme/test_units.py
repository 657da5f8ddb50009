"""A draft takes another unit; one that members have keeps what it is, and stays."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


def test_a_unit_is_added_and_rules_may_give_it(owner, to, draft, draft_id, changed, form_of):
    address = to("part_new", draft_id, "units", "one")
    page = owner.get(address)
    given = {"code": "stars", "kind": "growth", "name_zh": "星星", "name_en": "Stars"}

    added = owner.post(address, form_of(page, form="part", act="keep", **given))

    assert added.status_code == 303
    assert "they cannot be changed" in page.content.decode()
    unit = changed(draft)["units"][-1]
    assert (unit["code"], unit["kind"], unit["adjust_limit"]) == ("stars", "growth", 10_000)
    assert unit["name"] == {"zh": "星星", "en": "Stars"}
    rule = owner.get(to("part_new", draft_id, "rules", "fixed")).content.decode()
    assert '<option value="stars">Stars</option>' in rule
    last = to("part_at", draft_id, "units", len(changed(draft)["units"]) - 1)
    shown = owner.get(last)
    assert "stars: growth value, only for tiers" in shown.content.decode()
    assert 'name="kind"' not in shown.content.decode()
    assert shown.context["page"].removable


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"code": "points", "kind": "stored_value"}, "before and stays that"),
        ({"code": "points", "kind": "points"}, "is used twice"),
        ({"code": "Two words", "kind": "points"}, "aria-invalid"),
        ({"code": "", "kind": "points"}, "aria-invalid"),
        ({"code": "stars", "kind": "gold"}, "aria-invalid"),
        ({"code": "stars", "kind": "points", "name_zh": ""}, "aria-invalid"),
        (
            {"code": "stars", "kind": "growth", "transfers": "on"},
            "Growth value cannot be given",
        ),
    ],
)
def test_a_unit_that_cannot_be_is_refused_at_its_field(
    owner, to, draft, draft_id, changed, form_of, given, said
):
    address = to("part_new", draft_id, "units", "one")
    before = changed(draft)
    sent = form_of(owner.get(address), form="part", act="keep", name_zh="星") | given

    answer = owner.post(address, sent)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert changed(draft) == before


def test_a_unit_that_members_have_is_not_taken_out(
    owner, to, draft, draft_id, changed, form_of
):
    before = changed(draft)
    page = owner.get(to("part_at", draft_id, "units", 0))

    answer = owner.post(
        to("part_remove", draft_id, "units", 0), {"revision": draft.revision, "key": "k"}
    )

    assert not page.context["page"].removable
    assert "so it cannot be taken out" in owner.get(answer["Location"]).content.decode()
    assert changed(draft) == before
