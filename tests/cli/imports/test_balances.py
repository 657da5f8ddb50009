"""``huitouke import balances``: old points with their expiry, old tiers with their dates."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from huitouke.errors import HuitoukeError

BALANCES = """会员号,手机号,积分余额,有效期至,获得日期,会员等级,等级生效日期,等级到期日
M001,13812345678,300,2099-06-30,2025-01-10,金卡,2026-01-01,2098-12-31
M001,13812345678,200,2098-12-31,2024-12-10,,,
M001,13812345678,50,2098-12-31,2024-12-10,,,
M002,,1200,9999-12-31,,,,
M003,,0,,,silver,2026-02-01,
"""
TIERS = {
    "tiers": [
        {"code": "base", "name": {"zh": "普通"}, "reach": 0},
        {"code": "silver", "name": {"zh": "银卡"}, "reach": 100_000},
        {"code": "gold", "name": {"zh": "金卡"}, "reach": 500_000},
    ]
}


@pytest.fixture
def programme(database):
    """The programme ``main`` that every new database has, with tiers of ours."""
    from huitouke.service.core import clock
    from huitouke.service.core.actor import SYSTEM
    from huitouke.service.programme.rules.examples import starter_definition
    from huitouke.service.programme.versions import commands, queries

    definition = starter_definition().model_dump(mode="json")
    definition["tiers"]["tiers"] = TIERS["tiers"]
    stored = {"code": "stored", "kind": "stored_value", "name": {"zh": "储值"}}
    definition["units"].append(stored)
    definition["rules"] = [
        rule for rule in definition["rules"] if rule["id"] in {"spend", "growth"}
    ]
    at = clock.now()
    made = queries.programme("main")
    draft = commands.draft(made, definition=definition, at=at, actor=SYSTEM)
    commands.publish(draft.id, at=at, actor=SYSTEM)


def _lots(table):
    return table(
        "SELECT i.value, l.earned, l.remaining,"
        " CASE WHEN l.expires_at = 'infinity' THEN NULL"
        " ELSE (l.expires_at AT TIME ZONE 'Asia/Shanghai')::text END"
        " FROM ledger.lot l JOIN ledger.holder h USING (account)"
        " JOIN customers_identity i ON i.customer_id = h.customer AND i.kind = 'external'"
        " ORDER BY i.value, l.expires_at DESC, l.earned DESC"
    )


def test_a_dry_run_says_what_is_new_and_writes_nothing(bring, written, programme, everything):
    before = everything()

    said = bring("balances", written(BALANCES), "--dry-run")

    assert "New: 5" in said
    assert "Points brought in: 1,750" in said
    assert "New customers: 3" in said
    assert everything() == before


def test_points_come_in_as_lots_with_their_own_expiry(bring, written, programme, table):
    said = bring("balances", written(BALANCES))

    assert "New: 5" in said
    assert _lots(table) == [
        ("M001", 300, 300, "2099-07-01 00:00:00"),
        ("M001", 200, 200, "2099-01-01 00:00:00"),
        ("M001", 50, 50, "2099-01-01 00:00:00"),
        ("M002", 1200, 1200, None),
    ]
    kinds = table("SELECT DISTINCT kind, contra FROM ledger.entry")
    assert kinds == [("import", "import")]
    earned_on = table(
        "SELECT (effective_at AT TIME ZONE 'Asia/Shanghai')::date::text FROM ledger.entry"
        " WHERE amount = 300"
    )
    assert earned_on == [("2025-01-10",)]


def test_tiers_come_in_with_their_dates(bring, written, programme, table):
    bring("balances", written(BALANCES))

    found = table(
        "SELECT i.value, m.tier, m.standing ->> 'since', m.due_on::text,"
        " m.joined_at IS NOT NULL AND c.enrolled_at IS NOT NULL FROM programme_membership m"
        " JOIN customers_customer c ON c.id = m.customer_id"
        " JOIN customers_identity i ON i.customer_id = c.id AND i.kind = 'external'"
        " ORDER BY 1"
    )
    assert found[0] == ("M001", "gold", "2026-01-01", "2099-01-01", True)
    assert found[1][:2] == ("M002", "base")
    assert found[2][:3] == ("M003", "silver", "2026-02-01")
    assert found[2][3] > "2027-01-31"


OLD_TIERS = """会员号,会员等级,等级生效日期,等级到期日
M001,gold,2019-05-01,
M002,gold,2019-05-01,
M003,gold,2019-05-01,2098-12-31
M004,base,2019-05-01,
"""


def _reviewed(days):
    """Let the days after an import come, each with its reviews, and return the tiers."""
    from huitouke.service.core import clock
    from huitouke.service.programme.events.reviews import review_due
    from huitouke.service.programme.events.rulebook import Rulebook
    from huitouke.service.programme.models.members import Membership

    now = clock.now()
    rulebook = Rulebook.open("main", at=now)
    for day in days:
        review_due(rulebook, on=rulebook.now.day(now) + timedelta(days=day))
    return Counter(Membership.objects.values_list("tier", flat=True))


def test_a_tier_of_years_ago_is_kept_until_a_whole_year_was_counted(
    bring, written, programme, table
):
    bring("balances", written(OLD_TIERS))

    assert _reviewed([0, 1, 30, 200, 365]) == {"gold": 3, "base": 1}
    assert table("SELECT count(*) FROM core_outbox WHERE topic = 'tier.downgraded'") == [(0,)]
    # Two anniversaries and the days of grace have passed.
    assert _reviewed([735, 800]) == {"silver": 2, "gold": 1, "base": 1}


def test_a_tier_that_staff_gave_stays_beside_an_imported_one(bring, written, programme, table):
    from huitouke.service.core.actor import SYSTEM
    from huitouke.service.customers import queries
    from huitouke.service.programme.events.granting import grant_tier

    bring("balances", written("会员号,积分余额\nM001,5\n"))
    member = queries.find("external", "M001")
    grant_tier(
        member.id, tier="silver", through=_ahead(90).date(), reason="an apology",
        at=_ahead(0), actor=SYSTEM,
    )  # fmt: skip

    bring("balances", written(OLD_TIERS))

    standing = "SELECT standing->>'earned', standing->>'granted' FROM programme_membership"
    assert ("gold", "silver") in table(standing)


def _ahead(days):
    from huitouke.service.core import clock

    return clock.now() + timedelta(days=days)


def test_an_import_says_when_tiers_come_up_for_review(bring, written, programme, table):
    soon = f"M005,silver,2019-05-01,{_ahead(40):%Y-%m-%d}\n"

    chinese = bring("balances", written(OLD_TIERS + soon), "--dry-run", lang="zh")
    tried = bring("balances", written(OLD_TIERS + soon), "--dry-run")
    said = bring("balances", written(OLD_TIERS + soon))

    due = table("SELECT due_on, count(*)::int FROM programme_membership GROUP BY 1 ORDER BY 1")
    lines = [
        f"Tiers that come up for review in {day:%Y-%m}: {members}"
        for day, members in due
        if day is not None
    ]
    assert [line for line in tried.splitlines() if "come up for review" in line] == lines
    assert [line for line in said.splitlines() if "come up for review" in line] == lines
    assert len(lines) == 3
    assert "Reviewed before a whole period was counted here: 1." in tried
    assert "2099-01 进行保级评定的等级：1" in chinese


def test_imported_growth_counts_for_tiers_on_the_day_it_was_earned(
    bring, written, programme, table, everything
):
    text = f"""会员号,积分余额,获得日期
