"""Kill the service in the middle of mixed streams, seed after seed, and look for what is lost.

    python tests/service/faults/torture.py                       100 seeds of 2,000 requests
    python tests/service/faults/torture.py --requests 10000      the long one
    python tests/service/faults/torture.py --first 42 --seeds 1  one seed again

A line is printed for each seed. The exit code is 1 if anything was lost, doubled or made up;
the books of those seeds and the logs of the service stay in the work folder.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from harness.dice import dice as chance
from harness.driver import PATIENCE_SECONDS, Driver, Lost
from harness.killing import chosen, ways
from harness.served import Service, copy_data

COLUMNS = ("sent", "answered", "repeated", "refused", "lost", "put off 503", "put off 409")


def say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100, help="how many seeds")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--requests", type=int, default=2_000, help="requests of each seed")
    parser.add_argument("--senders", type=int, default=8, help="clients at the same time")
    parser.add_argument("--workers", type=int, default=2, help="server processes")
    parser.add_argument("--renew", type=int, default=10, help="seeds on one database")
    parser.add_argument("--work", type=Path, help="folder of data, books and logs")
    return parser.parse_args(given)


def one_seed(service: Service, *, seed: int, chosen_by: argparse.Namespace, work: Path) -> str:
    """Run one seed; return the names of what hit the service."""
    dice = chance(f"{seed}-hits")
    names = tuple(dice.choices(list(ways(service, stop_seconds=0)), k=dice.randint(1, 3)))
    senders = chosen_by.senders
    members = max(4, chosen_by.requests // (senders * 50))
    driver = Driver(
        (service.url,), key=service.key, folder=work, seed=seed, senders=senders,
        members=members,
    )  # fmt: skip
    began = time.monotonic()
    try:
        stop_seconds = dice.choice((1.0, 5.0))
        faults = chosen(service, names=names, random=driver.random, stop_seconds=stop_seconds)
        driver.run(chosen_by.requests, faults=faults)
        service.wait(seconds=PATIENCE_SECONDS)
        driver.settle()
        driver.replay(share=0.2)
        driver.check(database_url=service.database_url())
    finally:
        driver.book.close()
        figures = "".join(f"{driver.counts[each]:>12}" for each in COLUMNS)
        say(f"{seed:>6}{figures}{time.monotonic() - began:>8.0f} s  {'+'.join(names)}", end="")
    driver.book.place.unlink()
    return "+".join(names)


def run(chosen_by: argparse.Namespace, *, work: Path) -> int:
    """Run all seeds; return how many went wrong."""
    first = Service(work / "prepared", background=False)
    key = first.make_key()
    first.stop()
    say("  seed" + "".join(f"{each:>12}" for each in COLUMNS) + "      time  hits")
    wrong = 0
    service: Service | None = None
    try:
        for place in range(chosen_by.seeds):
            if service is None:
                folder = copy_data(first.folder, to=work / f"data{place}")
                service = Service(folder, workers=chosen_by.workers, key=key).start()
            try:
                one_seed(service, seed=chosen_by.first + place, chosen_by=chosen_by, work=work)
                say("  whole")
            except (Lost, TimeoutError, AssertionError) as error:
                wrong += 1
                say(f"  WRONG\n{error}")
            last = place + 1 == chosen_by.seeds or (place + 1) % chosen_by.renew == 0
            if last or not service.healthy():
                wrong += _ended(service)
                service = None
    finally:
        if service is not None:  # somebody interrupts: it is in a session of its own
            service.stop()
    return wrong


def _ended(service: Service) -> int:
    """Check the whole ledger, stop the service and remove its data; 1 if it is broken."""
    done = service.command("ledger", "verify", seconds=3_600)
    service.stop()
    say(done.stdout.strip())
    if done.returncode:
        say(done.stderr)
        return 1
    shutil.rmtree(service.folder, ignore_errors=True)
    return 0


def main(given: list[str] | None = None) -> None:
    chosen_by = arguments(given)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    work = chosen_by.work or Path(tempfile.mkdtemp(prefix="huitouke-torture-"))
    work.mkdir(parents=True, exist_ok=True)
    work.chmod(0o755)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    wrong = run(chosen_by, work=work)
    say(f"{chosen_by.seeds} seeds, {wrong} wrong, {time.monotonic() - began:.0f} s, {work}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
