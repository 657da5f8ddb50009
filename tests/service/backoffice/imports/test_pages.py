"""Staff hand a file in, say what its columns are, see what would change, bring it in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from huitouke.service.core import audit, clock
from huitouke.service.loop.imports import commands, queries, working
from huitouke.service.loop.imports.models import Upload
from huitouke.service.loop.models import Analysis
from huitouke.service.orders.models import Order

pytestmark = pytest.mark.django_db

ORDERS = """订单号,手机号,下单时间,实付金额
A1,13800138001,2025-03-05 10:00:00,100.00
A2,13800138002,2025-03-06 11:00:00,80.50
A3,13800138003,someday,10.00
"""
COLUMNS = {
    "column-1": "order_id",
    "column-2": "customer_id",
    "column-3": "ordered_at",
    "column-4": "amount",
    "timezone": "Asia/Shanghai",
    "currency": "cny",
}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.UPLOAD_DIR = str(tmp_path / "uploads")


@pytest.fixture
def analyst(person, sign_in):
    return sign_in(person("analyst"))


def file(content=ORDERS, name="orders.csv"):
    raw = content.encode() if isinstance(content, str) else content
    return SimpleUploadedFile(name, raw, content_type="text/csv")


def hand_in(client, content=ORDERS, *, kind="orders", name="orders.csv", key="k1"):
    sent = {"kind": kind, "file": file(content, name), "key": key}
    return client.post(reverse("imports_hand_in"), sent)


def worked():
    found = Upload.objects.latest("id")
    working.work(found.id)
    return queries.upload(found.id)


def text(answer):
    return answer.content.decode()


def at(name, page):
    return reverse(name, args=[page.rpartition("/")[2]])


def test_the_whole_way_from_a_file_to_an_analysis(analyst):
    page = hand_in(analyst)["Location"]
    assert "being looked into" in text(analyst.get(page))
    worked()
    seen = text(analyst.get(page))
    assert "Which column is what" in seen
    assert "13800138001" in seen

    answer = analyst.post(at("imports_columns", page), {**COLUMNS, "key": "k2"})
    assert (answer.status_code, answer["Location"]) == (303, page)
    worked()
    tried = text(analyst.get(page))
    assert "Bring in 2 new rows" in tried
    assert "This is not a date that can be read." in tried
    assert not Order.objects.exists()

    analyst.post(at("imports_start", page), {"key": "k3"})
    assert "is coming in" in text(analyst.get(page))
    worked()
    done = text(analyst.get(page))
    assert "What came in" in done
    assert "Analyse who comes back" in done
    assert Order.objects.count() == 2

    key = re.search(r'name="key" value="([^"]+)"', analyst.get(page).content.decode())[1]
    asked = analyst.post(reverse("insight_ask"), {"key": key})
    assert Analysis.objects.count() == 1
    assert "waits for its turn" in text(analyst.get(asked["Location"]))


def test_a_double_click_hands_a_file_in_once(analyst):
    first, second = hand_in(analyst), hand_in(analyst)

    assert first["Location"] == second["Location"]
    assert Upload.objects.count() == 1


def test_a_form_without_a_file_is_told_at_its_field(analyst):
    answer = analyst.post(reverse("imports_hand_in"), {"kind": "orders"})

    assert answer.status_code == 422
    assert "Choose a file." in text(answer)


def test_a_file_over_the_limit_is_told_at_its_field(analyst, settings):
    settings.UPLOAD_BYTES = 20

    answer = hand_in(analyst)

    assert answer.status_code == 422
    assert "larger than 0 MB" in text(answer)
    assert not Upload.objects.exists()


def test_a_body_over_the_limit_is_refused_unread(analyst, settings):
    settings.UPLOAD_BYTES = settings.BODY_BYTES = 2_000

    answer = hand_in(analyst, "x" * 100_000)

    assert answer.status_code == 413
    assert "The file is larger than 0 MB." in text(answer)
    assert not Upload.objects.exists()


def test_nobody_sends_a_large_body_before_signing_in(browser):
    answer = hand_in(browser(), "x" * 100_000)

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_a_form_from_elsewhere_is_refused(person):
    client = Client(enforce_csrf_checks=True, headers={"Accept": "text/html"})
    client.force_login(person("analyst"))

    assert hand_in(client).status_code == 403
    assert not Upload.objects.exists()


def test_a_column_that_is_missing_is_told_and_what_was_chosen_stays(analyst):
    page = hand_in(analyst)["Location"]
    worked()

    answer = analyst.post(
        at("imports_columns", page), {**COLUMNS, "column-4": "", "date_order": "dmy"}
    )

    assert answer.status_code == 422
    assert "No column is taken for: amount" in text(answer)
    assert '<option value="dmy" selected>' in text(answer)


def test_a_refused_file_says_why_and_offers_to_try_once_more(analyst):
    page = hand_in(analyst, b"%PDF-1.7")["Location"]
    worked()

    shown = text(analyst.get(page))

    assert "orders.csv is not a table" in shown
    assert "Try once more" in shown


def test_a_job_is_cancelled_by_a_dialog_that_names_the_file(analyst):
    page = hand_in(analyst)["Location"]
    assert "Cancel orders.csv?" in text(analyst.get(page))

    analyst.post(at("imports_cancel", page))

    assert "It was cancelled" in text(analyst.get(page))


def test_htmx_gets_the_part_that_changes_and_no_polling_when_nothing_is_at_work(analyst):
    page = hand_in(analyst)["Location"]

    busy = text(analyst.get(page, headers={"HX-Request": "true"}))
    worked()
    free = text(analyst.get(page, headers={"HX-Request": "true"}))

    assert busy.lstrip().startswith('<div id="import"')
    assert 'hx-trigger="every 2s"' in busy
    assert "hx-trigger" not in free


def test_rows_set_aside_are_handed_out_harmless_and_it_is_noted(analyst):
    page = hand_in(analyst, ORDERS + '=1+1,13800138009,"=cmd|x",1\n')["Location"]
    worked()
    analyst.post(at("imports_columns", page), COLUMNS)
    worked()

    answer = analyst.post(at("imports_aside", page))
    rows = b"".join(answer.streaming_content).decode()

    assert answer["Content-Disposition"].startswith("attachment")
    assert "someday" in rows
    assert not [
        cell for line in rows.splitlines() for cell in line.split(",") if cell[:1] == "="
    ]
    assert "import.quarantine_taken" in [each.action for each in audit.lines()]


def test_what_stands_in_a_file_is_shown_as_text(analyst):
    evil = "<script>alert(1)</script>"
    page = hand_in(analyst, f"{evil},手机号\n{evil},1\n", name=f"{evil}.csv")["Location"]
    worked()

    for shown in (text(analyst.get(page)), text(analyst.get(reverse("imports")))):
        assert "<script>alert" not in shown


def test_balances_are_for_those_who_may(analyst, person, sign_in):
    owner = sign_in(person("owner"))
    page = hand_in(owner, kind="balances")["Location"]

    assert hand_in(analyst, kind="balances", key="k9").status_code == 422
    assert analyst.get(page).status_code == 403
    assert analyst.post(at("imports_cancel", page)).status_code == 403
    assert "orders.csv" not in text(analyst.get(reverse("imports")))
    assert owner.get(page).status_code == 200


def test_an_unknown_import_is_told_in_words(analyst):
    answer = analyst.get(reverse("imports_one", args=["imp_00000000000000000000000000"]))

    assert answer.status_code == 404
    assert "There is no import" in text(answer)
    assert analyst.get(reverse("imports_one", args=["nonsense"])).status_code == 404


def test_a_file_that_is_gone_says_so(analyst):
    page = hand_in(analyst)["Location"]
    worked()
    Upload.objects.update(uploaded_at=clock.now() - timedelta(days=30))
    commands.forget_old(at=clock.now())

    shown = text(analyst.get(page))

    assert "no longer kept" in shown
    analyst.post(at("imports_again", page))
    assert Upload.objects.get().state == "looked"


def test_the_list_reads_on_and_costs_the_same_however_long(
    analyst, django_assert_max_num_queries
):
    for n in range(21):
        hand_in(analyst, name=f"file-{n:02}.csv", key=f"key-{n}")

    with django_assert_max_num_queries(14):
        page = analyst.get(reverse("imports"))
    older = analyst.get(reverse("imports") + page.context["page"].older_url)

    assert "file-20.csv" in text(page)
    assert "file-00.csv" not in text(page)
    assert "file-00.csv" in text(older)
    assert "No file was handed in yet" not in text(older)


def test_every_field_of_every_kind_has_a_name_for_people():
    from huitouke.service.backoffice.imports.words import FIELDS, KINDS
    from huitouke.service.loop.imports.opening import FIELDS as KNOWN

    named = {name for fields in KNOWN.values() for name in fields.names}
    assert named == set(FIELDS)
    assert set(KNOWN) == set(KINDS)