M001,400000,{_ahead(-90):%Y-%m-%d}
M001,200000,
M002,90000,{_ahead(-90):%Y-%m-%d}
M003,600000,{_ahead(-800):%Y-%m-%d}
"""

    bring("balances", written(text), "--unit", "growth")
    before = everything()
    bring("balances", written(text), "--unit", "growth")

    found = table(
        "SELECT i.value, m.tier, sum(q.points)::int, count(*)::int FROM programme_qualifying q"
        " JOIN programme_membership m ON m.id = q.membership_id"
        " JOIN customers_identity i ON i.customer_id = m.customer_id"
        " WHERE q.unit = 'growth' GROUP BY 1, 2 ORDER BY 1"
    )
    assert found == [
        ("M001", "gold", 600_000, 2),
        ("M002", "base", 90_000, 1),
        ("M003", "base", 600_000, 1),
    ]
    assert everything() == before
    told = table(
        "SELECT body->>'to_tier', body->>'on' FROM core_outbox WHERE topic = 'tier.upgraded'"
        " ORDER BY position"
    )
    assert [tier for tier, _ in told] == ["silver", "gold"]
    assert told[0][1] == f"{_ahead(-90):%Y-%m-%d}"


def test_imported_stored_value_is_money_and_does_not_expire(bring, written, programme, table):
    bring("balances", written(BALANCES), "--unit", "stored")

    lots = table("SELECT sum(remaining)::int, min(expires_at) = 'infinity' FROM ledger.lot")
    assert lots == [(1_750, True)]


def test_a_file_that_comes_twice_changes_nothing(bring, written, programme, everything):
    bring("balances", written(BALANCES))
    before = everything()

    again = bring("balances", written(BALANCES))
    turned = "".join([BALANCES.splitlines(True)[0], *reversed(BALANCES.splitlines(True)[4:])])
    other = bring("balances", written(turned, name="other.csv"))

    assert "The same: 5" in again
    assert "The same: 2" in other
    assert everything() == before


def test_points_that_were_spent_since_do_not_come_in_again(bring, written, programme, table):
    from huitouke.service.ledger.commands import spend
    from huitouke.service.ledger.contract import Spend

    bring("balances", written(BALANCES))
    ((account,),) = table(
        "SELECT h.account FROM ledger.holder h JOIN customers_identity i"
        " ON i.customer_id = h.customer WHERE i.value = 'M002'"
    )
    spend(
        Spend(
            account=account, key="r1", amount=1000,
            effective_at=datetime(2026, 5, 1, tzinfo=UTC), actor="staff:lin",
            reason={"code": "redeemed.reward"},
        )
    )  # fmt: skip

    said = bring("balances", written(BALANCES))

    assert "The same: 5" in said
    assert table("SELECT available FROM ledger.account WHERE account = %s", account) == [(200,)]


def test_a_changed_balance_is_told_and_not_added(
    bring, written, programme, table, tmp_path, rows_of
):
    bring("balances", written(BALANCES))
    aside = tmp_path / "aside.csv"
    changed = BALANCES.replace("M002,,1200", "M002,,1500").replace("silver", "gold")

    said = bring("balances", written(changed), "--quarantine", aside)

    assert "Changed, left as they are: 2" in said
    assert {row["line_number"]: row["reason"] for row in rows_of(aside)} == {
        "5": "balance_changed",
        "6": "tier_changed",
    }
    assert table("SELECT sum(available)::int FROM ledger.account") == [(1750,)]


def test_after_a_merge_the_same_file_still_changes_nothing(
    bring, written, programme, table, everything
):
    from huitouke.service.core import clock
    from huitouke.service.core.actor import SYSTEM
    from huitouke.service.customers import commands, queries

    bring("balances", written(BALANCES))
    first, second = queries.find("external", "M001"), queries.find("external", "M002")
    commands.merge(second.id, into=first.id, at=clock.now(), actor=SYSTEM)
    before = everything()

    said = bring("balances", written(BALANCES))

    assert "The same: 5" in said
    assert everything() == before


def test_rows_that_cannot_be_are_set_aside(bring, written, programme, tmp_path, rows_of):
    aside = tmp_path / "aside.csv"
    text = (
        "customer_id,points,expires_on,tier\n"
        "M1,10.5,,\n"
        "M2,-3,,\n"
        "M3,5,2020-01-31,\n"
        "M4,5,,platinum\n"
        "M5,many,,\n"
        ",5,,\n"
        "M6,5,soon,\n"
        "M7,5,,gold\n"
    )

    said = bring("balances", written(text), "--quarantine", aside)

    assert "New: 1" in said
    assert {row["line_number"]: row["reason"] for row in rows_of(aside)} == {
        "2": "points_not_whole",
        "3": "points_below_zero",
        "4": "points_expired",
        "5": "tier_unknown",
        "6": "amount_unreadable",
        "7": "identity_missing",
        "8": "date_unreadable",
    }


def test_without_a_programme_nothing_comes_in(bring, written, table):
    with pytest.raises(HuitoukeError):
        bring("balances", written(BALANCES), "--programme", "other")

    assert table("SELECT count(*) FROM orders_import") == [(0,)]


def test_the_books_balance_after_an_import(bring, written, programme):
    from huitouke.service.ledger.verify import verify

    bring("balances", written(BALANCES))

    assert verify().broken == ()


def test_an_import_that_was_stopped_goes_on_with_the_same_lots(
    bring, written, programme, table, monkeypatch
):
    from huitouke.service.loop.imports import tables
    from huitouke.service.programme.imports import BalancesImport

    lots = BALANCES.splitlines(keepends=True)
    text = "".join([lots[0], lots[3], lots[4], lots[3], lots[3], lots[5]])
    monkeypatch.setattr(tables, "_ROWS", 2)
    whole, left = BalancesImport.bring, [2]

    def fails_at_the_third(self, rows, **rest):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        whole(self, rows, **rest)

    monkeypatch.setattr(BalancesImport, "bring", fails_at_the_third)
    with pytest.raises(AssertionError):
        bring("balances", written(text))
    assert table("SELECT rows_done FROM orders_import") == [(4,)]

    monkeypatch.setattr(BalancesImport, "bring", whole)
    said = bring("balances", written(text))

    assert "New: 5" in said
    assert "Points brought in: 1,350" in said
    assert [row[1] for row in _lots(table)] == [50, 50, 50, 1200]
