"""A file is handed in, read as told, tried, brought in, stopped, gone on with, forgotten."""

from __future__ import annotations

import csv
import stat
from datetime import timedelta

import pytest

from huitouke.service.core import audit, clock
from huitouke.service.core.actor import Actor
from huitouke.service.loop.imports import commands, keeping, queries, tasks, working
from huitouke.service.loop.imports.models import Upload
from huitouke.service.orders.imports import OrdersImport
from huitouke.service.orders.models import Order
from huitouke.service.programme.versions.creating import create

pytestmark = pytest.mark.django_db
ANALYST = Actor("staff", "stf_analyst")
COLUMNS = commands.Columns(
    mapping={"order_id": "1", "customer_id": "2", "ordered_at": "3", "amount": "4"}
)


def actions():
    return [each.action for each in audit.lines() if each.action.startswith("import.")]


def start(upload):
    return commands.start(upload.id, at=clock.now(), actor=ANALYST)


def test_a_file_lies_under_a_random_name_for_this_user_only(hand_in, folder):
    made = hand_in(name="../../etc/三月 orders.csv")

    (file,) = folder.iterdir()
    assert (made.name, made.state) == ("三月 orders.csv", "looking")
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == (made.stored, 0o600)
    assert actions() == ["import.handed_in"]


def test_a_file_over_the_limit_leaves_nothing_behind(hand_in, folder, settings):
    settings.UPLOAD_BYTES = 10

    with pytest.raises(keeping.FileTooLarge):
        hand_in()

    assert list(folder.iterdir()) == []
    assert not Upload.objects.exists()


def test_an_unknown_kind_is_refused(hand_in):
    with pytest.raises(commands.KindUnknown):
        hand_in(kind="payroll")


def test_a_try_tells_what_would_change_and_writes_nothing(tried):
    found = tried()

    assert found.state == "checked"
    assert found.tried["counts"] == {"new": 3, "refused": 1, "customers_new": 2}
    assert found.tried["reasons"] == {"date_unreadable": 1}
    assert not Order.objects.exists()
    with keeping.quarantine_of(found.stored).open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["source"], row["line_number"], row["value"]) == ("orders.csv", "5", "someday")


def test_what_was_tried_is_brought_in_and_known_the_second_time(tried, worked):
    found = worked(start(tried()))

    assert (found.state, found.result["counts"]["new"]) == ("done", 3)
    assert Order.objects.count() == 3
    assert actions()[:2] == ["import.finished", "import.started"]

    again = worked(start(tried()))
    assert (again.result["counts"]["same"], Order.objects.count()) == (3, 3)


def test_a_sign_that_currencies_share_is_the_shops_own(tried, worked):
    create(
        {"code": "main", "name": {"en": "Tea", "zh": "茶"}, "zone": "Asia/Hong_Kong",
         "currency": "HKD"},
        at=clock.now(),
        actor=ANALYST,
    )  # fmt: skip
    head = "订单号,手机号,下单时间,实付金额\n"
    found = tried(head + "A1,13800138001,2025-03-05,$100\nA2,13800138001,2025-03-06,HK$80.50\n")

    assert found.looked["currency"] == "HKD"
    worked(start(found))
    assert set(Order.objects.values_list("currency", "total_minor")) == {
        ("HKD", 10_000),
        ("HKD", 8_050),
    }


def test_nothing_is_brought_in_that_was_not_tried(hand_in, worked):
    seen = worked(hand_in())

    with pytest.raises(commands.NotTried):
        start(seen)


def test_other_columns_must_be_tried_anew(tried):
    found = tried()

    changed = commands.read_as(found.id, columns=COLUMNS, at=clock.now(), actor=ANALYST)

    assert (changed.state, changed.tried) == ("checking", {})


@pytest.mark.parametrize(
    "columns",
    [
        {"mapping": {**COLUMNS.mapping, "amount": "9"}},
        {"mapping": {**COLUMNS.mapping, "amount": "1"}},
        {"mapping": {**COLUMNS.mapping, "salary": "4"}},
        {"mapping": {**COLUMNS.mapping, "amount": "x"}},
        {"mapping": COLUMNS.mapping, "date_order": "sideways"},
        {"mapping": COLUMNS.mapping, "currency": "ZZZ"},
        {"mapping": COLUMNS.mapping, "timezone": "Mars/Olympus"},
    ],
)
def test_columns_that_cannot_be_are_refused(hand_in, worked, columns):
    seen = worked(hand_in())

    with pytest.raises(commands.ReadingInvalid):
        commands.read_as(
            seen.id, columns=commands.Columns(**columns), at=clock.now(), actor=ANALYST
        )


def test_a_column_that_is_needed_must_be_named(hand_in, worked):
    seen = worked(hand_in())
    without = {name: place for name, place in COLUMNS.mapping.items() if name != "amount"}

    with pytest.raises(commands.ColumnsLacking, match="amount"):
        commands.read_as(
            seen.id, columns=commands.Columns(mapping=without), at=clock.now(), actor=ANALYST
        )


