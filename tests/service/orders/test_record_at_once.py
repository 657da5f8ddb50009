"""Many senders of the same orders at once."""

from __future__ import annotations

import threading
from datetime import UTC

from django.db import connection

from huitouke.service.core.actor import Actor
from huitouke.service.orders.commands import record
from huitouke.service.orders.models import Line, Order


def test_eight_senders_of_the_same_orders_get_the_same_ids(own_database, order_of, at):
    orders = [order_of(number=f"N{n}", store=f"S{n % 3}") for n in range(200)]
    turned = list(reversed(orders))
    answers: list = [None] * 8
    start = threading.Barrier(8)

    def send(place: int) -> None:
        try:
            start.wait()
            given = turned if place % 2 else orders
            ids = record(given, at=at.astimezone(UTC), actor=Actor("key", str(place)))
            answers[place] = dict(zip([o.number for o in given], ids, strict=True))
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(answer == answers[0] for answer in answers)
    assert Order.objects.count() == 200
    assert Line.objects.count() == 200
