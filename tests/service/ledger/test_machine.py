"""The ledger in SQL does what the reference model says, step by step."""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from ledger_machine import LedgerMachine

pytestmark = pytest.mark.django_db

#: More of them in a nightly run: HUITOUKE_LEDGER_EXAMPLES=2000.
EXAMPLES = int(os.environ.get("HUITOUKE_LEDGER_EXAMPLES", "40"))
#: Of the long run: HUITOUKE_LEDGER_OPERATIONS=100000 takes minutes. Two members have so many.
OPERATIONS = int(os.environ.get("HUITOUKE_LEDGER_OPERATIONS", "600"))
SEED = int(os.environ.get("HUITOUKE_SEED", "1"))
OF_TWO = 500


def test_the_ledger_is_the_model(shown):
    LedgerMachine.shown = staticmethod(shown)
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            report_multiple_bugs=False,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_long_run_is_the_model(shown):
    """Random operations of one seed, single and in batches, compared after every hundred."""
    LedgerMachine.shown = staticmethod(shown)
    chance = random.Random(SEED)  # noqa: S311 - a seed, not a secret
    done = Counter()
    for begin in range(0, OPERATIONS, OF_TWO):
        machine = LedgerMachine()
        machine.open()
        for number in range(begin, min(begin + OF_TWO, OPERATIONS)):
            name, act = an_operation(machine, chance=chance)
            act()
            done[name] += 1
            if number % 100 == 99:
                machine.the_same_as_the_model()
        machine.the_same_as_the_model()
        machine.teardown()

    assert done.total() == OPERATIONS
    assert len(done) == 10, f"seed {SEED}: {done}"


def an_operation(machine, *, chance):
    """Draw one of the operations that are possible, with what it is given."""

    def amount():
        return chance.randint(1, 120)

    def hours():
        return chance.choice([None, chance.randint(1, 12)])

    member, pick = chance.randint(0, 1), chance.randrange(10_000)
    parts = [(chance.randint(0, 1), amount()) for _ in range(chance.randint(2, 6))]
    policy = chance.choice(["debt", "debt", "within_balance", "pending_only", "absorb"])
    part = chance.choice([None, amount()])
    possible = {
        "earn": lambda: machine.earn(
            member=member, amount=amount(), starts=hours(), ends=hours()
        ),
        "spend": lambda: machine.spend(member=member, amount=amount()),
        "several": lambda: machine.several(parts=parts, pays=chance.random() < 0.4),
        "hold": lambda: machine.hold(
            member=member, amount=amount(), ends=chance.randint(1, 12)
        ),
        "transfer": lambda: machine.transfer(member=member, amount=amount(), starts=hours()),
        "wait": lambda: machine.wait(hours=chance.randint(1, 9)),
    }
    if machine.holds:
        possible["capture"] = lambda: machine.capture(pick=pick, amount=part)
        possible["release"] = lambda: machine.release(pick=pick)
    if machine.orders:
        possible["claw_back"] = lambda: machine.claw_back(
            pick=pick, amount=amount(), policy=policy, both=chance.random() < 0.5
        )
    if machine.spends:
        possible["restore"] = lambda: machine.restore(pick=pick, amount=part, grace=hours())
    name = chance.choice(["earn", "several", *possible])
    return name, possible[name]
