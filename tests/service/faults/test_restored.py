"""Faults 4, 26 and 27: a backup under load, put back; and clients that tell all of it again."""

from __future__ import annotations

import threading

import psycopg
import pytest
from harness.shop import Shop, insisting


@pytest.fixture
def running(make_service):
    service = make_service(background=False).start()
    shop = Shop(service.url, key=service.key, source="back")
    yield service, shop
    shop.client.close()


def restored(service, file):
    service.stop()
    done = service.command("restore", str(file), "--replace")
    assert done.returncode == 0, done.stdout + done.stderr
    service.start()


def sends(shop, members, *, name):
    """Return requests with names of their own, each to be sent as often as wanted."""
    made = []
    for n, member in enumerate(members):
        order = shop.order(member, 20_000, number=f"{name}-{n}")
        lines = [{"position": 1, "amount_minor": 5_000}]
        back = {"number": f"{name}-{n}", "lines": lines}
        refund = shop.fact("order.refunded", days=1, order=back)
        made += [
            lambda fact=order: shop.tell(fact),
            lambda fact=refund: shop.tell(fact),
            lambda m=member, k=f"{name}-give-{n}": shop.give(m, 11, key=k),
            lambda m=member, k=f"{name}-redeem-{n}": shop.redeem(m, 100, key=k),
            lambda m=member, k=f"{name}-much-{n}": shop.redeem(m, 90_000, key=k),
        ]
    return made


def test_what_came_after_a_backup_returns_when_clients_tell_it_again(running, tmp_path):
    service, shop = running
    members = shop.members(12)
    before = sends(shop, members, name="before")
    after = sends(shop, members, name="after")
    first = [insisting(act).text for act in before]
    done = service.command("backup", str(tmp_path / "copy"))
    assert done.returncode == 0, done.stderr
    later = [insisting(act) for act in after]
    wanted = [shop.balance(each) for each in members]

    restored(service, tmp_path / "copy")
    lost = [shop.balance(each) for each in members]
    again = [insisting(act).text for act in before]
    anew = [insisting(act) for act in after]
    twice = [insisting(act) for act in after]

    assert lost != wanted
    assert [strip(each) for each in again] == [strip(each) for each in first]
    assert [e.status_code for e in anew] == [e.status_code for e in later]
    assert [strip(e.text) for e in twice] == [strip(e.text) for e in anew]
    assert [shop.balance(each) for each in members] == wanted
    service.verify()


def strip(text):
    """Return an answer without the number of its request, which facts do not keep."""
    return "\n".join(part for part in text.split(", ") if "request_id" not in part)


def test_a_backup_under_load_holds_one_moment_whose_keys_replay(
    make_service, drive, seeds, tmp_path
):
    service = make_service(background=False).start()
    driver = drive(service, seed=seeds + 300)
    copies = []

    def copy():
        copies.append(service.command("backup", str(tmp_path / "copy")))

    thread = threading.Thread(target=copy)
    driver.run(200, faults=[(0.3, thread.start)])
    thread.join()
    driver.settle()
    driver.check(database_url=service.database_url())
    other = make_service(folder=tmp_path / "other", background=False)
    done = other.command("restore", str(tmp_path / "copy"))
    other.start()
    with psycopg.connect(other.database_url()) as connection:
        kept = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE key LIKE %s) FROM core_request",
            [f"s{seeds + 300}-%"],
        ).fetchone()

    assert copies[0].returncode == 0, copies[0].stderr
    assert done.returncode == 0, done.stdout + done.stderr
    assert kept[0] == kept[1] > 0
    # Facts and keys of before the copy answer as they did; later ones have one effect again.
    driver.urls = [other.url]
    driver.world.complaints.clear()
    known = _known_keys(other)
    again = [ask for ask in driver._asked() if ask.key in known and ask.what != "other"]
    with driver.client() as client:
        answers = [(driver.send(client, ask), driver.answers[ask.n]) for ask in again]
    assert all(one == first for one, first in answers)
    other.verify()


def _known_keys(service):
    with psycopg.connect(service.database_url()) as connection:
        return {row[0] for row in connection.execute("SELECT key FROM core_request")}


def test_answers_stay_over_a_day_and_a_new_column(running):
    """The clock goes on by a day and back by ten minutes; a table gets another shape."""
    service, shop = running
    members = shop.members(3)
    acts = sends(shop, members, name="kept")
    first = [insisting(act).text for act in acts]
    wanted = [shop.balance(each) for each in members]

    for shift in ("86400s", "-600s", "0s"):
        with psycopg.connect(service.database_url(), autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE huitouke SET huitouke.clock_shift = '{shift}'")
            connection.execute(
                "ALTER TABLE core_request ADD COLUMN IF NOT EXISTS added text DEFAULT 'x'"
            )
        # A start with such a clock would be refused; processes that begin anew have it.
        service.kill_web()
        service.wait()
        again = [insisting(act).text for act in acts]
        assert [strip(each) for each in again] == [strip(each) for each in first]
        more = insisting(lambda s=shift: shop.give(members[0], 1, key=f"shifted {s}"))
        assert more.status_code == 201

    # What was set aside is let go in the day that passed.
    had = [each["active"] + each["held"] for each in wanted]
    have = [each["active"] + each["held"] for each in map(shop.balance, members)]
    assert have == [had[0] + 3, *had[1:]]
    lines = shop.client.get(f"/v1/customers/{members[0]}/entries").json()["entries"]
    moments = [line["created_at"] for line in reversed(lines)]
    assert moments == sorted(moments)
    with psycopg.connect(service.database_url(), autocommit=True) as connection:
        connection.execute("ALTER DATABASE huitouke RESET huitouke.clock_shift")
    service.verify()
