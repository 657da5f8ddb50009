"""The page says of the service what was measured; the load generator counts what came back."""

from __future__ import annotations

import copy
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from http_load import drive, request_bytes
from ledger_ground import percentile
from ledger_page import service_goals
from page import page


def script(tps, *, p99_ms=10.0):
    return {"tps": tps, "p50_ms": 1.0, "p99_ms": p99_ms, "pg_us": 200.0, "client_us": 20.0}


def batch(per_second):
    return {"per_second": per_second, "ms": 50.0, "pg_us": 25.0, "python_us": 10.0}


def load(rate, **more):
    return {"rate": rate, "p50_ms": 5.0, "p99_ms": 40.0, "pg_us": 300.0, "python_us": 700.0,
            "client_us": 30.0, **more}  # fmt: skip


BATCHES = ("earn_1000", "earn_10000", "replay_1000", "replay_10000", "spend_1000",
           "spend_10000", "sweep")  # fmt: skip


def sql_round(*, minimal=10_000.0, earn=5_000.0):
    return {
        "pgbench": {
            "minimal": script(minimal), "earn": script(earn), "spend": script(4_500.0),
            "replay": script(40_000.0), "hot": script(700.0),
        },
        "batches": {name: batch(32_000.0) for name in BATCHES},
        "processes": {
            "earn": {"per_second": 900.0, "python_us": 200.0, "pg_us": 300.0},
            "hordak": {"per_second": 500.0, "python_us": 1_300.0, "pg_us": 700.0},
        },
    }  # fmt: skip


def http_round():
    orders = load(4.0, facts_per_second=4_000.0, entries_per_second=8_000.0)
    return {
        "beside": {"earn": script(5_000.0), "minimal": script(10_000.0)},
        "earn": load(2_000.0), "replay": load(4_000.0), "checkin": load(900.0),
        "order": load(300.0), "balance": load(3_000.0),
        "balance_calm": load(1_000.0, p99_ms=4.0), "orders_1000": orders,
    }  # fmt: skip


def grown_round():
    named = {name: script(2_000.0, p99_ms=3.0)
             for name in ("earn", "balance", "as_of", "burn_few", "burn_many")}  # fmt: skip
    return {"small": named, "large": {**named, "earn": script(1_600.0)}}


def checked():
    verify = {"seal_seconds": 9.0, "seconds": 50.0, "entries": 10_000_000, "broken": 0,
              "since_entries": 1_000, "since_seconds": 0.5}  # fmt: skip
    return {"load_seconds": 400.0, "megabytes": 6_000.0, "verify": verify}


@pytest.fixture
def found():
    return {
        "server": {"server_version": "18.4", "fsync": "on", "synchronous_commit": "on"},
        "rounds": [sql_round(), sql_round(minimal=8_000.0), sql_round(minimal=20_000.0)],
        "posted": {"earn": (900, 0), "spend": (90, 7)},
        "http": {"rounds": [http_round()], "members": 5_000},
        "growth": {
            "entries": {"small": 100_000, "large": 10_000_000},
            "rounds": [grown_round()], "small": checked(), "large": checked(),
        },
    }  # fmt: skip


@pytest.fixture
def results(found):
    about = {
        "machine": dict.fromkeys(("processor", "cores", "memory", "system", "python"), "m"),
        "packages": {"huitouke": "1.2"},
        "others": {"six": "1.0"},
        "command": "python bench/run.py",
    }
    return {"service": {"on": "2031-02-03", "found": found}, "about": about}


def reached(found):
    return {goal.what: goal for goal in service_goals(found)}


def test_ratios_are_taken_within_a_round_and_their_middle_is_told(results):
    text = page(results)

    # 5,000 of 10,000, of 8,000 and of 20,000: the middle is 0.50.
    assert "| earn | 5,000 [5,000–5,000] | 0.50 |" in text
    assert "| earn by SQL, 16 clients : pgbench minimal | ≥ 0.45 | 0.50 | reached |" in text


def test_the_spread_of_the_rounds_is_told(results):
    assert "| 10,000 [8,000–20,000] | 1.00 |" in page(results)


def test_refused_postings_are_told(results):
    assert "990 postings were done and 7 refused" in page(results)


def test_a_goal_of_the_service_that_is_missed_is_a_shortfall(results):
    text = page(results)

    shortfalls = text.split("Shortfalls:")[1].split("##")[0]
    assert "order facts, 1,000 a request: ledger entries: 8,000 a second" in shortfalls
    assert "earn over HTTP" not in shortfalls


def test_cpu_is_compared_with_hordak_server_and_python_together(found):
    assert reached(found)["earn from Python : hordak transfer, CPU"].value == 0.25


def test_entries_over_http_are_told_as_such_and_beside_the_yardstick(found):
    what = "order facts, 1,000 a request: ledger entries"

    assert reached(found)[what].value == 8_000
    assert reached(found)[f"{what} : pgbench minimal"].value == 0.8


def test_growth_compares_mean_times(found):
    goals = reached(found)

    earn = goals["earn at 10,000,000 entries : at 100,000, mean time"]
    assert earn.value == pytest.approx(1.25)
    assert earn.kept


def test_a_slow_full_check_is_missed(found):
    slow = copy.deepcopy(found)
    slow["growth"]["large"]["verify"]["seconds"] = 100.0

    name = "full check, 10,000,000 entries"
    assert reached(found)[name].kept
    assert not reached(slow)[name].kept


def test_without_the_service_its_section_is_left_out(results):
    del results["service"]
    results["recovery"] = {
        "on": "2031-02-03", "found": {"command": "x", "said": "y", "cpu": 1.0}
    }  # fmt: skip

    assert "## The service" not in page(results)


def test_a_percentile_is_a_value_that_was_measured():
    values = [float(each) for each in range(1, 101)]

    assert (percentile(values, 0.5), percentile(values, 0.99)) == (50.0, 99.0)
    assert percentile([7.0], 0.99) == 7.0


class Answers(BaseHTTPRequestHandler):
    """Answers 201 to a body of four bytes and 404 to everything else."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201 if len(body) == 4 else 404)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"abc")

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def port():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def requests(*bodies):
    return [request_bytes("POST", "/x", headers={}, body=body) for body in bodies]


def test_every_request_is_sent_once_and_its_status_counted(port):
    found = drive(port, requests(*["four"] * 20, "three"), connections=3)

    assert found.statuses == {201: 20, 404: 1}
    assert len(found.times) == 21


def test_at_a_given_rate_requests_fall_due_one_after_another(port):
    found = drive(port, requests(*["four"] * 20), connections=4, rate=200.0)

    # The last of 20 requests falls due after 19 two-hundredths of a second.
    assert found.seconds >= 0.095
    assert found.statuses == {201: 20}
