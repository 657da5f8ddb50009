"""Acts on a customer: done once, told in words, refused with a reason, noted with the actor."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from counter import BOSS, form_key, key
from django.test import Client
from django.urls import reverse

from huitouke.service.core import audit
from huitouke.service.core.ids import public_id
from huitouke.service.customers import commands
from huitouke.service.customers import queries as people
from huitouke.service.customers.following import CustomerErased
from huitouke.service.customers.models import Consent, Customer
from huitouke.service.programme.models import Adjustment

pytestmark = pytest.mark.django_db


def at(name, customer):
    return reverse(name, args=[key(customer)])


def adjusting(points=200, **more):
    return {"points": points, "reason_code": "goodwill", "note": "Late <b>tea</b>", **more}


def test_points_are_adjusted_once_however_often_the_form_is_sent(shop, as_role):
    made, client = shop.member(), as_role()
    form = adjusting(key=form_key(client.get(at("customer_adjust", made)), -1))

    first = client.post(at("customer_adjust", made), form)
    second = client.post(at("customer_adjust", made), form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"] == at("customer", made)
    assert shop.balance(made).active == 200
    page = client.get(first["Location"]).content.decode()
    assert "200 points given" in page
    assert "<b>tea</b>" not in page
    noted = audit.lines(target=key(made))[0]
    assert noted.action == "adjustment.asked"
    assert noted.actor.startswith("staff:stf_")


def test_a_key_is_not_used_for_another_act(shop, as_role):
    made, client = shop.member(), as_role()
    client.post(at("customer_adjust", made), adjusting(key="k1"))

    again = client.post(at("customer_adjust", made), adjusting(points=300, key="k1"))

    assert again.status_code == 422
    assert shop.balance(made).active == 200


@pytest.mark.parametrize(
    ("given", "said"), [({"points": "x"}, "whole number"), ({"points": ""}, "required")]
)
def test_a_wrong_form_comes_back_with_its_errors_and_the_focus_there(
    shop, as_role, given, said
):
    made = shop.member()

    answer = as_role().post(at("customer_adjust", made), adjusting(**given))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert "autofocus" in text
    assert shop.balance(made).active == 0


def test_no_more_is_taken_than_there_is(shop, as_role):
    made, client = shop.member(points=50), as_role()

    answer = client.post(at("customer_adjust", made), adjusting(points=-80, key="k"))

    assert (
        "fewer points than were to be taken" in client.get(answer["Location"]).content.decode()
    )
    assert shop.balance(made).active == 50


def test_above_the_limit_a_second_person_decides_and_not_the_first(shop, as_role):
    made = shop.member()
    first, second = as_role(), as_role()
    first.post(at("customer_adjust", made), adjusting(points=90_000, key="k"))
    waiting = reverse("adjustments")

    own = first.get(waiting)
    others = second.get(waiting)
    url = others.context["page"].waiting[0].url
    refused = first.post(url, {"decision": "approve", "key": "a"})
    done = second.post(url, {"decision": "approve", "key": form_key(others, -1)})

    assert "wait for a second person" in own.content.decode()
    assert "somebody else decides" in own.content.decode()
    assert refused.status_code == 403
    assert done["Location"] == waiting
    assert shop.balance(made).active == 90_000
    assert second.get(waiting).context["page"].waiting == ()


def test_a_rejected_adjustment_books_nothing_and_says_why(shop, as_role):
    made = shop.member()
    as_role().post(at("customer_adjust", made), adjusting(points=90_000, key="k"))
    client = as_role()
    page = client.get(reverse("adjustments"))
    url = page.context["page"].waiting[0].url

    silent = client.post(url, {"decision": "reject", "note": " ", "key": "q"}, follow=True)
    waits = Adjustment.objects.get().state
    client.post(url, {"decision": "reject", "note": "Too <i>much", "key": "r"})
    again = client.post(url, {"decision": "approve", "key": "s"})

    assert 'name="note"' in page.content.decode()
    assert "Say why it is rejected" in silent.content.decode()
    assert waits == "waiting"
    assert Adjustment.objects.get().state == "rejected"
    assert again.status_code == 409
    assert shop.balance(made).active == 0
    assert "Too &lt;i&gt;much" in client.get(at("customer", made)).content.decode()


def test_a_customer_is_enrolled_once(shop, as_role):
    made, client = shop.customer(), as_role("care")

    for sent in ("one", "two"):
        answer = client.post(at("customer_enrol", made), {"key": sent})
        assert answer.status_code == 303

    assert people.get(made.pk).stage == "member"


def test_identities_are_added_verified_and_removed(shop, as_role):
    made, client = shop.customer(phone="13812345678"), as_role("care")

    client.post(at("customer_identity", made), {"kind": "card", "value": "vip 1", "key": "a"})
    client.post(
        at("customer_verify", made), {"kind": "phone", "value": "+8613812345678", "key": "b"}
    )
    known = {each.kind: each for each in people.get(made.pk).identities.all()}
    client.post(at("customer_remove", made), {"kind": "card", "value": "VIP1", "key": "c"})

    assert known["card"].value == "VIP1"
    assert known["phone"].verified_at is not None
    assert [each.kind for each in people.get(made.pk).identities.all()] == ["phone"]


def test_details_are_corrected_and_emptied(shop, as_role):
    made, client = shop.customer("Lin", household="H1", language="fr"), as_role("care")
    shown = client.get(at("customer_details", made)).context["page"].form
    assert [str(shown[name].value()) for name in ("name", "household", "language")] == [
        "Lin", "H1", "fr",
    ]  # fmt: skip

    given = {"name": " Lin Na ", "birthday_on": "1990-02-28", "gender": "female"}
    answer = client.post(
        at("customer_details", made), given | {"language": "fr", "household": "", "key": "a"}
    )

    assert answer.status_code == 303
    found = people.get(made.pk)
    assert (found.name, str(found.birthday_on), found.gender) == (
        "Lin Na", "1990-02-28", "female",
    )  # fmt: skip
    assert (found.language, found.household) == ("fr", "")
    line = audit.lines(target=key(made))[0]
    assert line.action == "customer.changed"
    assert "1990" not in str(line.facts)


@pytest.mark.parametrize(
    "wrong",
    [{"birthday_on": "2999-01-01"}, {"language": "xx"}, {"gender": "x"}, {"name": "a\x01b"}],
)
def test_details_that_cannot_be_are_refused_and_nothing_is_kept(shop, as_role, wrong):
    made = shop.customer("Lin")
    given = {"name": "Wang", "language": "zh", "key": "a"}

    answer = as_role().post(at("customer_details", made), given | wrong)

    assert answer.status_code == 422
    assert people.get(made.pk).name == "Lin"


def test_an_identity_of_somebody_else_is_refused_at_the_form(shop, as_role):
    shop.customer(phone="13812345678")
    made = shop.customer()

    answer = as_role().post(
        at("customer_identity", made), {"kind": "phone", "value": "138 1234 5678", "key": "a"}
    )

    assert answer.status_code == 422
    assert "belongs to customer" in answer.content.decode()


def test_what_cannot_be_removed_is_told_on_the_page_of_the_customer(shop, as_role):
    made, client = shop.customer(), as_role()

    answer = client.post(
        at("customer_remove", made), {"kind": "card", "value": "VIP9", "key": "a"}
    )

    assert "has no such identity" in client.get(answer["Location"]).content.decode()


def test_consent_is_recorded_once_with_wording_and_source(shop, as_role):
    made, client = shop.customer(), as_role("care")
    given = {
        "channel": "sms",
        "purpose": "marketing",
        "given": "yes",
        "wording_version": "sms-1",
        "source": "hotline",
        "proof": "call 12",
        "key": "a",
    }

    client.post(at("customer_consent", made), given)
    client.post(at("customer_consent", made), given)
    client.post(at("customer_consent", made), {**given, "given": "no", "key": "b"})

    words = list(Consent.objects.order_by("at").values_list("given", "source"))
    assert words == [(True, "hotline"), (False, "hotline")]


def test_a_yes_without_the_words_that_were_shown_is_refused(shop, as_role):
    made = shop.customer()
    given = {"channel": "sms", "purpose": "marketing", "given": "yes", "source": "hotline"}

    answer = as_role().post(at("customer_consent", made), given)

    assert answer.status_code == 422
    assert not Consent.objects.exists()


def test_two_records_are_compared_merged_and_moved_apart(shop, as_role):
    stays, goes = shop.member("Lin Xiaoyu", points=100), shop.member("Lin X.", points=40)
    shop.buy(goes, 9_000)
    client = as_role("care")
    url = at("customer_merge", stays)

    found = client.get(url, {"q": "Lin X."}).context["page"].found
    side_by_side = client.get(url, {"other": found[0].key})
    pair = side_by_side.context["page"].pair
    form = {"other": found[0].key, "key": form_key(side_by_side, -1)}
    merged = client.post(url, form)
    twice = client.post(url, form)
    page = client.get(merged["Location"])

    assert (pair.goes.orders, pair.goes.points) == (1, 40)
    assert any("Two names" in each for each in pair.conflicts)
    assert merged["Location"] == twice["Location"] == at("customer", stays)
    assert shop.balance(stays).active == 140
    undo = page.context["page"].merges[0].undo_url
    client.post(undo, {"key": "u"})
    assert shop.balance(stays).active == 100
    assert people.get(goes.pk).pk == goes.pk


def test_a_customer_is_not_merged_with_themselves(shop, as_role):
    made = shop.member()

    answer = as_role().get(at("customer_merge", made), {"other": key(made)})

    assert answer.context["page"].pair is None
    assert "this very customer" in answer.content.decode()


def test_a_merge_that_cannot_be_undone_any_more_says_so(shop, as_role, shift_clock):
    stays, goes = shop.member(), shop.member()
    made = commands.merge(goes.pk, into=stays.pk, at=shop.now, actor=BOSS)
    shift_clock(timedelta(days=31))
    client = as_role()
    url = reverse("customer_unmerge", args=[public_id("mrg", made.pk)])
    answer = client.post(url, {"key": "u"})

    assert "older than 30 days" in client.get(answer["Location"]).content.decode()


def test_erasing_is_typed_warns_and_gives_up_points_only_if_agreed(shop, as_role):
    made = shop.member("Lin Xiaoyu", points=70)
    client = as_role("care")
    url = at("customer_erase", made)
    warned = client.get(url).content.decode()

    wrong = client.post(url, {"typed": "nothin", "warned": "on", "key": "a"})
    done = client.post(url, {"typed": key(made)[-6:].upper(), "warned": "on", "key": "b"})

    assert "70 to spend" in warned
    assert wrong.status_code == 422
    assert done["Location"] == reverse("customers")
    assert Customer.objects.get(pk=made.pk).name == ""
    assert client.get(at("customer", made)).status_code == 410
    assert [line.action for line in audit.lines(target=key(made))][:2] == [
        "member.erased",
        "points.forfeited",
    ]
    with pytest.raises(CustomerErased):
        people.get(made.pk)


def test_a_person_gets_their_data_as_a_file_and_that_is_noted(shop, as_role):
    made = shop.member("Lin Xiaoyu", phone="13812345678")

    answer = as_role("care").post(at("customer_data", made))

    assert answer["Content-Disposition"].startswith(f'attachment; filename="{key(made)}')
    told = json.loads(answer.content)
    assert told["customer"]["name"] == "Lin Xiaoyu"
    assert audit.lines(target=key(made))[0].action == "customer.data_handed_over"


@pytest.mark.parametrize(
    "name",
    [
        "customer_adjust",
        "customer_tier",
        "customer_enrol",
        "customer_details",
        "customer_identity",
        "customer_verify",
        "customer_remove",
        "customer_consent",
        "customer_merge",
        "customer_erase",
        "customer_data",
    ],
)
def test_no_act_is_done_without_the_mark_of_our_own_form(shop, person, name):
    made = shop.member()
    client = Client(enforce_csrf_checks=True, headers={"Accept": "text/html"})
    client.force_login(person("owner"))

    answer = client.post(at(name, made), {"key": "a"})

    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode() or "表单" in answer.content.decode()
