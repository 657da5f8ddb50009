"""Every request has an id and a line in the log; too large, too many, no database: told."""

from __future__ import annotations

import json
import logging
import os
import threading
from contextlib import ExitStack

import pytest
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from huitouke.service.config import logs, middleware, pages
from huitouke.service.config.admission import Admission, Overloaded, Turn, Turns

REQUESTS = RequestFactory()


def ok(_):
    return HttpResponse("{}")


def body(response):
    return json.loads(response.content)


def test_an_answer_carries_the_id_of_its_request():
    log = middleware.RequestLog(ok)

    given = log(REQUESTS.get("/", headers={"X-Request-Id": "till-7.31"}))
    made = log(REQUESTS.get("/", headers={"X-Request-Id": "a\nb"}))

    assert given["X-Request-Id"] == "till-7.31"
    assert made["X-Request-Id"].startswith("req_")


@pytest.mark.django_db
def test_the_log_line_names_the_route_and_nothing_of_the_person(client, caplog):
    caplog.set_level(logging.INFO, logger="huitouke.requests")

    client.get("/healthz?phone=13800138000", headers={"Authorization": "Bearer hk_hush"})

    line = logs.TextLines().format(caplog.records[-1])
    assert "method=GET route=/healthz status=200 ms=" in line
    assert "13800138000" not in line
    assert "hush" not in line


def test_lines_for_machines_are_json():
    record = logging.makeLogRecord({"msg": "", "status": 200, "ms": 1.5, "secret": "hush"})

    line = json.loads(logs.JsonLines().format(record))

    assert (line["status"], line["ms"]) == (200, 1.5)
    assert "hush" not in str(line)


def test_an_error_of_the_database_is_logged_without_its_values():
    try:
        raise OperationalError("Key (value)=(+8613800138000) already exists")
    except OperationalError as error:
        failure = (type(error), error, error.__traceback__)
    record = logging.makeLogRecord({"msg": "failed", "exc_info": failure})

    logs.WithoutValues().filter(record)

    assert "13800138000" not in logs.TextLines().format(record)
    assert "OperationalError" in logs.TextLines().format(record)


@pytest.mark.parametrize("length", ["1025", "99999999999999999999", "-1", "1e3", "x"])
def test_a_body_over_the_limit_is_refused_unread(settings, length):
    settings.BODY_BYTES = 1024
    request = REQUESTS.post("/v1/events", CONTENT_LENGTH=length)

    response = middleware.BodyLimit(ok)(request)

    assert response.status_code == 413
    assert body(response)["code"] == "body_too_large"


def test_a_body_within_the_limit_passes(settings):
    settings.BODY_BYTES = 1024

    response = middleware.BodyLimit(ok)(REQUESTS.post("/v1/events", CONTENT_LENGTH="1024"))

    assert response.status_code == 200


def test_a_foreign_host_is_refused_but_health_is_for_everybody():
    guard = middleware.KnownHost(ok)

    assert guard(REQUESTS.get("/healthz", headers={"Host": "10.0.0.7"})).status_code == 200
    with pytest.raises(DisallowedHost):
        guard(REQUESTS.get("/v1/events", headers={"Host": "evil.example.com"}))


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_told_with_a_time_to_retry(error):
    care = middleware.DatabaseCare(ok)

    response = care.process_exception(REQUESTS.get("/"), error("gone"))

    assert response is not None
    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert body(response)["code"] == "database_away"


def test_a_fault_of_our_own_is_not_taken_for_the_databases():
    care = middleware.DatabaseCare(ok)

    assert care.process_exception(REQUESTS.get("/"), ZeroDivisionError()) is None


def test_a_body_without_a_length_is_refused():
    request = REQUESTS.post("/v1/events", headers={"Transfer-Encoding": "chunked"})

    response = middleware.BodyLimit(ok)(request)

    assert (response.status_code, body(response)["code"]) == (411, "length_missing")


def test_who_waits_is_before_who_comes_now():
    turns = Turns(at_a_time=1, queue=2, wait_seconds=30)
    assert turns.take()
    had = []

    def work(name):
        if turns.take():
            had.append(name)
            turns.give_back()

    waits, comes = (threading.Thread(target=work, args=[name]) for name in ("waits", "comes"))
    waits.start()
    while not turns._line:
        os.sched_yield()
    turns.give_back()
    assert not turns._free
    comes.start()
    waits.join(10)
    comes.join(10)

    assert had == ["waits", "comes"]


def test_who_waited_in_vain_leaves_no_turn_behind():
    turns = Turns(at_a_time=1, queue=2, wait_seconds=0.01)
    assert turns.take()

    assert not turns.take()
    turns.give_back()

    assert turns.take()
    assert not turns.take()


