"""One customer on one page: all that is known, and one timeline of all that happened."""

from __future__ import annotations

import pytest
from counter import BOSS, key
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huitouke.service.core import audit
from huitouke.service.customers import commands
from huitouke.service.customers import queries as people
from huitouke.service.programme.people.listing import ground_of
from huitouke.service.programme.people.timeline import CursorUnknown, timeline

pytestmark = pytest.mark.django_db


def page_of(client, customer):
    return client.get(reverse("customer", args=[key(customer)]))


def full(shop):
    made = shop.member("Lin Xiaoyu", points=300, expires_at=shop.later(days=9))
    shop.buy(made, 12_000, 3_000)
    shop.coupon(made)
    commands.record_consent(
        made.pk,
        channel="sms",
        purpose="marketing",
        given=True,
        source="till/3",
        wording_version="sms-1",
        at=shop.now,
        actor=BOSS,
    )
    return people.get(made.pk)


def test_one_page_says_all_there_is(shop, as_role):
    made = full(shop)

    answer = page_of(as_role(), made)
    page = answer.context["page"]

    assert (page.bought.orders, page.bought.spend_minor) == (1, 15_000)
    assert (page.points.active, page.points.pending, page.points.next_points) == (300, 150, 300)
    assert page.points.waiting[0].from_on is not None
    assert "return window" in page.points.waiting[0].why
    assert page.tier.name == "Silver"
    assert any("reaches Gold" in each for each in page.tier.ways)
    assert page.tier.pace == "Too few weeks as a member to tell a pace."
    assert (page.cards[0].stamps, page.cards[0].of) == (1, 5)
    assert page.coupons[0].worth == "10% off"
    assert page.consents.now[0].given
    assert page.profile is None
    assert "Value and loyalty" not in answer.content.decode()


def test_the_page_says_when_somebody_wants_to_be_written_to(shop, as_role):
    made, client = shop.member("Lin Xiaoyu"), as_role("care")
    there = reverse("customer", args=[key(made)])
    before = client.get(there).context["page"].contact

    wish = {"days": [6, 7], "most_per_month": 2}
    commands.change(made.pk, at=shop.now, actor=BOSS, contact=wish)
    after = client.get(there)

    assert before == ()
    assert "Saturday and Sunday · at most 2 a month" in after.content.decode()


def test_the_timeline_tells_everything_once_newest_first(shop, as_role):
    made = full(shop)

    events = page_of(as_role(), made).context["page"].timeline.events
    titles = [each.title for each in events]

    assert [each.at for each in events] == sorted((each.at for each in events), reverse=True)
    for said in ("Order A", "Joined the programme", "Entered", "Yes to Offers and news by SMS"):
        assert sum(title.startswith(said) for title in titles) == 1, (said, titles)
    assert any("Points on purchases" in title for title in titles)
    assert any("Silver" in title for title in titles)


@pytest.mark.parametrize("kind", ["orders", "points", "tier", "rewards", "consent", "staff"])
def test_the_timeline_shows_one_kind_alone(shop, as_role, kind):
    made = full(shop)

    part = as_role().get(
        reverse("customer_history", args=[key(made)]),
        {"kind": kind},
        headers={"HX-Request": "true"},
    )
    ground = ground_of(now=shop.now)

    assert {each.kind for each in timeline(made.pk, ground=ground, kind=kind).moments} <= {kind}
    assert part.content.strip().startswith(b'<div id="timeline"')


