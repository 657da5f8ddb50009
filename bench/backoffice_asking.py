# ruff: noqa: E402 - Django is set up before what needs it is imported
"""Asks for pages as an owner does, and says what each took; for ``backoffice_pages``."""

from __future__ import annotations

import logging
import os
import sys
import time

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "huitouke.service.config.settings"
django.setup()

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huitouke.service.core import clock, staff
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.ids import public_id
from huitouke.service.core.models import Staff
from huitouke.service.customers.models import Customer
from huitouke.service.programme.versions.starter import begin as begin_programme
from ledger_ground import percentile, tree_seconds

__all__ = ["ask_pages", "begin"]

_EMAIL = "bench@example.com"


def begin() -> None:
    """Make the programme and the person who asks, once."""
    begin_programme(at=clock.now(), actor=SYSTEM)
    if not Staff.objects.filter(username=_EMAIL).exists():
        staff.create(_EMAIL, role="owner", at=clock.now(), actor=SYSTEM)


def _pages(customers: int) -> dict[str, str]:
    """Return what is asked for: a name and an address each."""
    rows = Customer.objects.filter(enrolled_at__isnull=False).order_by("-created_at")
    one = rows[customers // 3]
    key = public_id("cus", one.pk)
    middle = public_id("cus", rows[customers // 2].pk)
    phone = f"138{customers // 2:08d}"
    base = "/staff/customers"
    return {
        "list": base,
        "list, deep": f"{base}?after={middle}",
        "phone": f"{base}?q={phone[:3]} {phone[3:7]} {phone[7:]}",
        "phone, three digits": f"{base}?q=138",
        "name": f"{base}?q=李娜12",
        "card": f"{base}?q=vip 000000",
        "number": f"{base}?q={key}",
        "nobody": f"{base}?q=nobody at all",
        "members": f"{base}?state=member",
        "fans": f"{base}?state=fan",
        "common tier": f"{base}?tier=silver",
        "rare tier": f"{base}?tier=gold",
        "joined in 7 days": f"{base}?joined=7d",
        "joined long ago": f"{base}?joined=older365d",
        "bought in 30 days": f"{base}?last=30d",
        "not for 180 days": f"{base}?last=older180d",
        "not for 12 months": f"{base}?last=older365d",
        "points, many": f"{base}?points=100",
        "points, few": f"{base}?points=5008",
        "consent, common": f"{base}?consent=sms",
        "consent, rare": f"{base}?consent=post",
        "consent, none": f"{base}?consent=email",
        "all at once": f"{base}?state=member&tier=gold&last=90d&points=1000&consent=sms",
        "one customer": f"{base}/{key}",
        "history": f"{base}/{key}/history",
        **{
            f"insight: {each}": f"/staff/insight/lists/{each}"
            for each in (
                "slipping",
                "slipping?order=score",
                "slipping?group=barnacle",
                "likely_loyal",
                "likely_loyal?order=value",
                "likely_loyal?order=churn&group=barnacle",
                "unlikely",
                "unlikely?order=churn",
                "all",
                "all?order=churn",
                "all?order=spend",
                "all?order=score_low",
                "all?group=barnacle",
                "all?group=barnacle&order=spend",
            )
        },
        "insight": "/staff/insight",
        "today": "/staff/today",
        "lapsing": "/staff/today/lapsing",
        "till": f"/staff/till/{key}",
        "till, sale": f"/staff/till/{key}?amount=128.50",
    }


def ask_pages(customers: int, *, rounds: int, postmaster: int) -> None:
    """Ask for each page several times and write a table.

    Parameters
    ----------
    customers
        How many there are.
    rounds
        How often each page is asked for.
    postmaster
        Process of the database server.
    """
    logging.disable(logging.CRITICAL)
    client = Client(
        SERVER_NAME="127.0.0.1", headers={"Accept": "text/html", "Accept-Language": "en"}
    )
    client.force_login(Staff.objects.get(username=_EMAIL))
    sys.stdout.write("| page | least ms | middle ms | CPU page | CPU database | queries |\n")
    sys.stdout.write("| --- | --: | --: | --: | --: | --: |\n")
    for name, url in _pages(customers).items():
        client.get(url)
        times = []
        own, server = time.process_time(), tree_seconds(postmaster)
        for _ in range(rounds):
            began = time.perf_counter()
            answer = client.get(url)
            times.append((time.perf_counter() - began) * 1000)
        own = (time.process_time() - own) * 1000 / rounds
        server = (tree_seconds(postmaster) - server) * 1000 / rounds
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        status = "" if answer.status_code == 200 else f" ({answer.status_code})"
        middle = percentile(times, 0.5)
        sys.stdout.write(
            f"| {name}{status} | {min(times):.0f} | {middle:.0f} | {own:.0f} | {server:.0f} |"
            f" {len(asked)} |\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1] == "begin":
        begin()
    else:
        ask_pages(int(sys.argv[1]), rounds=int(sys.argv[2]), postmaster=int(sys.argv[3]))
