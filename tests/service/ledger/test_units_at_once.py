"""Programmes that are published at the same moment number their units one after another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from huitouke.service.ledger import units


def test_units_made_at_once_have_numbers_of_their_own(own_database):
    codes = [f"p{number}.points" for number in range(12)]

    def make(code):
        try:
            with transaction.atomic():
                return units.create_unit(code, kind="points")
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(make, codes))

    assert sorted(numbers) == list(range(1, 13))
