"""Fault 25: the disk is full in the middle of a stream, and has room again."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from harness.served import copy_data, mounted_as_small, until


@pytest.fixture
def small_disk():
    place = Path(tempfile.mkdtemp(prefix="small-disk-"))
    if not mounted_as_small(place, megabytes=150):
        shutil.rmtree(place)
        pytest.skip("only root may mount a small disk")
    place.chmod(0o755)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
    shutil.rmtree(place)


def fill(disk):
    """Leave room for almost nothing, or for nothing where the service wrote meanwhile."""
    room = shutil.disk_usage(disk).free - 256 * 1024
    with suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        filler.write(b"\0" * max(room, 0))


def checkpoint(url):
    """Ask for what writes everything down; without room it may fail."""
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            connection.execute("CHECKPOINT")
            connection.execute("SELECT pg_switch_wal()")
    except psycopg.Error:
        return False
    return True


def test_a_full_disk_refuses_and_loses_nothing(
    small_disk, prepared, make_service, drive, seeds
):
    folder = copy_data(prepared[0], to=small_disk / "data")
    service = make_service(folder=folder, background=False).start()
    url = service.database_url()
    driver = drive(service, seed=seeds + 500, senders=3)
    found = []

    def full():
        fill(small_disk)
        found.append(checkpoint(url))
        before = driver.counts["put off 503"] + driver.counts["lost"]
        until(
            lambda: driver.counts["put off 503"] + driver.counts["lost"] > before + 5,
            what="the first refusals",
        )
        (small_disk / "filler").unlink()

    driver.run(400, faults=[(0.3, full)])
    until(lambda: checkpoint(service.database_url()), what="the recovery of the database")
    service.wait()
    driver.settle()
    driver.replay(share=0.3)

    driver.check(database_url=service.database_url())
    service.verify()
