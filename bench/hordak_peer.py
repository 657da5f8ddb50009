"""django-hordak, called as its documentation shows, in a process of its own.

    python bench/hordak_peer.py shape URL ACCOUNTS
    python bench/hordak_peer.py transfers URL ACCOUNTS COUNT SEED

``shape`` makes its tables and accounts; ``transfers`` moves money between two of them,
COUNT times, once a line came on standard input.
"""

from __future__ import annotations

import random
import sys
from typing import Any

import django
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

from measure import Clock

__all__: list[str] = []


def _configure(url: str) -> None:
    parts: dict[str, Any] = conninfo_to_dict(url)
    settings.configure(
        SECRET_KEY="a-benchmark-keeps-no-secrets",
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts["dbname"],
                "USER": parts.get("user", ""),
                "HOST": parts.get("host", ""),
                "PORT": str(parts.get("port", "")),
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        DEFAULT_CURRENCY="CNY",
        CURRENCIES=["CNY"],
        HORDAK_INTERNAL_CURRENCY="CNY",
        DEBUG=False,
    )
    django.setup()


def _shape(accounts: int) -> None:
    from django.core.management import call_command
    from hordak.models import Account

    call_command("migrate", interactive=False, verbosity=0)
    for number in range(accounts):
        Account.objects.create(
            name=f"member {number}", type="AS", code=f"{number:05d}", currencies=["CNY"]
        )


def _transfers(clock: Clock, *, count: int, seed: int) -> None:
    from hordak.models import Account
    from moneyed import Money

    chance = random.Random(seed)
    accounts = list(Account.objects.filter(type="AS"))

    def move() -> None:
        giver, receiver = chance.sample(accounts, 2)
        giver.transfer_to(receiver, Money(chance.randint(1, 200), "CNY"))

    for _ in range(20):
        move()
    sys.stdin.readline()
    with clock.step("transfers"):
        for _ in range(count):
            move()


def main() -> None:
    """Do what the command line says and print what was found, for ``measure.run``."""
    what, url, accounts, *rest = sys.argv[1:]
    _configure(url)
    clock = Clock()
    if what == "shape":
        _shape(int(accounts))
    else:
        count, seed = (int(each) for each in rest)
        _transfers(clock, count=count, seed=seed)
    clock.tell()


if __name__ == "__main__":
    main()
