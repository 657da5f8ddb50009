"""A draft is changed one part at a time; what a form does not say stays as it was."""

from __future__ import annotations

import pytest
from django.test import Client

from huitouke.service.core import audit
from huitouke.service.core.ids import public_id
from huitouke.service.programme.models.versions import Version

pytestmark = pytest.mark.django_db

RICH = {
    "id": "rich",
    "name": {"zh": "全都写上", "en": "All of it"},
    "on": "order.paid",
    "gives": {"kind": "per_spend", "points": 3, "per_minor": 250},
    "unit": "points",
    "when": [
        {"fact": "order.eligible_minor", "op": "gte", "value": 9950},
        {"fact": "member.tier", "op": "in", "value": ["gold", "diamond"]},
        {"fact": "order.items", "op": "gt", "value": 2},
        {"fact": "order.store", "op": "eq", "value": "7, east"},
        {"fact": "member.birthday", "op": "eq", "value": "month"},
        {"fact": "order.channel", "op": "ne", "value": "true"},
    ],
    "window": {
        "from_on": "2026-03-01",
        "to_on": "2027-03-31",
        "weekdays": [1, 5],
        "month_days": [8, 18],
        "from_time": "18:00:00",
        "to_time": "22:30:00",
    },
    "scope": {
        "include": {
            "skus": ["s1"],
            "categories": ["tea, black", "水果、蔬菜"],
            "brands": ["b"],
        },
        "exclude": {"skus": [], "categories": ["gift"], "brands": []},
    },
    "caps": [
        {"points": 50, "per": "order", "pool": ""},
        {"points": 500, "per": "month", "pool": "spring"},
    ],
    "once": None,
    "pending": {"on": "delivered", "days": 3, "at_latest_days": 30},
    "expiry": {"kind": "fixed_day", "month": 6, "day": 30, "least_months": 2},
    "members_only": False,
    "enabled": False,
}
OWN_FACT = {
    "id": "own",
    "name": {"zh": "扫码", "en": ""},
    "on": "x.scan",
    "gives": {"kind": "fixed", "points": 5},
    "when": [{"fact": "fact.has_photo", "op": "eq", "value": True}],
    "once": "year",
    "expiry": {"kind": "never"},
}
COMPOUND = {
    "id": "compound",
    "name": {"zh": "叠乘", "en": "Compound"},
    "on": "order.paid",
    "gives": {"kind": "multiplier", "num": 4, "den": 3, "of": ["spend"], "compound": True},
}
EVERY = [("part", name, None) for name in ("tiers", "benefits", "basics", "burn", "referral")]
EVERY += [("part_at", "rules", place) for place in range(11)]
EVERY += [("part_at", "tier", place) for place in range(3)]
EVERY += [("part_at", "stamps", 0), ("part_at", "units", 0), ("part_at", "units", 1)]


@pytest.fixture
def full_draft(draft):
    """A draft that says all that rules can say."""
    definition = draft.definition
    definition["rules"] += [RICH, OWN_FACT, COMPOUND]
    definition["referral"]["expiry"] = {"kind": "rolling", "months": 3, "round": "none"}
    definition["tiers"]["tiers"][2]["paid"] = {"price_minor": 29900, "months": 12}
    from huitouke.service.programme.rules.definition import Definition

    draft.definition = Definition.model_validate(definition).model_dump(mode="json")
    draft.save()
    return draft


@pytest.mark.parametrize(("name", "part", "place"), EVERY)
def test_a_form_that_is_sent_as_it_was_shown_changes_nothing(
    owner, to, full_draft, changed, form_of, name, part, place
):
    address = to(
        name, public_id("ver", full_draft.id), part, *([] if place is None else [place])
    )
    before = full_draft.definition

    sent = form_of(owner.get(address), form="part", act="keep")
    answer = owner.post(address, sent)

    assert answer.status_code == 303, answer.content.decode()
    assert changed(full_draft) == before


def test_a_sentence_is_rewritten_and_everything_else_stays(
    owner, to, draft, draft_id, changed, form_of
):
    address = to("part_at", draft_id, "rules", 0)
    before = draft.definition
    sent = form_of(owner.get(address), form="part", act="keep", per="12.50", points="3")

    owner.post(
        address, sent | {"in_categories": "tea，coffee", "cap0_points": "90", "cap0_per": "day"}
    )

    after = changed(draft)
    assert after["rules"][0]["gives"] == {"kind": "per_spend", "points": 3, "per_minor": 1250}
    assert after["rules"][0]["scope"]["include"]["categories"] == ["tea", "coffee"]
    assert after["rules"][0]["caps"] == [{"points": 90, "per": "day", "pool": ""}]
    assert after["rules"][1:] == before["rules"][1:]
    assert {**after, "rules": []} == {**before, "rules": []}


