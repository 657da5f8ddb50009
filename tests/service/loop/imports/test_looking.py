"""What a file's columns are is told before anything is tried, also where it is in doubt."""

from __future__ import annotations

import pytest

from huitouke.language import words
from huitouke.service.core.actor import SYSTEM
from huitouke.service.loop.imports.hazards import TooManyColumns
from huitouke.service.loop.imports.looking import look
from huitouke.service.loop.imports.opening import Request

pytestmark = pytest.mark.django_db
HEAD = "订单号,手机号,下单时间,实付金额\n"


@pytest.fixture
def seen(tmp_path):
    def do(text, kind="orders", **how):
        file = tmp_path / "5f3a"
        file.write_text(text, encoding="utf-8")
        request = Request(file=file, name="三月.csv", reader=words("en"), actor=SYSTEM, **how)
        return look(kind, request=request)

    return do


def test_recognised_columns_come_with_samples_and_evidence(seen):
    found = seen(HEAD + "A1,13800138001,2025-03-05,100\nA2,13800138002,2025-03-06,80\n")

    assert found.places == {
        "order_id": (0,),
        "customer_id": (1,),
        "ordered_at": (2,),
        "amount": (3,),
    }
    assert (found.rows, found.missing, found.undecided) == (2, (), "")
    assert found.samples[0] == ("A1", "13800138001", "2025-03-05", "100")
    assert any("三月.csv" in note for note in found.notes)
    assert not any("5f3a" in note for note in found.notes)


def test_a_household_is_no_persons_number_in_a_list_of_customers(seen):
    found = seen("household_id,phone,name\nH1,13800138001,Lin\n", kind="customers")

    assert (found.places["household"], found.places["phone"]) == ((0,), (1,))
    assert "customer_id" not in found.places


def test_columns_that_nobody_recognises_are_shown_to_be_chosen(seen):
    found = seen("alpha,beta\nx,y\n")

    assert found.headers == ("alpha", "beta")
    assert found.places == {}
    assert found.missing == (("customer_id",), ("ordered_at",), ("amount",))


def test_a_column_that_is_missing_does_not_hide_the_others(seen):
    found = seen("手机号,下单时间\n13800138001,2025-03-05\n")

    assert set(found.places) == {"customer_id", "ordered_at"}
    assert found.missing == (("amount",),)


def test_of_two_columns_with_equal_right_the_first_is_taken_and_doubted(seen):
    found = seen("手机号,手机,姓名\n13800138001,13800138002,Lin\n", kind="customers")

    assert found.places["phone"] == (0,)
    assert found.doubtful == ("phone",)


def test_a_date_that_reads_both_ways_is_asked_about(seen):
    text = HEAD + "A1,13800138001,04/09/2025,100\n"

    assert seen(text).undecided == "04/09/2025"
    assert seen(text, date_order="dmy").undecided == ""


def test_more_columns_than_any_shop_has_are_refused(seen):
    text = ",".join(f"c{n}" for n in range(600)) + "\n" + ",".join(["1"] * 600) + "\n"

    with pytest.raises(TooManyColumns, match="500 columns"):
        seen(text)
