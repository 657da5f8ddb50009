"""Fault 34: two members become one while both earn and redeem."""

from __future__ import annotations

import threading

from harness.shop import insisting


def test_a_merge_under_load_loses_and_doubles_nothing(served, shop):
    loser, winner = shop.members(2)
    begun = threading.Event()
    given, spent = [], []

    def work(which, number):
        member = (loser, winner)[which]
        for turn in range(12):
            key = f"{shop.source}-{which}-{number}-{turn}"
            answer = insisting(lambda: shop.give(member, 10, key=key))  # noqa: B023
            given.append((key, member, answer))
            spend = insisting(lambda: shop.redeem(member, 100, key=f"{key}-r"))  # noqa: B023
            spent.append(spend)
            if turn == 3:
                begun.set()

    threads = [threading.Thread(target=work, args=(n % 2, n)) for n in range(6)]
    for each in threads:
        each.start()
    assert begun.wait(60)
    path = f"/v1/customers/{loser}/merge"
    merge = insisting(lambda: shop.post(path, {"into": winner}, key=f"{shop.source}-merge"))
    for each in threads:
        each.join()
    again = [shop.give(member, 10, key=key) for key, member, _ in given]
    figures = shop.balance(winner)

    assert merge.status_code == 200, merge.text
    assert {each.status_code for _, _, each in given} == {201}
    assert {each.status_code for each in spent} <= {201, 409}
    assert [each.text for each in again] == [each.text for _, _, each in given]
    assert shop.balance(loser) == figures
    # What the loser had set aside is let go; the present for joining stays theirs once.
    value = figures["active"] + figures["pending"] + figures["held"] - figures["owed"]
    assert value == 100 + 10 * len(given)
    served.verify()
