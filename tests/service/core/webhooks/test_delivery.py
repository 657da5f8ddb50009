"""Every happening reaches the receiver at least once, signed, in order, for three days."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from huitouke.service.core import clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.webhooks import commands, courier, queries
from huitouke.service.core.webhooks.models import Delivery
from huitouke.service.core.webhooks.sender import send

pytestmark = pytest.mark.django_db


def states(hook):
    return [each.state for each in reversed(queries.deliveries(hook.record.id))]


def only(hook):
    [found] = queries.deliveries(hook.record.id)
    return found


def test_the_receiver_can_prove_what_it_got(hook, receiver, happen, work):
    happen("cus_1", "a")

    work()

    [(headers, body)] = receiver.got
    told = Webhook(hook.secret).verify(body, headers)
    assert told["id"] == headers["webhook-id"]
    assert told["id"].startswith("msg_")
    assert (told["type"], told["subject"], told["data"]) == (
        "points.earned",
        "cus_1",
        {"n": "a"},
    )
    assert states(hook) == ["delivered"]
    [attempt] = queries.attempts(only(hook).id)
    assert (attempt.status, attempt.answer, attempt.problem) == (200, "thanks", "")


def test_what_was_delivered_is_not_sent_again(hook, receiver, happen, work):
    happen("cus_1", "a")

    taken = [work(), work()]

    assert taken == [1, 0]
    assert receiver.told == ["a"]


def test_a_failed_try_is_repeated_later_with_the_same_id_and_body(
    hook, receiver, happen, work, shift_clock
):
    receiver.answer = lambda _: (503, "closed" * 200)
    happen("cus_1", "a")
    work()
    at_once = work()
    receiver.answer = lambda _: (204, "")

    shift_clock(timedelta(seconds=7))
    later = work()

    (first, first_body), (second, second_body) = receiver.got
    assert (at_once, later) == (0, 1)
    assert first["webhook-id"] == second["webhook-id"]
    assert first_body == second_body
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    tries = queries.attempts(only(hook).id)
    assert [(each.status, each.problem) for each in tries] == [(503, "HTTP 503"), (204, "")]
    assert len(tries[0].answer) == 500


def test_one_subjects_happenings_keep_their_order_over_a_failure(
    hook, receiver, happen, work, shift_clock
):
    receiver.answer = lambda told: (503, "") if told["data"]["n"] == "b" else (200, "")
    happen("cus_1", "a", "b", "c")
    happen("cus_2", "x", "y")

    work()
    before = list(receiver.told)
    receiver.answer = lambda _: (200, "")
    shift_clock(timedelta(seconds=7))
    work()

    assert sorted(before) == ["a", "b", "x", "y"]
    assert [name for name in receiver.told if name in "abc"] == ["a", "b", "b", "c"]
    assert [name for name in receiver.told if name in "xy"] == ["x", "y"]
    assert set(states(hook)) == {"delivered"}


def test_a_delivery_dies_after_three_days_and_the_next_one_goes_on(
    hook, receiver, happen, work, shift_clock
):
    receiver.answer = lambda told: (500, "") if told["data"]["n"] == "a" else (200, "")
    happen("cus_1", "a", "b")
    hours = 0
    work()
    while states(hook)[0] == "waiting" and hours < 200:
        hours += 1
        shift_clock(timedelta(hours=hours))
        work()

    dead, after = reversed(queries.deliveries(hook.record.id))
    assert hours == 72
    assert (dead.state, dead.note) == ("dead", "gave_up_after_3_days")
    assert dead.tries > 8
    shift_clock(timedelta(hours=hours + 1))
    work()
    assert states(hook) == ["dead", "delivered"]
    assert after.topic == "points.earned"


def test_nothing_is_lost_while_the_receiver_is_down(hook, receiver, happen, work, shift_clock):
    url, subjects = receiver.url, [f"cus_{n}" for n in range(20)]
    commands.change(hook.record.id, url="http://127.0.0.1:1/hook", at=clock.now(), actor=SYSTEM)
    for subject in subjects:
        happen(subject, f"{subject}a", f"{subject}b")
    minutes = 0
    for minutes in range(0, 60, 5):
        shift_clock(timedelta(minutes=minutes))
        work()
    commands.change(hook.record.id, url=url, at=clock.now(), actor=SYSTEM)

    work()

    assert sorted(receiver.told) == sorted(f"{s}{n}" for s in subjects for n in "ab")
    assert all(receiver.told.index(f"{s}a") < receiver.told.index(f"{s}b") for s in subjects)


def test_an_address_that_is_down_is_asked_by_one_delivery_at_a_time(
    hook, receiver, happen, work, shift_clock
):
    receiver.answer = lambda _: (500, "")
    for number in range(30):
        happen(f"cus_{number}", "a")
    work()
    first = len(receiver.got)

    shift_clock(timedelta(hours=1))
    work()

    assert first == 30
    assert len(receiver.got) == 31


def test_a_slow_receiver_gets_the_next_ones_in_another_job(
    hook, receiver, happen, work, shift_clock, monkeypatch
):
    sent = []

    def slowly(parcel, *, at):
        outcome = send(parcel, at=at)
        sent.append(parcel)
        shift_clock(timedelta(seconds=4 * len(sent)))
        return outcome

    monkeypatch.setattr(courier, "send", slowly)
    for name in "abcde":
        happen("cus_1", name)

    assert work() == 3
    assert work() == 2
    assert receiver.told == list("abcde")


def test_a_receiver_that_is_gone_for_good_ends_its_webhook(hook, receiver, happen, work):
    receiver.answer = lambda _: (410, "")
    happen("cus_1", "a")

    work()

    ended = queries.endpoint(hook.record.id)
    assert (ended.active, ended.note) == (False, "receiver_gone")
    assert (only(hook).state, only(hook).note) == ("dead", "receiver_gone")


@pytest.mark.parametrize("status", [301, 302, 400, 404])
def test_only_two_hundreds_are_a_yes_and_redirects_are_not_followed(
    hook, receiver, happen, work, status
):
    receiver.answer = lambda _: (status, "")
    happen("cus_1", "a")

    work()

    assert len(receiver.got) == 1
    assert states(hook) == ["waiting"]


def test_a_delivery_that_another_sender_holds_is_left_alone(hook, receiver, happen, work):
    happen("cus_1", "a")
    courier.collect()
    [delivery] = courier.due(at=clock.now())
    courier._claimed(delivery, at=clock.now())

    assert courier.deliver(delivery) == 0
    assert receiver.got == []


def test_a_sender_that_died_is_followed_by_another(hook, receiver, happen, work, shift_clock):
    happen("cus_1", "a", "b")
    courier.collect()
    courier._claimed(courier.due(at=clock.now())[0], at=clock.now())

    shift_clock(timedelta(seconds=61))
    work()

    assert receiver.told == ["a", "b"]


def test_what_ended_long_ago_is_forgotten(hook, happen, work, shift_clock):
    happen("cus_1", "a")
    work()
    happen("cus_1", "b")
    courier.collect()

    shift_clock(timedelta(days=31))
    count = courier.forget(at=clock.now())

    assert count == 2  # a delivery and its one try
    assert [each.state for each in Delivery.objects.all()] == ["waiting"]


def test_the_body_is_sent_as_utf8(hook, receiver, happen, work):
    happen("cus_1", "积分")

    work()

    assert json.loads(receiver.got[0][1])["data"] == {"n": "积分"}
    assert "积分" in receiver.got[0][1]