def test_some_wait_their_turn_and_the_rest_is_told_at_once(settings):
    settings.AT_A_TIME, settings.QUEUE, settings.WAIT_SECONDS = 1, 0, 5
    inside, go_on = threading.Event(), threading.Event()

    def slow(_):
        inside.set()
        go_on.wait(10)
        return HttpResponse("{}")

    admission = Admission(slow)
    answers = []
    first = threading.Thread(target=lambda: answers.append(admission(REQUESTS.get("/v1"))))
    first.start()
    assert inside.wait(10)

    refused = admission(REQUESTS.get("/v1"))
    go_on.set()
    first.join()
    after = admission(REQUESTS.get("/v1"))

    assert (refused.status_code, refused["Retry-After"]) == (503, "1")
    assert [answers[0].status_code, after.status_code] == [200, 200]


def test_nobody_waits_for_a_turn_for_ever():
    turns = Turns(at_a_time=1, queue=5, wait_seconds=0.01)

    assert [turns.take(), turns.take()] == [True, False]
    turns.give_back()
    assert turns.take()


def test_a_turn_is_for_others_while_a_body_is_on_its_way():
    turns = Turns(at_a_time=1, queue=4, wait_seconds=0.01)
    assert turns.take()
    turn = Turn(turns)

    with turn.aside("slow"):
        taken = [turns.take(), turns.take()]
        turns.give_back()

    assert taken == [True, False]
    assert turn.held
    assert not turns.take()
    turn.give_back()
    turn.give_back()
    assert [turns.take(), turns.take()] == [True, False]


def test_who_gets_no_turn_after_the_body_is_sent_away_without_one():
    turns = Turns(at_a_time=1, queue=4, wait_seconds=0.01)
    turns.take()
    turn = Turn(turns)

    with pytest.raises(Overloaded) as refused, turn.aside("slow"):
        assert turns.take()
    turn.give_back()

    assert refused.value.values == {"retry_after": 1}
    assert not turns.take(), "it belongs to another"


def test_a_body_that_breaks_off_takes_no_turn():
    turns = Turns(at_a_time=1, queue=4, wait_seconds=0.01)
    turns.take()
    turn = Turn(turns)

    with pytest.raises(ConnectionError), turn.aside("slow"):
        raise ConnectionError

    assert not turn.held
    assert turns.take()


def test_of_one_key_only_some_bodies_are_waited_for_and_of_all_no_more_than_may_wait():
    turns = Turns(at_a_time=2, queue=8, wait_seconds=0.01)

    def waits(who, open_things):
        try:
            open_things.enter_context(turns.waiting_for(who))
        except Overloaded:
            return False
        return True

    with ExitStack() as open_things:
        one = [waits("slow", open_things) for _ in range(4)]
        others = [waits(f"till-{number}", open_things) for number in range(8)]

    assert one == [True, True, False, False]
    assert others == [True] * 6 + [False] * 2
    with ExitStack() as open_things:
        assert waits("slow", open_things), "all places are free again"


def test_a_key_that_waits_for_its_turn_is_not_counted_as_slow():
    turns = Turns(at_a_time=1, queue=4, wait_seconds=5)

    with turns.waiting_for("till") as first:
        assert first()
        with turns.waiting_for("till"):
            pass


def test_who_is_sent_away_without_a_turn_says_nothing_of_the_database(monkeypatch):
    mended = []
    monkeypatch.setattr(middleware, "_mend_pool", lambda: mended.append(1))
    request = REQUESTS.post("/v1/events")
    request.turn = Turn(Turns(at_a_time=1, queue=0, wait_seconds=0))
    care = middleware.DatabaseCare(lambda _: HttpResponse("{}", status=503))

    care(request)
    request.turn.held = False
    care(request)

    assert mended == [1]


@pytest.mark.django_db
def test_health_says_that_the_database_answers(client):
    response = client.get("/healthz")

    assert response.status_code == 200
    assert body(response)["database"] == "ok"


def test_health_says_that_the_database_is_away(monkeypatch):
    class Away:
        def cursor(self):
            raise OperationalError

    monkeypatch.setattr(pages, "connection", Away())

    response = pages.health(REQUESTS.get("/healthz"))

    assert (response.status_code, response["Retry-After"]) == (503, "2")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "title"), [("zh-HK", "不存在"), ("en;q=0.5, fr", "Not found"), ("fr", "不存在")]
)
def test_a_refusal_outside_the_api_reads_in_the_same_language(client, asked, title):
    response = client.get("/nowhere", headers={"Accept-Language": asked})

    assert body(response)["title"] == title
    assert ("這個" in body(response)["detail"] or "服務" in body(response)["detail"]) == (
        asked == "zh-HK"
    )


@pytest.mark.django_db
def test_an_address_without_a_door_is_told_as_a_problem(client):
    response = client.get("/nowhere", headers={"Accept-Language": "en"})

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert body(response)["request_id"] == response["X-Request-Id"]
