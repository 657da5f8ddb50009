"""Costs are measured per process, and a failed process is not a measurement."""

from __future__ import annotations

import sys

import pytest

from measure import BENCH, ChildFailed, Cost, Run, command, median


def test_a_process_is_charged_for_what_it_works():
    busy, _, said = command(
        [sys.executable, "-c", "print(sum(i * i for i in range(3_000_000)))"]
    )
    idle, _, _ = command([sys.executable, "-c", "pass"])

    assert busy.cpu > idle.cpu
    assert said.strip() == str(sum(i * i for i in range(3_000_000)))


def test_memory_is_of_the_measured_process_alone():
    def peak(work):
        told = f"import sys; sys.path.insert(0, {str(BENCH)!r}); {work}; "
        told += "from measure import peak_mb; print(peak_mb())"
        return float(command([sys.executable, "-c", told])[2])

    assert 80 < peak("b = b'x' * 100_000_000") - peak("pass") < 130


def test_a_failed_process_is_told_with_its_complaint():
    with pytest.raises(ChildFailed, match="no such thing"):
        command([sys.executable, "-c", "raise SystemExit('no such thing')"])


def test_the_median_is_taken_of_every_number():
    runs = [Run({"a": Cost(cpu, cpu)}, Cost(cpu, 2 * cpu), 10 * cpu) for cpu in (5.0, 1.0, 2.0)]

    middle = median(runs)

    assert middle.steps["a"] == Cost(2.0, 2.0)
    assert (middle.whole, middle.peak_mb) == (Cost(2.0, 4.0), 20.0)
    assert Run.of(middle.plain()) == middle