def test_members_give_points_within_a_limit_and_after_a_wait(
    owner, to, draft, draft_id, changed, form_of
):
    address = to("part_at", draft_id, "units", 0)
    sent = form_of(
        owner.get(address), form="part", act="keep", transfer_limit="500", transfer_wait="3"
    )

    bad = owner.post(address, sent | {"transfers": "on", "transfer_limit": "0"})
    owner.post(address, sent | {"transfers": "on"})

    unit = changed(draft)["units"][0]
    assert bad.status_code == 422
    assert (unit["transfers"], unit["transfer_limit"], unit["transfer_wait"]) == (True, 500, 3)
    said = owner.get(to("draft", draft_id)).content.decode()
    assert "at most 500 points a day each" in said
    assert "what is given is available after 3 days" in said


def test_a_condition_takes_the_name_of_a_tier_and_money_in_major_units(
    owner, to, draft, draft_id, changed, form_of
):
    address = to("part_at", draft_id, "rules", 0)
    sent = form_of(owner.get(address), form="part", act="keep")

    owner.post(
        address,
        sent | {"when0_fact": "member.tier", "when0_op": "in", "when0_value": "金卡, Diamond"},
    )
    again = form_of(owner.get(address), form="part", act="keep")
    owner.post(
        address,
        again | {"when1_fact": "order.total_minor", "when1_op": "gte", "when1_value": "99.5"},
    )

    assert changed(draft)["rules"][0]["when"] == [
        {"fact": "member.tier", "op": "in", "value": ["gold", "diamond"]},
        {"fact": "order.total_minor", "op": "gte", "value": 9950},
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"points": "three"}, "Write a whole number."),
        ({"points": ""}, "Fill this in."),
        ({"per": "1.005"}, "Write an amount"),
        ({"per": "0"}, "At least 0.01."),
        ({"name_zh": "", "name_en": ""}, "A name needs zh or en."),
        ({"from_on": "2026-05-01", "to_on": "2026-04-01"}, "ends before it begins"),
        ({"when0_fact": "member.tier", "when0_op": "eq", "when0_value": "platinum"}, "no tier"),
        ({"expiry_kind": "rolling", "expiry_months": ""}, "whole number"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(
    owner, to, draft, draft_id, changed, form_of, given, said
):
    address = to("part_at", draft_id, "rules", 0)
    before = draft.definition
    sent = form_of(owner.get(address), form="part", act="keep", **given)

    answer = owner.post(address, sent)

    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert 'aria-invalid="true"' in text
    assert changed(draft) == before


def test_a_multiplier_without_anything_to_multiply_is_a_problem_at_its_field(
    owner, to, draft, draft_id, changed, form_of
):
    address = to("part_new", draft_id, "rules", "multiplier")
    sent = form_of(owner.get(address), form="part", act="keep", unit="growth", name_en="More")
    draft.definition["rules"] = draft.definition["rules"][:1]
    draft.save()

    answer = owner.post(address, sent)

    assert answer.status_code == 422
    assert "no rule per spend to multiply" in answer.content.decode()


def test_parts_are_added_and_taken_out(owner, to, draft, draft_id, changed, form_of):
    address = to("part_new", draft_id, "rules", "per_item")
    sent = form_of(owner.get(address), form="part", act="keep", name_zh="每件两分", points="2")

    added = owner.post(address, sent)
    again = owner.post(address, sent)

    assert added.status_code == again.status_code == 303
    rules = changed(draft)["rules"]
    assert [each["id"] for each in rules].count("rule_9") == 1
    assert rules[-1]["gives"] == {"kind": "per_item", "points": 2}
    last = len(rules) - 1
    form = to("part_remove", draft_id, "rules", last)
    shown = owner.get(to("part_at", draft_id, "rules", last))
    owner.post(form, form_of(shown, form=form))
    assert len(changed(draft)["rules"]) == last


def test_who_was_overtaken_is_told_and_overwrites_nothing(
    owner, to, draft, draft_id, changed, form_of
):
    address = to("part", draft_id, "basics")
    first, second = (form_of(owner.get(address), form="part", act="keep") for _ in range(2))
    owner.post(address, first | {"return_days": "9"})

    answer = owner.post(address, second | {"return_days": "30"})

    assert answer.status_code == 422
    assert "someone has changed it" in answer.content.decode()
    assert changed(draft)["return_days"] == 9


def test_trying_shows_what_the_unsaved_rule_would_give_and_keeps_nothing(
    owner, to, draft, draft_id, changed, form_of
):
    address = to("part_at", draft_id, "rules", 0)
    before = draft.definition
    sent = form_of(owner.get(address), form="part", act="try", points="5", cart0_amount="100")

    answer = owner.post(address, sent, headers={"HX-Request": "true"})

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in text
    assert "500" in text
    assert "400 more" in text
    assert changed(draft) == before


def test_switching_a_part_off_takes_it_out_of_the_draft(
    owner, to, draft, draft_id, changed, form_of
):
    address = to("part", draft_id, "referral")
    sent = form_of(owner.get(address), form="part", act="keep")
    del sent["there"]

    owner.post(address, sent)

    assert changed(draft)["referral"] is None
    again = form_of(owner.get(address), form="part", act="keep", there="on")
    owner.post(address, again | {"advocate_points": "300"})
    assert changed(draft)["referral"]["advocate_points"] == 300


def test_a_benefit_is_added_and_the_line_of_one_breath_shows_it(
    owner, to, draft, draft_id, changed, form_of
):
    address = to("part_at", draft_id, "tier", 0)
    sent = form_of(owner.get(address), form="part", act="keep")

    owner.post(
        address,
        sent | {"benefit1_zh": "免费包装", "benefit1_short_en": "free wrapping"},
    )

    benefit = changed(draft)["tiers"]["tiers"][0]["benefits"][1]
    assert benefit["name"]["zh"] == "免费包装"
    assert benefit["kind"] == "monetary"
    assert "free wrapping" in owner.get(address).content.decode()


def test_a_name_that_looks_like_a_script_is_shown_as_letters(
    owner, to, draft, draft_id, form_of
):
    address = to("part_at", draft_id, "rules", 0)
    evil = "<script>alert(1)</script>"
    owner.post(address, form_of(owner.get(address), form="part", act="keep", name_en=evil))

    for page in (to("draft", draft_id), address, to("check", draft_id)):
        text = owner.get(page).content.decode()

        assert evil not in text, page
        assert "&lt;script&gt;" in text, page


def test_a_draft_begins_as_a_copy_once_however_often_the_form_is_sent(
    marketer, to, force, form_of
):
    form = to("begin", public_id("ver", force.id))
    sent = form_of(marketer.get(to("home")), form=form)

    first, second = (marketer.post(form, sent) for _ in range(2))

    assert first.status_code == second.status_code == 303
    assert first["Location"] == second["Location"]
    drafts = Version.objects.filter(state="draft")
    assert [each.definition for each in drafts] == [force.definition]


@pytest.mark.parametrize("role", ["care", "analyst", "developer"])
def test_who_only_reads_sees_a_draft_and_changes_nothing(
    person, sign_in, to, draft, draft_id, changed, role
):
    reader = sign_in(person(role))
    before = draft.definition

    shown = reader.get(to("draft", draft_id))
    answers = [
        reader.get(to("part_at", draft_id, "rules", 0)),
        reader.post(to("part_at", draft_id, "rules", 0), {"act": "keep"}),
        reader.post(to("part_remove", draft_id, "rules", 0)),
        reader.post(to("begin", draft_id)),
        reader.post(to("publish", draft_id)),
    ]

    assert shown.status_code == 200
    assert "/rules/0" not in shown.content.decode()
    assert [each.status_code for each in answers] == [403] * 5
    assert changed(draft) == before


def test_a_form_without_its_mark_is_refused(
    person, sign_in, browser, to, draft, draft_id, changed
):
    before = draft.definition
    client = sign_in(person("owner"))
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies

    answer = strict.post(to("part_at", draft_id, "rules", 0), {"act": "keep"})

    assert answer.status_code == 403
    assert changed(draft) == before


def test_an_unknown_draft_or_part_is_not_there(owner, to, draft_id):
    nobody = "ver_00000000000000000000000001"
    for address in (
        to("draft", nobody),
        to("draft", "ver_x"),
        to("part", draft_id, "nothing"),
        to("part_at", draft_id, "rules", 99),
        to("part_new", draft_id, "rules", "nothing"),
    ):
        assert owner.get(address).status_code == 404, address


def test_a_draft_page_asks_the_database_a_bounded_number_of_questions(
    owner, to, draft_id, django_assert_max_num_queries
):
    owner.get(to("draft", draft_id))
    with django_assert_max_num_queries(20):
        owner.get(to("draft", draft_id))


def test_a_draft_is_thrown_away_once_and_what_is_in_force_stays(
    marketer, to, force, draft, draft_id, form_of
):
    form = to("discard", draft_id)
    sent = form_of(marketer.get(to("draft", draft_id)), form=form)

    first, again = marketer.post(form, sent), marketer.post(form, sent)

    assert first["Location"] == again["Location"] == to("home")
    assert "The draft is thrown away." in marketer.get(to("home")).content.decode()
    assert marketer.get(to("draft", draft_id)).status_code == 404
    assert list(Version.objects.values_list("id", "state")) == [(force.id, "published")]
    (noted,) = audit.lines(target=draft_id, limit=1)
    assert noted.action == "programme.draft_discarded"
    assert noted.facts["number"] == draft.number


def test_what_was_published_is_never_thrown_away(marketer, to, force):
    answer = marketer.post(to("discard", public_id("ver", force.id)))

    assert answer.status_code == 409
    assert Version.objects.filter(pk=force.pk).exists()
