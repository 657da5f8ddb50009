"""Faults 8 and 9: connections that break between request, commit and answer."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import httpx
import pytest
from harness.dice import dice
from harness.proxy import FATES, DatabaseProxy, HttpProxy
from psycopg.conninfo import conninfo_to_dict

from huitouke.service.config.embedded import embedded_postgres

SECRET = "s" * 40


@pytest.fixture
def socket_folder():
    # A socket's whole path may have 107 characters; pytest's folders may be longer.
    folder = Path(tempfile.mkdtemp(prefix="cut-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def behind_proxy(make_service, prepared, socket_folder, tmp_path):
    """Have a service whose way to the database breaks at the commits that are named."""
    opened = []

    def make(commit):
        idle = make_service()
        holding = embedded_postgres(idle.folder)
        url = holding.__enter__()
        opened.append(holding)
        parts = conninfo_to_dict(url)
        place = socket_folder / ".s.PGSQL.5432"
        proxy = DatabaseProxy(Path(parts["host"]) / ".s.PGSQL.5432", place=place, commit=commit)
        opened.append(proxy)
        proxy.__enter__()
        service = make_service(
            folder=tmp_path / "none",
            background=False,
            more={
                "DATABASE_URL": f"postgresql://postgres@/huitouke?host={socket_folder}",
                "HUITOUKE_SECRET_KEY": SECRET,
            },
        )
        opened.append(service)
        return service.start(), proxy, url

    yield make
    for each in reversed(opened):
        if hasattr(each, "stop"):
            each.stop()
        else:
            each.__exit__(None, None, None)


def test_an_answer_that_was_lost_after_the_commit_is_given_again(behind_proxy):
    fates = {}
    service, proxy, _ = behind_proxy(lambda n: fates.get(n, "pass"))
    with httpx.Client(
        base_url=service.url, headers={"Authorization": f"Bearer {service.key}"}, timeout=20
    ) as client:
        fact = {
            "type": "customer.signed_up", "source": "cut", "source_id": "join",
            "occurred_at": "2026-05-01T10:00:00+08:00",
            "customer": {"identity": {"kind": "external", "value": "cut-1"}},
        }  # fmt: skip
        customer = client.post("/v1/events", json=fact).json()["customer"]

        def adjust(key, fate):
            fates[next(proxy.commits) + 1] = fate
            return client.post(
                f"/v1/customers/{customer}/adjustments",
                json={"points": 7, "reason_code": "cut"},
                headers={"Idempotency-Key": key},
            )

        unheard, unsent = adjust("a", "unheard"), adjust("b", "unsent")
        first, second = adjust("a", "pass"), adjust("b", "pass")
        balance = client.get(f"/v1/customers/{customer}/balance").json()

    assert (unheard.status_code, unsent.status_code) == (503, 503)
    assert "Retry-After" in unheard.headers
    assert (first.status_code, first.headers.get("Idempotent-Replayed")) == (201, "true")
    assert (second.status_code, second.headers.get("Idempotent-Replayed")) == (201, None)
    assert balance["active"] == 100 + 7 + 7


def test_nothing_is_lost_while_commits_break(behind_proxy, drive, seeds):
    chance = dice(f"{seeds}-commits")
    plan = [chance.choices(("pass", "unsent", "unheard"), (8, 1, 1))[0] for _ in range(5_000)]
    service, proxy, url = behind_proxy(lambda n: plan[n % 5_000] if n > 20 else "pass")
    driver = drive(service, seed=seeds + 100)

    driver.run(250)
    driver.settle()
    driver.replay(share=0.3)

    assert proxy.broken > 20
    driver.check(database_url=url)


def test_nothing_is_lost_between_the_till_and_the_service(served, drive, seeds):
    chance = dice(f"{seeds}-requests")
    plan = [chance.choices(FATES, (10, 1, 1, 1, 1, 1))[0] for _ in range(5_000)]
    with HttpProxy(("127.0.0.1", served.port), fate=lambda n: plan[n % 5_000]) as proxy:
        driver = drive(served, seed=seeds + 101, urls=(proxy.url,), fresh_connections=True)

        driver.run(250)
        driver.settle()

        assert proxy.broken > 50
        driver.replay(share=0.3)
    driver.urls = [served.url]
    driver.check(database_url=served.database_url())