@pytest.mark.parametrize("size", [1, 2, 7])
def test_pages_of_the_timeline_make_the_whole_of_it(shop, size):
    made = full(shop)
    at = shop.now
    # Several things of one moment, of one source and of several.
    for number in range(3):
        shop.buy(made, 1_000, at=at, number=f"same{number}")
    other = shop.member("Other")
    shop.buy(other, 2_000, at=at, number="same-too")
    commands.merge(other.pk, into=made.pk, at=at, actor=BOSS)
    ground = ground_of(now=shop.now)
    whole = timeline(made.pk, ground=ground, limit=200)

    found, cursor = [], ""
    while True:
        part = timeline(made.pk, ground=ground, cursor=cursor, limit=size)
        found += [each.key for each in part.moments]
        cursor = part.cursor
        if not cursor:
            break

    assert found == [each.key for each in whole.moments]
    assert len(found) == len(set(found)) > 15


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "2026-01-01~o.1",
        "2026-01-01T00:00:00+00:00~q.1",
        f"2026-01-01T00:00:00+00:00~o.{'-' * 36}",
        f"2026-01-01T00:00:00+00:00~a.{'9' * 19}",
    ],
)
def test_a_cursor_that_no_page_gave_is_refused(shop, cursor):
    with pytest.raises(CursorUnknown):
        timeline(shop.member().pk, ground=ground_of(now=shop.now), cursor=cursor)


def test_an_old_id_leads_to_the_record_of_today(shop, as_role):
    stays, goes = shop.member("Stays"), shop.member("Goes")
    commands.merge(goes.pk, into=stays.pk, at=shop.now, actor=BOSS)

    answer = page_of(as_role(), goes)

    assert answer["Location"] == reverse("customer", args=[key(stays)])


def test_lots_that_came_with_a_merge_keep_their_reasons(shop, as_role):
    stays, goes = shop.member("Stays"), shop.member("Goes")
    shop.buy(goes, 7_000)
    commands.merge(goes.pk, into=stays.pk, at=shop.now, actor=BOSS)

    page = page_of(as_role(), stays).context["page"]

    assert "Points on purchases" in page.points.waiting[0].why


def test_an_unknown_customer_is_told_in_words(shop, as_role):
    answer = as_role().get("/staff/customers/cus_00000000000000000000000000")

    assert answer.status_code == 404
    assert "There is no customer" in answer.content.decode()


def test_the_page_takes_as_many_questions_for_a_long_history(shop, as_role):
    client = as_role()
    made = full(shop)
    page_of(client, made)
    with CaptureQueriesContext(connection) as short:
        page_of(client, made)
    for _ in range(12):
        shop.buy(made, 4_000)
    with CaptureQueriesContext(connection) as long:
        page_of(client, made)

    assert len(long) == len(short)
    assert len(long) <= 60


def test_a_page_without_a_programme_shows_who_it_is(db, as_role):
    from counter import Counter

    made = Counter().customer("Early Bird")

    answer = page_of(as_role(), made)

    assert answer.status_code == 200
    assert answer.context["page"].tier is None


@pytest.mark.parametrize(("role", "shown"), [("owner", True), ("marketer", False)])
def test_acts_are_shown_to_who_may_do_them(shop, as_role, role, shown):
    made = full(shop)

    text = page_of(as_role(role), made).content.decode()

    for name in ("customer_adjust", "customer_merge", "customer_erase", "customer_details"):
        assert (reverse(name, args=[key(made)]) in text) is shown, name


ACTS = [
    "customer.created", "customer.imported", "customer.enrolled", "customer.changed",
    "customer.identity_added", "customer.identities_added", "customer.identity_removed",
    "customer.data_handed_over", "member.merged", "member.unmerged", "member.signed_in",
    "member.signed_out_everywhere", "adjustment.asked", "adjustment.approved",
    "adjustment.rejected", "tier.granted", "tier.bought", "points.forfeited",
    "points.transferred",
]  # fmt: skip


def test_no_act_is_told_by_the_name_that_the_journal_gives_it(shop, as_role):
    made = shop.member()
    for action in ACTS:
        audit.note(action, actor=BOSS, target=key(made), facts={"points": 5})

    events = page_of(as_role(), made).context["page"].timeline.events

    titles = {each.title for each in events}
    assert len(events) >= len(ACTS)
    assert not titles & set(ACTS), titles & set(ACTS)
