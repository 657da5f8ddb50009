"""Customers are found by the beginning of a name or identity, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from huitouke.service.core.ids import IdUnknown, new_id, public_id
from huitouke.service.customers import commands, queries
from huitouke.service.customers.models import Identity

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(till, moment):
    persons = [
        ([("phone", "13812345678")], "李娜"),
        ([("phone", "13812349999"), ("card", "VIP0012")], "李雷"),
        ([("email", "han@example.com")], "Han Meimei"),
        ([("marketplace", "taobao:Han")], "50%_off"),
    ]
    return [
        commands.create(
            identities, at=moment + timedelta(seconds=number // 2), actor=till, name=name
        )
        for number, (identities, name) in enumerate(persons)
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("138 1234", ["李雷", "李娜"]),
        ("13812345678", ["李娜"]),
        ("+86138", ["李雷", "李娜"]),
        ("vip00", ["李雷"]),
        ("李", ["李雷", "李娜"]),
        ("han", ["Han Meimei"]),
        ("HAN@", ["Han Meimei"]),
        ("taobao:H", ["50%_off"]),
        ("50%", ["50%_off"]),
        ("%", []),
        ("_", []),
        ("meimei", []),
        ("\x00", []),
        ("\ud800", []),
        ("", ["50%_off", "Han Meimei", "李雷", "李娜"]),
    ],
)
def test_a_beginning_finds_the_newest_first(text, names, shop):
    assert [each.name for each in queries.search(text).customers] == names


def test_pages_hold_everybody_once_in_order(shop):
    seen, cursor = [], ""
    for _ in range(10):
        page = queries.search(cursor=cursor, limit=1)
        seen += [each.pk for each in page.customers]
        cursor = page.cursor
        if not cursor:
            break

    assert seen == [each.pk for each in reversed(shop)]


def test_who_comes_in_between_does_not_shift_the_next_page(shop, till, moment):
    first = queries.search(limit=2)
    commands.create([], at=moment + timedelta(days=1), actor=till, name="new")

    second = queries.search(limit=2, cursor=first.cursor)

    assert [each.name for each in second.customers] == ["李雷", "李娜"]
    assert second.cursor == ""


def test_a_cursor_that_no_page_gave_is_refused(shop):
    with pytest.raises(IdUnknown):
        queries.search(cursor="next")
    with pytest.raises(queries.CustomerUnknown):
        queries.search(cursor=public_id("cus", new_id()))


def test_merged_records_are_listed_as_who_stayed(shop, till, moment):
    commands.merge(shop[0].pk, into=shop[2].pk, at=moment, actor=till)

    assert [each.pk for each in queries.search("13812345678").customers] == [shop[2].pk]
    assert len(queries.search().customers) == 3


def test_a_page_reads_identities_in_one_question(shop, django_assert_num_queries):
    with django_assert_num_queries(2):
        page = queries.search("138")
        kinds = {each.kind for row in page.customers for each in row.identities.all()}

    assert kinds == {"phone", "card"}


def test_a_beginning_is_found_through_the_index_of_identities(till, moment):
    batch = [("card", f"{number:06}") for number in range(5_000)]
    commands.find_or_create(batch, at=moment, actor=till, quiet=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_identity")

    plan = Identity.objects.filter(kind="card", value__startswith="00123").explain()

    assert "Index" in plan
    assert "Seq Scan" not in plan
