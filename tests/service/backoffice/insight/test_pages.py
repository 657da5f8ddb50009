"""What the analysis found, how far to believe it, asking for it anew; and Today."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from counter import Counter
from looked import AS_OF, SAYS, TRUST, analysis, customer, profile

from huitouke.service.backoffice.insight.profile import profile_of
from huitouke.service.core import clock
from huitouke.service.core.ids import public_id
from huitouke.service.ledger import lapsing
from huitouke.service.ledger.units import units
from huitouke.service.loop.models import Analysis
from huitouke.service.orders.models import Order
from huitouke.service.ui.reader import Reader, reading

pytestmark = pytest.mark.django_db
CHANGES = {
    "before": public_id("ana", UUID(int=7)),
    "as_of": "2026-05-31",
    "numbers": {
        "customer_equity": {
            "before": 1_000.0,
            "after": 1_200.0,
            "interval": {"before": [900.0, 1_100.0], "after": [1_080.0, 1_320.0]},
        },
        "customers": {"before": 40, "after": 41},
    },
    "lists": {
        name: {"before": 1, "after": 3, "new": 2, "gone": 0}
        for name in ("slipping", "likely_loyal", "unlikely")
    },
    "groups": {},
}


@pytest.fixture
def looked():
    who = customer("Anna Lee")
    analysis(profiles=[profile(who, at_stake=80.0)], changes=CHANGES)
    return who


def test_the_page_says_the_finding_the_numbers_and_what_is_missing(looked, as_role):
    text = as_role().get("/staff/insight").content.decode()

    assert SAYS["en"] in text
    assert '<td class="number">311</td>' in text
    assert "n = 2,500." in text
    assert "too few to tell" in text
    assert "¥1,200" in text
    assert "(80% interval ¥1,080 to ¥1,320; n = 41)" in text
    assert "2 came on" in text


def test_what_was_counted_otherwise_before_is_said_and_not_compared(as_role):
    equity = {"customer_equity": {"before": None, "after": 1_200.0}}
    unlike = {"margin": {"before": 0.3, "after": 0.25}}
    analysis(changes={**CHANGES, "numbers": equity, "conditions": unlike})
    client = as_role()

    pages = [client.get(f"/staff/{page}").content.decode() for page in ("insight", "today")]

    for page in pages:
        assert "Counted with other conditions: margin 30% then, 25% now." in page
        assert "Customer equity" not in page
        assert "2 came on" in page


def test_past_analyses_say_what_they_counted_with(looked, as_role):
    page = as_role().get("/staff/insight/analyses")

    (past,) = page.context["page"].past
    assert (past.margin, past.discount_rate) == ("30%", "15%")
    assert "Discount rate" in page.content.decode()


@pytest.fixture
def two_days():
    """Analyses of two days; what each said of the shop begins with its day."""
    made = {}
    for name, day in (("then", AS_OF - timedelta(days=7)), ("now", AS_OF)):
        found = analysis(
            as_of=day, profiles=[profile(customer(), at_stake=9.0)], changes=CHANGES
        )
        for telling in found.tellings.all():
            telling.story["findings"][0]["sentence"] = f"Said {name}."
            telling.save()
        made[name] = found
    return made


@pytest.mark.parametrize("days", [0, 3])
@pytest.mark.parametrize("page", ["insight", "insight/models"])
def test_what_was_said_as_of_a_day_is_shown_and_marked(two_days, as_role, page, days):
    asked = two_days["then"].as_of + timedelta(days=days)
    client = as_role("analyst")

    then = client.get(f"/staff/{page}", {"as_of": asked})
    now = client.get(f"/staff/{page}")

    assert then.context["page"].standing.as_of == two_days["then"].as_of
    assert "This is what the analysis said then." in then.content.decode()
    assert "This is what the analysis said then." not in now.content.decode()


def test_a_page_of_the_past_leads_to_no_list_of_today(two_days, as_role):
    then = as_role().get("/staff/insight", {"as_of": two_days["then"].as_of})

    text = then.content.decode()
    assert "Said then." in text
    assert "/staff/insight/lists/slipping" not in text
    assert "2 came on" in text
    assert f"/staff/insight/models?as_of={two_days['then'].as_of}" in text


def test_past_analyses_open_what_they_said_and_replaced_ones_do_not(two_days, as_role):
    replaced = two_days["now"]
    analysis(as_of=replaced.as_of, margin=0.5)
    client = as_role()

    past = client.get("/staff/insight/analyses").context["page"].past

    opened = [each.url and client.get(each.url).context["page"].standing.as_of for each in past]
    assert opened == [replaced.as_of, "", two_days["then"].as_of]


def test_before_the_first_analysis_and_without_a_day_the_page_says_so(two_days, as_role):
    client = as_role()

    before = client.get("/staff/insight", {"as_of": "2001-01-01"})
    nonsense = client.get("/staff/insight", {"as_of": "yesterday"})

    assert before.status_code == 404
    assert "or a day before it" in before.content.decode()
    assert nonsense.context["page"].standing.then == ""


def test_each_reader_has_the_findings_in_their_language(looked, as_role):
    client = as_role()
    client.cookies["huitouke_language"] = "zh"

    text = client.get("/staff/insight").content.decode()

    assert SAYS["zh"] in text
    assert "购买概率" in text


def test_the_models_page_marks_what_is_in_use_beside_its_rivals(looked, as_role):
    answer = as_role("analyst").get("/staff/insight/models")

    text = answer.content.decode()
    assert TRUST["en"] in text
    assert "Pareto/NBD" in text
    assert text.count(">chosen<") == 1
    assert "A high risk is not a reason to contact someone." in text


@pytest.mark.parametrize("page", ["", "/models", "/lists/slipping"])
def test_before_anything_was_analysed_the_page_offers_what_is_missing(as_role, page):
    text = as_role().get(f"/staff/insight{page}").content.decode()

    assert "No orders yet" in text
    assert "/staff/imports" in text


def test_with_orders_the_page_offers_the_analysis_in_one_button(as_role):
    shop = Counter().open()
    shop.buy(shop.member("Anna Lee"), 12_000)
    assert Order.objects.exists()

    owner, marketer = (
        as_role(role).get("/staff/today").content.decode() for role in ("owner", "marketer")
    )

    assert "Analyse the orders" in owner
    assert "Ask the owner or an analyst" in marketer
    assert "Analyse the orders" not in marketer


def test_asking_twice_with_one_form_gives_one_analysis(as_role):
    client = as_role("analyst")
    form = {"key": "abc", "margin": "25", "discount_rate": "10", "as_of": "2026-06-30"}

    first, second = (client.post("/staff/insight/analyses/ask", form) for _ in range(2))

    assert (first.status_code, second.status_code) == (303, 303)
    made = Analysis.objects.get()
    assert (made.margin, made.discount_rate, str(made.asked_as_of)) == (0.25, 0.1, "2026-06-30")
    assert "An analysis waits for its turn" in client.get(first["Location"]).content.decode()


def test_a_form_that_makes_no_sense_comes_back_with_the_reason(as_role):
    answer = as_role().post("/staff/insight/analyses/ask", {"margin": "0"})

    assert answer.status_code == 422
    assert answer.context["page"].form.errors.keys() == {"margin"}


def test_another_analysis_in_the_way_is_told_above_the_form(as_role):
    client = as_role()
    client.post("/staff/insight/analyses/ask", {"key": "a"})

    answer = client.post("/staff/insight/analyses/ask", {"key": "b", "margin": "20"})

    assert answer.status_code == 422


def test_progress_is_asked_for_until_the_end(as_role):
    client = as_role()
    client.post("/staff/insight/analyses/ask", {"key": "a"})
    made = Analysis.objects.get()
    address = f"/staff/insight/analyses/{public_id('ana', made.id)}"

    waits = client.get(address).content.decode()
    called_off = client.post(f"{address}/cancel", {"key": "c"})
    ended = client.get(address).content.decode()

    assert "hx-trigger" in waits
    assert called_off.status_code == 303
    assert "hx-trigger" not in ended
    assert "The analysis was called off" in ended


def test_a_failure_is_told_in_words_where_one_looks(looked, as_role):
    Analysis.objects.create(
        state="failed", margin=0.3, discount_rate=0.1, asked_at=clock.now() + timedelta(1),
        asked_by="system:huitouke", ended_at=clock.now(), error_code="facts.none",
        error_says={"en": "There was no order.", "zh": "没有订单。"},
    )  # fmt: skip
    client = as_role()

    pages = [client.get(f"/staff/{page}") for page in ("today", "insight/analyses")]

    assert all("There was no order." in page.content.decode() for page in pages)


@pytest.mark.parametrize("method", ["ask", "cancel"])
def test_forged_forms_and_roles_without_the_right_start_nothing(as_role, method, browser):
    address = "/staff/insight/analyses/ask"
    if method == "cancel":
        address = f"/staff/insight/analyses/{public_id('ana', customer().pk)}/cancel"

    assert as_role("marketer").post(address).status_code == 403
    assert not Analysis.objects.exists()


def test_today_says_who_is_slipping_and_leads_to_the_list(looked, as_role):
    text = as_role("marketer").get("/staff/today").content.decode()

    assert "A customer is slipping and worth a call." in text
    assert "/staff/insight/lists/slipping" in text
    assert "¥80 (80% interval ¥64 to ¥96, each customer" in text
    assert TRUST["en"] in text


def test_today_leads_to_exactly_those_who_are_worth_a_call(as_role):
    stakes = {"Anna": 100.0, "Bo": 300.0, "Cleo": 40.0}
    analysis(profiles=[profile(customer(each), at_stake=stakes[each]) for each in stakes])
    client = as_role("marketer")

    slipping, calls = client.get("/staff/today").context["page"].sentences
    listed = client.get(calls.href).context["page"].rows

    assert (slipping.figure, calls.figure) == ("3", "2")
    assert "¥400 (80% interval ¥320 to ¥480" in calls.support
    assert [row.name for row in listed] == ["Bo", "Anna"]


@pytest.mark.parametrize("role", ["care", "front_line", "developer"])
def test_today_tells_no_figures_to_who_may_not_see_them(looked, as_role, role):
    answer = as_role(role).get("/staff/today")

    assert answer.status_code == 200
    assert "slipping" not in answer.content.decode()


def test_points_that_lapse_this_week_are_told_with_whose_they_are(as_role):
    shop = Counter().open()
    shop.member("Anna Lee", points=500, expires_at=shop.later(days=5))
    shop.member("Late Comer", points=900, expires_at=shop.later(days=40))
    client = as_role()

    today = client.get("/staff/today").content.decode()
    answer = client.get("/staff/today/lapsing")

    assert "500 points of 1 customer lapse within 7 days." in today
    assert [(row.name, row.points) for row in answer.context["page"].rows] == [
        ("Anna Lee", 500)
    ]


def test_what_lapses_is_counted_no_further_than_the_bound(monkeypatch):
    shop = Counter().open()
    for name in ("Anna", "Bo"):
        shop.member(name, points=10, expires_at=shop.later(days=2))
    monkeypatch.setattr(lapsing, "ACCOUNTS_MOST", 1)

    unit = next(each.unit for each in units() if each.code == "main.points")

    found = lapsing.lapsing(unit, until=clock.now() + timedelta(days=7))

    assert (found.more, found.accounts, found.points) == (True, 2, 20)


def test_the_page_of_a_customer_says_value_chance_and_why(looked, as_role):
    text = as_role().get(f"/staff/customers/{public_id('cus', looked.pk)}").content.decode()

    assert "Value and loyalty" in text
    assert "between ¥60 and ¥120" in text
    assert "Silent for 90 days" in text


def test_who_is_not_in_the_analysis_is_told_why(looked):
    other = customer("Bo Chen")

    with reading(Reader("en")):
        said = profile_of(other.pk).absent

    assert "says nothing of this customer" in said
