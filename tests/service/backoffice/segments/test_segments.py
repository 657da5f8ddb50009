"""Pages of segments: written, counted, kept, opened, taken out; by those who may."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from counter import BOSS, form_key
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from looked import AS_OF, analysis, profile
from segmented import saved

from huitouke.service.core import clock
from huitouke.service.core.ids import public_id
from huitouke.service.segments import commands, queries

pytestmark = pytest.mark.django_db
LIST = "/staff/customers/segments"
NEW = f"{LIST}/new"
HOSTILE = "<script>alert(1)</script>"
POINTS = {"f0": "points", "o0": "at_least", "v0": "100"}


def written(client, path=NEW, **more):
    """The form as a browser would send it, after it was counted."""
    asked = {"name": "Rich", **POINTS, **more}
    page = client.get(path, asked)
    counted = page.context["page"].counted
    return {**asked, "counted": counted.token, "key": form_key(page), "act": "save"}


def names(answer):
    return [row.name for row in answer.context["page"].rows]


def test_what_is_written_is_counted_with_its_first_customers(shop, as_role):
    shop.member("Rich One", points=300)
    shop.member("Poor One", points=5)

    page = as_role().get(NEW, POINTS)

    counted = page.context["page"].counted
    assert (counted.state, counted.number, counted.unknown) == ("known", 1, 0)
    assert [row.name for row in counted.rows] == ["Rich One"]
    assert counted.sentences == ("Number of points to spend is at least 100",)


def test_who_may_not_see_customers_gets_the_count_alone(shop, as_role):
    shop.member("Rich One", points=300)

    page = as_role("analyst").get(NEW, POINTS)

    assert page.context["page"].counted.number == 1
    assert page.context["page"].counted.rows == ()
    assert b"Rich One" not in page.content


def test_what_nobody_knows_is_told_beside_the_count(shop, as_role):
    known, _ = shop.member("Known", points=200), shop.member("Unknown", points=200)
    analysis(profiles=[profile(known, score=80.0)])
    score = {"f1": "loyalty_score", "o1": "at_least", "v1": "50"}

    page = as_role().get(NEW, {**POINTS, **score})

    counted = page.context["page"].counted
    assert (counted.number, counted.unknown, counted.judged) == (1, 1, 2)
    assert counted.as_of == AS_OF
    assert b"Of 2 customers who meet everything else, 1 are not known" in page.content


def test_htmx_gets_the_count_alone_and_the_address_follows(shop, as_role):
    answer = as_role().get(NEW, {**POINTS, "name": "Rich"}, headers={"HX-Request": "true"})

    assert b"<html" not in answer.content
    assert b'id="counted"' in answer.content
    asked = parse_qs(urlsplit(answer["HX-Replace-Url"]).query)
    assert asked == {"name": ["Rich"], "f0": ["points"], "o0": ["at_least"], "v0": ["100"]}


def test_a_condition_is_added_and_taken_out_by_the_address(shop, as_role):
    client = as_role()

    added = client.post(NEW, {"name": "x", "act": "add", "add": "last_order", **POINTS})
    asked = parse_qs(urlsplit(added["Location"]).query)
    assert added.status_code == 303
    assert (asked["f0"], asked["f1"], asked["v1"]) == (["points"], ["last_order"], ["90"])

    dropped = client.post(NEW, {"act": "drop-0", **{k: v[0] for k, v in asked.items()}})
    left = parse_qs(urlsplit(dropped["Location"]).query)
    assert left == {"name": ["x"], "f0": ["last_order"], "o0": ["within"], "v0": ["90"]}


def test_a_condition_half_written_is_not_counted_and_not_scolded(shop, as_role):
    page = as_role().get(NEW, {"f0": "points", "o0": "at_least"})

    assert page.context["page"].counted.state == "unfinished"
    assert b'class="wrong"' not in page.content


def test_a_segment_is_kept_with_the_count_that_was_seen(shop, as_role):
    shop.member("Rich One", points=300)
    client = as_role()

    answer = client.post(NEW, written(client))

    kept = queries.listed()[0]
    assert answer.status_code == 303
    assert answer["Location"] == f"{LIST}/{kept}"
    assert (kept.name, kept.counted, kept.unknown) == ("Rich", 1, 0)
    shown = client.get(answer["Location"])
    assert b"Kept. 1 customers are in it now." in shown.content


def test_the_same_form_sent_twice_keeps_one_segment(shop, as_role):
    client = as_role()
    form = written(client)

    first, second = client.post(NEW, form), client.post(NEW, form)

    assert first["Location"] == second["Location"]
    assert len(queries.listed()) == 1


def test_conditions_that_were_not_counted_are_not_kept(shop, as_role):
    client = as_role()
    form = written(client) | {"v0": "101"}

    answer = client.post(NEW, form)

    assert answer.status_code == 422
    assert b"others than those that were counted" in answer.content
    assert queries.listed() == []
    again = form | {"counted": answer.context["page"].counted.token}
    assert client.post(NEW, again).status_code == 303


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"v0": ""}, b"Fill this in."),
        ({"v0": "many"}, b"Write a whole number."),
        ({"v0": "-1"}, b"At least 0."),
        ({"o0": "like"}, b"Choose one of the list."),
        ({"name": ""}, b"Fill this in."),
        ({"name": "n" * 81}, b"At most 80 letters."),
        ({"f0": "tier", "o0": "any_of", "v0": "platinum"}, b"Choose one of the list."),
        ({"f0": "spent", "o0": "at_least", "v0": "1.234"}, b"Write an amount"),
        ({"f0": "joined_on", "o0": "since", "v0": "1500-01-01"}, b"does not fit"),
        (
            {"f0": "category", "o0": "any_of", "v0": ",".join("abcdefghijklmnopqrstuv")},
            b"not fit",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_place(shop, as_role, wrong, said):
    client = as_role()

    answer = client.post(NEW, written(client) | wrong)

    assert answer.status_code == 422
    assert said in answer.content
    assert queries.listed() == []


def test_a_name_that_is_taken_is_told_at_the_name(shop, as_role):
    saved("rich")
    client = as_role()

    answer = client.post(NEW, written(client))

    assert answer.status_code == 422
    assert "name" in answer.context["page"].form.errors


def test_a_segment_without_conditions_is_not_kept(shop, as_role):
    answer = as_role().post(NEW, {"name": "All", "act": "save"})

    assert answer.status_code == 422
    assert b"without one it would be everybody" in answer.content


def test_a_segment_is_changed_and_says_what_was_before(shop, as_role):
    kept = saved()
    client = as_role()
    path = f"{LIST}/{kept}/change"

    start = client.get(path)
    assert start.context["page"].counted.sentences == (
        "Number of points to spend is at least 100",
    )
    answer = client.post(path, written(client, path, v0="500") | {"revision": "1"})

    assert answer.status_code == 303
    assert (
        b"Before: Number of points to spend is at least 100"
        in client.get(answer["Location"]).content
    )


def test_a_category_with_a_comma_is_one_category(shop, as_role):
    goods = {"f0": "category", "o0": "any_of", "v0": 'tea, "fruit, fresh"'}
    client = as_role()

    client.post(NEW, written(client, **goods))

    kept = queries.listed()[0]
    assert queries.conditions_of(kept)[0].values == ("tea", "fruit, fresh")
    form = client.get(f"{LIST}/{public_id('seg', kept.id)}/change").context["page"].form
    assert form["v0"].value() == goods["v0"]


def test_a_change_on_top_of_an_older_reading_is_told(shop, as_role):
    kept = saved()
    client = as_role()
    path = f"{LIST}/{kept}/change"
    form = written(client, path, v0="500") | {"revision": "1"}
    client.post(path, written(client, path, v0="200") | {"revision": "1"})

    answer = client.post(path, form)

    assert answer.status_code == 422
    assert b"someone has changed it" in answer.content


def test_a_segment_is_counted_again_put_away_and_taken_back(shop, as_role):
    kept = saved()
    client = as_role()
    shop.member("Rich One", points=300)

    for act in ("count", "archive", "archive", "restore"):
        page = client.get(f"{LIST}/{kept}")
        answer = client.post(f"{LIST}/{kept}/{act}", {"key": form_key(page)})
        assert (answer.status_code, answer["Location"]) == (303, f"{LIST}/{kept}")

    found = queries.listed()[0]
    assert (found.counted, found.archived_at) == (1, None)


def test_what_was_put_away_stands_apart(shop, as_role):
    commands.archive(saved("Old").id, at=clock.now(), actor=BOSS)
    saved("New")
    client = as_role()

    assert names(client.get(LIST)) == ["New"]
    assert names(client.get(LIST, {"archived": "1"})) == ["Old"]


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        ("owner", True, True),
        ("marketer", True, True),
        ("analyst", True, True),
        ("care", True, False),
        ("front_line", False, False),
        ("developer", False, False),
    ],
)
def test_who_may_read_and_write_segments(shop, as_role, role, reads, writes):
    kept = saved()
    client = as_role(role)

    assert (client.get(LIST).status_code == 200) is reads
    assert (client.get(f"{LIST}/{kept}").status_code == 200) is reads
    assert (client.get(NEW).status_code == 200) is writes
    assert (client.get(f"{LIST}/{kept}/change").status_code == 200) is writes
    for act in ("archive", "restore"):
        assert (client.post(f"{LIST}/{kept}/{act}").status_code == 303) is writes
    assert (client.post(f"{LIST}/{kept}/count").status_code == 303) is reads


def test_a_reader_without_customers_is_shown_no_way_to_them(shop, as_role):
    shop.member("Rich One", points=300)
    kept = saved()

    page = as_role("analyst").get(f"{LIST}/{kept}")

    assert b"Rich One" not in page.content
    assert b"See its customers" not in page.content
    assert b"customers/export" not in page.content


def test_forms_from_elsewhere_are_refused(shop, person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("marketer"))
    kept = saved()

    for path in (
        NEW,
        f"{LIST}/{kept}/change",
        f"{LIST}/{kept}/archive",
        f"{LIST}/{kept}/count",
    ):
        assert client.post(path, {"act": "save"}).status_code == 403


def test_hostile_text_is_shown_as_text(shop, as_role):
    client = as_role()
    conditions = {"f0": "category", "o0": "any_of", "v0": HOSTILE}
    answer = client.post(NEW, written(client, name=HOSTILE, **conditions))
    pages = [LIST, answer["Location"], f"{answer['Location']}/change", "/staff/customers"]

    for path in pages:
        page = client.get(path).content
        assert HOSTILE.encode() not in page, path
        assert b"&lt;script&gt;" in page, path
    assert HOSTILE.encode() not in client.get(NEW, {**conditions, "name": HOSTILE}).content


@pytest.mark.parametrize("path", ["seg_x", "cus_00000000000000000000000000", "nothing"])
def test_an_address_of_nothing_says_so(shop, as_role, path):
    assert as_role().get(f"{LIST}/{path}").status_code == 404


def test_an_address_with_nonsense_in_it_is_read_as_far_as_it_goes(shop, as_role):
    page = as_role().get(
        NEW, {"f0": "shoe_size", "f1": "points", "o1": "like", "v1": "9" * 500, "d1": "x"}
    )

    assert page.status_code == 200
    assert page.context["page"].counted.state == "unfinished"


def test_chinese_readers_read_chinese_conditions(shop, as_role):
    client = as_role()
    client.cookies["huitouke_language"] = "zh"
    asked = {"f0": "spent", "o0": "not.at_most", "v0": "300", "d0": "90"}
    more = {"f1": "tier", "o1": "any_of", "v1": ["gold", "silver"]}

    told = client.get(NEW, {**asked, **more}).context["page"].counted.sentences

    assert told == ("最近90天内消费额大于¥300.00", "等级属于金卡或银卡")


def test_pages_ask_a_bounded_number_of_questions(shop, as_role):
    client = as_role()
    for number in range(12):
        saved(f"Segment {number}")
        shop.member(f"Member {number}", points=300)
    kept = queries.listed()[0]

    for path, most in ((LIST, 12), (f"{LIST}/{kept}", 30), (f"{NEW}?f0=tier&o0=any_of", 30)):
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        assert len(asked) <= most, path


def test_a_row_that_is_not_there_is_not_taken_out(shop, as_role):
    answer = as_role().post(NEW, {**POINTS, "act": f"drop-{'1' * 5_000}"})

    assert answer.status_code == 303
    assert "f0=points" in answer["Location"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_that_takes_too_long_is_a_page_that_says_so(shop, as_role, monkeypatch, kind):
    shop.member("Rich One", points=300)
    kept = saved()
    monkeypatch.setattr(
        "huitouke.service.segments.compiling._PEOPLE", "pg_sleep(0.2) IS NOT NULL"
    )
    monkeypatch.setattr("huitouke.service.programme.people.listing._FILE_MS", 20)

    answer = as_role().post("/staff/customers/export", {"segment": str(kept), "as": kind})

    assert answer.status_code == 503
    assert "Content-Disposition" not in answer
