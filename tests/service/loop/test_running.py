"""An analysis that is cancelled, killed, left behind, or finds nothing, ends as it should."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from threading import Thread

import psycopg
import pytest
from django.db import connection

from huitouke.service.core import clock
from huitouke.service.core.actor import SYSTEM, Actor
from huitouke.service.core.shop import set_economics
from huitouke.service.loop import commands, locks, nightly, queries, running
from huitouke.service.loop.changes import forget_older
from huitouke.service.loop.models import Analysis, Profile

ANALYST = Actor("staff", "analyst")


def asked(**wish) -> Analysis:
    return commands.ask(at=clock.now(), actor=ANALYST, ring=False, **wish)


def until_ended(child: running.Child, *, then=lambda: None) -> None:
    """Look after a child as a worker does, and do something once it is at work."""
    done = False
    while child.running():
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(0.2)
        if not done and Analysis.objects.get(id=child.analysis).step == "features":
            then()
            done = True
    child.settle()


@pytest.fixture
def stops_at(monkeypatch):
    """Have the process fail, or wait, when it begins a step."""

    def stop(step: str, how: str) -> None:
        monkeypatch.setenv("HUITOUKE_TEST_FAILPOINTS", "1")
        monkeypatch.setenv("HUITOUKE_FAILPOINT", f"analysis_{step}:{how}")

    return stop


def test_without_orders_it_says_so_in_both_languages(nothing, analysed):
    ended = analysed()

    assert (ended.state, ended.error_code) == ("failed", "facts.nothing_told")
    assert "no paid order" in ended.error_says["en"]
    assert "没有可分析的订单" in ended.error_says["zh"]
    assert "訂單" in ended.error_says["zh-Hant"]
    with pytest.raises(queries.NoAnalysis):
        queries.latest()


def test_a_day_before_the_first_order_is_told_with_the_days_there_are(shop, analysed):
    before = queries.latest()

    ended = analysed(as_of=datetime(2001, 2, 3, tzinfo=UTC).date())

    assert (ended.state, ended.error_code) == ("failed", "steps.as_of_outside_period")
    assert "2001-02-03" in ended.error_says["en"]
    assert queries.latest() == before


def test_a_process_that_is_killed_leaves_what_was_there(shop, stops_at):
    before, profiles = queries.latest(), Profile.objects.count()
    stops_at("writing", "exit")

    ended = running.run_here(asked(), tell=lambda _: None)

    assert (ended.state, ended.error_code) == ("failed", "loop.process_ended")
    assert ended.step == "writing"
    assert queries.latest() == before
    assert Profile.objects.count() == profiles
    assert locks.running_is_free()


def test_one_that_runs_is_cancelled_within_seconds(shop, stops_at):
    stops_at("features", "sleep-600000")
    wanted = asked()

    with running.child_for(wanted.id) as child:
        until_ended(
            child, then=lambda: commands.cancel(wanted.id, at=clock.now(), actor=ANALYST)
        )

    wanted.refresh_from_db()
    assert wanted.state == Analysis.State.CANCELLED
    assert wanted.ended_at is not None
    assert not Profile.objects.filter(analysis=wanted).exists()


def test_a_process_ends_with_its_parent_and_what_it_left_begins_anew(shop, stops_at):
    stops_at("features", "sleep-600000")
    wanted = asked()

    with running.child_for(wanted.id) as child:
        until_ended_by_us = child.process.stdin
        while Analysis.objects.get(id=wanted.id).step != "features":
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(0.2)
        until_ended_by_us.close()
        child.process.wait(60)
    running.rescue(at=clock.now())

    wanted.refresh_from_db()
    assert (wanted.state, wanted.step, wanted.attempts) == ("queued", "waiting", 1)


def test_what_was_left_behind_three_times_is_given_up_with_the_reason(nothing):
    wanted = asked()
    for _ in range(3):
        assert running.begin(wanted.id, at=clock.now()) is not None
        running.rescue(at=clock.now())

    wanted.refresh_from_db()
    assert (wanted.state, wanted.error_code) == ("failed", "loop.stopped")
    assert "3" in wanted.error_says["zh"]


def test_one_whose_process_lives_is_left_alone(nothing):
    wanted = asked()
    running.begin(wanted.id, at=clock.now())

    with psycopg.connect(nothing, autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [locks.RUNNING])
        running.rescue(at=clock.now())

    wanted.refresh_from_db()
    assert wanted.state == Analysis.State.RUNNING


def test_a_second_process_does_nothing(nothing):
    wanted = asked()

    with psycopg.connect(nothing, autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [locks.RUNNING])
        ended = running.run_here(wanted, tell=lambda _: None)

    assert (ended.state, ended.attempts) == (Analysis.State.QUEUED, 0)


def test_all_who_ask_at_once_get_one_analysis(nothing):
    found = []

    def wish() -> None:
        found.append(asked().id)
        connection.close()

    threads = [Thread(target=wish) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(found) == 6
    assert len(set(found)) == Analysis.objects.count() == 1


def test_another_wish_waits_for_the_one_that_is_open(nothing):
    asked()

    with pytest.raises(commands.AnalysisOpen):
        asked(margin=0.5)


def test_one_that_waits_is_cancelled_at_once_and_only_once(nothing):
    wanted = asked()

    first = commands.cancel(wanted.id, at=clock.now(), actor=ANALYST)
    again = commands.cancel(wanted.id, at=clock.now(), actor=ANALYST)

    assert first.state == again.state == Analysis.State.CANCELLED
    assert first.ended_at == again.ended_at
    assert running.begin(wanted.id, at=clock.now()) is None


def test_what_is_done_cannot_be_cancelled(shop):
    with pytest.raises(commands.AnalysisOver):
        commands.cancel(queries.latest().id, at=clock.now(), actor=ANALYST)


@pytest.mark.parametrize(
    "wish", [{"margin": 0.0}, {"horizon_days": 0}, {"discount_rate": 11.0}]
)
def test_a_wish_that_makes_no_sense_is_refused(nothing, wish):
    with pytest.raises(commands.WishInvalid):
        asked(**wish)


def test_the_night_asks_once_from_its_hour_on(shop):
    early = datetime(2026, 3, 9, 18, 30, tzinfo=UTC)  # 2:30 in Shanghai
    late = datetime(2026, 3, 9, 19, 30, tzinfo=UTC)

    assert nightly.ask_when_due(at=early) is None
    due = nightly.ask_when_due(at=late)
    assert due is not None
    assert due.asked_by == str(SYSTEM)
    commands.cancel(due.id, at=late, actor=ANALYST)
    assert nightly.ask_when_due(at=late) is None


def test_the_night_counts_with_what_the_shop_says(shop):
    set_economics(margin=0.42, discount_rate=0.08, at=clock.now(), actor=ANALYST)

    due = nightly.ask_when_due(at=datetime(2026, 3, 9, 19, 30, tzinfo=UTC))

    assert (due.margin, due.discount_rate) == (0.42, 0.08)


def test_who_asks_with_a_margin_of_their_own_gets_it_once(nothing):
    set_economics(margin=0.42, discount_rate=0.08, at=clock.now(), actor=ANALYST)

    once = asked(margin=0.5)
    commands.cancel(once.id, at=clock.now(), actor=ANALYST)
    again = asked()

    assert (once.margin, once.discount_rate) == (0.5, 0.08)
    assert (again.margin, again.discount_rate) == (0.42, 0.08)


def test_the_night_asks_for_nothing_where_nothing_was_bought(nothing):
    assert nightly.ask_when_due(at=datetime(2026, 3, 9, 19, 30, tzinfo=UTC)) is None


def test_asking_calls_a_worker_once(nothing):
    for _ in range(2):
        commands.ask(at=clock.now(), actor=ANALYST)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'loop.run'")
        assert cursor.fetchone() == (1,)


def test_profiles_of_older_days_go_and_what_was_said_stays(shop):
    shown = queries.latest()
    for back in (1, 2, 3):
        Analysis.objects.create(
            state="done", margin=0.3, discount_rate=0.15, asked_at=shown.asked_at,
            asked_by="staff:analyst", as_of=shown.as_of.replace(year=shown.as_of.year - back),
            ended_at=shown.ended_at, profiles_kept=True,
        )  # fmt: skip
    oldest = Analysis.objects.order_by("as_of").first()
    Profile.objects.filter(analysis=shown).update(analysis=oldest)

    forget_older(kept=2)

    assert Analysis.objects.filter(profiles_kept=True).count() == 2
    assert Analysis.objects.count() == 4
    assert not Profile.objects.exists()
