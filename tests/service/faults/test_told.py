"""Fault 37: whoever listens is told everything at least once, in order, over every kill."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest
from harness.dice import dice
from harness.served import variables
from harness.shop import Shop

from huitouke.service.core.ids import public_id

# A worker of its own: it takes what happened, sends what is due, and ends. Its clock is
# ahead, so that waits and leases of those before it are over.
WORK = """
import django
django.setup()
from huitouke.service.core.webhooks import courier
from huitouke.service.core import clock
courier.collect()
for _ in range(40):
    found = courier.due(at=clock.now())
    if not found:
        break
    for each in found:
        courier.deliver(each)
"""


@pytest.fixture
def receiver():
    got, refusing = [], threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if not refusing.is_set():
                got.append((self.headers["webhook-id"], json.loads(text)))
            self.send_response(503 if refusing.is_set() else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", got, refusing
    server.shutdown()
    thread.join()
    server.server_close()


def worker(service, turn, **more):
    """Begin a worker whose clock is ten minutes ahead of the one before."""
    shifted = f"&options=-c%20huitouke.clock_shift%3D{600 * turn}s"
    given = variables(
        DATABASE_URL=service.database_url() + shifted,
        DJANGO_SETTINGS_MODULE="huitouke.service.config.settings",
        HUITOUKE_SECRET_KEY="s" * 40,
        HUITOUKE_WEBHOOK_PRIVATE="1",
        **more,
    )
    return subprocess.Popen(
        [sys.executable, "-c", WORK],
        env=given,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_everything_is_told_in_order_over_kills_and_a_receiver_that_was_down(
    make_service, receiver, seeds
):
    url, got, refusing = receiver
    chance = dice(f"{seeds}-told")
    service = make_service(background=False, more={"HUITOUKE_WEBHOOK_PRIVATE": "1"}).start()
    shop = Shop(service.url, key=service.key, source="told")
    made = shop.post("/v1/webhooks", {"url": url})
    assert made.status_code == 201, made.text
    members = shop.members(12)
    refusing.set()
    codes = []
    for turn in range(1, 7):
        for member in chance.sample(members, 6):
            shop.tell(shop.order(member, 10_000))
            shop.give(member, 1)
        more = {}
        if turn in {1, 2}:
            more = {"HUITOUKE_TEST_FAILPOINTS": "1", "HUITOUKE_FAILPOINT": "before_told:exit"}
        if turn == 4:
            refusing.clear()
        one = worker(service, turn, **more)
        if turn in {3, 4}:
            threading.Event().wait(chance.uniform(0.5, 2.5))
            one.kill()
        codes.append(one.wait(120))
    codes += [worker(service, turn).wait(120) for turn in range(7, 12)]
    with psycopg.connect(service.database_url()) as connection:
        happened = connection.execute(
            "SELECT id, subject FROM core_outbox"
            " WHERE created_at >= (SELECT min(created_at) FROM api_endpoint)"
            " ORDER BY position"
        ).fetchall()
        waiting = connection.execute(
            "SELECT count(*) FROM api_delivery WHERE state = 'waiting'"
        ).fetchone()
    shop.client.close()

    assert codes[0] == codes[1] == 137
    assert waiting == (0,)
    assert got
    wanted = defaultdict(list)
    for number, subject in happened:
        wanted[subject].append(public_id("msg", number))
    assert _first_told(got) == wanted


def _first_told(got):
    """Return, per subject, its happenings in the order in which they were first told."""
    seen, order = set(), defaultdict(list)
    for number, body in got:
        if number not in seen:
            seen.add(number)
            order[body["subject"]].append(number)
    return order
