"""``huitouke import customers``: who is in the file, by everything they are known by."""

from __future__ import annotations

CUSTOMERS = """会员号,姓名,手机号,邮箱,生日,性别
M001,林小雨,138 1234 5678,LIN@Example.com,1985-04-09,女
M002,王强,13912345678,,1990年12月1日,男
M003,,,,,
"""


def test_a_dry_run_says_what_is_new_and_writes_nothing(bring, written, everything):
    before = everything()

    said = bring("customers", written(CUSTOMERS), "--dry-run")

    assert "New: 3" in said
    assert everything() == before


def test_customers_come_in_with_all_their_identities_and_details(bring, written, table):
    said = bring("customers", written(CUSTOMERS, encoding="gb18030"))

    assert "New: 3" in said
    people = table(
        "SELECT name, birthday_on::text, gender, language FROM customers_customer"
        " WHERE name <> '' ORDER BY birthday_on"
    )
    assert people == [
        ("林小雨", "1985-04-09", "female", "zh"),
        ("王强", "1990-12-01", "male", "zh"),
    ]
    lin = table(
        "SELECT i.kind, i.value FROM customers_identity i JOIN customers_customer c"
        " ON c.id = i.customer_id WHERE c.name = '林小雨' ORDER BY 1"
    )
    assert lin == [
        ("email", "lin@example.com"),
        ("external", "M001"),
        ("phone", "+8613812345678"),
    ]


def test_a_file_that_comes_twice_changes_nothing(bring, written, everything):
    bring("customers", written(CUSTOMERS))
    before = everything()

    said = bring("customers", written(CUSTOMERS))

    assert "The same: 3" in said
    assert everything() == before


def test_a_known_customer_keeps_details_and_gets_new_identities(
    bring, written, table, tmp_path, rows_of
):
    bring("customers", written(CUSTOMERS))
    aside = tmp_path / "aside.csv"
    text = "会员号,姓名,手机号,会员卡号\nM001,林大雨,13812345678,vip 1\n"

    said = bring("customers", written(text), "--quarantine", aside)

    assert "Changed, left as they are: 1 (the first: line 2)" in said
    (row,) = rows_of(aside)
    assert (row["reason"], row["column"]) == ("customer_changed", "name")
    assert table("SELECT count(*) FROM customers_customer WHERE name = '林小雨'") == [(1,)]
    assert table("SELECT value FROM customers_identity WHERE kind = 'card'") == [("VIP1",)]


def test_a_dry_run_tells_the_same_as_the_import_after_it(bring, written):
    text = CUSTOMERS + "M001,,,,,\nM009,,13912345678,,,\nM001,,13912345678,,,\nM010,,12,,,\n"
    bring("customers", written(CUSTOMERS))

    would = bring("customers", written(text), "--dry-run").splitlines()
    did = bring("customers", written(text)).splitlines()

    assert would[:-1] == did
    assert would[0] == "New: 0"


def test_rows_of_two_persons_and_rows_that_name_nobody_are_set_aside(
    bring, written, table, tmp_path, rows_of
):
    bring("customers", written(CUSTOMERS))
    aside = tmp_path / "aside.csv"
    text = "会员号,姓名,手机号\nM001,,13912345678\n,陈,\nM011,赵,12\n"

    said = bring("customers", written(text), "--quarantine", aside)

    assert "Refused: 3" in said
    assert {row["line_number"]: row["reason"] for row in rows_of(aside)} == {
        "2": "identities_conflict",
        "3": "identity_missing",
        "4": "identity_invalid",
    }
    assert table("SELECT count(*) FROM customers_customer") == [(3,)]


def test_orders_find_the_customers_of_the_customers_file(bring, written, table):
    bring("customers", written(CUSTOMERS))

    bring("orders", written("订单号,手机号,下单时间,实付\nA1,13812345678,2024-03-05,9\n"))

    assert table(
        "SELECT c.name FROM orders_order o JOIN customers_customer c ON c.id = o.customer_id"
    ) == [("林小雨",)]