def test_a_field_that_is_left_out_is_not_recognised_again(hand_in, worked):
    seen = worked(hand_in())
    mapping = {"customer_id": "2", "ordered_at": "3", "amount": "4"}

    asked = commands.read_as(
        seen.id, columns=commands.Columns(mapping=mapping), at=clock.now(), actor=ANALYST
    )
    found = worked(start(worked(asked)))

    assert found.state == "done"
    assert all(order.number.startswith("at-") for order in Order.objects.all())


def test_a_file_at_work_is_not_worked_on_twice(hand_in):
    made = hand_in()

    with pytest.raises(commands.UploadBusy):
        commands.check(made.id, at=clock.now(), actor=ANALYST)


def test_what_waits_is_cancelled_at_once_and_cancelling_again_changes_nothing(hand_in, worked):
    made = hand_in()

    commands.cancel(made.id, at=clock.now(), actor=ANALYST)
    commands.cancel(made.id, at=clock.now(), actor=ANALYST)

    assert worked(made).state == "cancelled"
    assert actions().count("import.cancelled") == 1


def test_what_a_lost_process_leaves_is_told_and_what_was_cancelled_is_cancelled(hand_in):
    lost, called_off = hand_in(), hand_in()
    for each in (lost, called_off):
        working.begin(each.id, at=clock.now())
    commands.cancel(called_off.id, at=clock.now(), actor=ANALYST)

    for each in (lost, called_off):
        working.stopped(each.id, asked=each.asked_at, code=-9, at=clock.now())

    failed = queries.upload(lost.id)
    assert (failed.state, failed.error_code) == ("failed", "imports.import_process_ended")
    assert "内存" in failed.error_says["zh"]
    assert queries.upload(called_off.id).state == "cancelled"


def test_a_process_that_ends_late_says_nothing_of_the_next_job(hand_in, worked):
    looking = hand_in()
    worked(looking)
    commands.read_as(looking.id, columns=COLUMNS, at=clock.now(), actor=ANALYST)

    working.stopped(looking.id, asked=looking.asked_at, code=0, at=clock.now())
    working.work(looking.id, asked=looking.asked_at)

    found = queries.upload(looking.id)
    assert (found.state, found.started_at) == ("checking", None)


def test_an_import_that_was_stopped_goes_on_where_it_was(tried, worked, monkeypatch):
    from huitouke.service.loop.imports import orders

    monkeypatch.setattr(orders, "_ORDERS", 1)
    found = start(tried())
    whole, left = OrdersImport.bring, [2]

    def stops(self, rows, **rest):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        whole(self, rows, **rest)

    monkeypatch.setattr(OrdersImport, "bring", stops)
    with pytest.raises(KeyboardInterrupt):
        working.work(found.id)
    working.stopped(found.id, asked=found.asked_at, code=143, at=clock.now())
    assert Order.objects.count() == 2

    monkeypatch.setattr(OrdersImport, "bring", whole)
    again = worked(start(queries.upload(found.id)))

    assert (again.state, again.result["counts"]["new"]) == ("done", 3)
    assert Order.objects.count() == 3


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", "facts.file_empty", "orders.csv is empty"),
        (b"%PDF-1.7 ...", "facts.not_a_table", "orders.csv is not a table"),
        (b"\x7fELF\0\0\0\0" * 1000, "facts.not_a_table", "binary"),
        (b"a\n", "facts.no_rows", "orders.csv"),
    ],
)
def test_a_file_that_is_no_table_is_told_by_its_name_never_by_its_place(
    hand_in, worked, content, code, said
):
    found = worked(hand_in(content))

    assert (found.state, found.error_code) == ("failed", code)
    assert said in found.error_says["en"]
    assert found.stored not in str(found.error_says)


def test_files_are_removed_after_their_days_with_all_that_was_copied(
    tried, folder, settings, shift_clock
):
    found = tried()
    assert len(list(folder.iterdir())) == 2
    shift_clock(timedelta(days=settings.UPLOAD_DAYS, hours=1))

    assert commands.forget_old(at=clock.now()) == 1

    kept = queries.upload(found.id)
    assert (list(folder.iterdir()), kept.looked) == ([], {})
    assert kept.tried["counts"]["new"] == 3
    with pytest.raises(keeping.FileGone):
        start(kept)


def test_what_a_spreadsheet_would_run_is_defused_in_the_list(tried):
    head = "订单号,手机号,下单时间,实付金额\n"
    found = tried(head + '"=HYPERLINK(""http://x"")",13800138009,nope,1\n')

    with keeping.quarantine_of(found.stored).open(encoding="utf-8") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not any(cell.startswith(("=", "@")) for cell in cells)


def test_the_tidy_job_calls_a_worker_for_what_waits(hand_in):
    made = hand_in()
    from procrastinate.contrib.django.models import ProcrastinateJob

    ProcrastinateJob.objects.filter(task_name=commands.JOB).delete()
    tasks._tidied()

    (job,) = ProcrastinateJob.objects.filter(task_name=commands.JOB)
    assert job.args == {"upload": str(made.id)}
