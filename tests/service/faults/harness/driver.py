"""Sends the stream with several senders at once, through every fault, and then compares.

Nothing is lost if, after any fault: every answer that was given still holds and is given
again to the same request; every request without an answer has one effect in all once it is
sent again; nothing is there that nobody asked for; and every member has what the book says.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx

from harness.book import Ask, Book, passing, same
from harness.compare import compare
from harness.dice import dice
from harness.member import Member
from harness.stream import Stream
from harness.world import World, read

PATIENCE_SECONDS = 180.0


class Lost(AssertionError):
    """Something was lost, doubled or made up."""


class Driver:
    """One seeded run.

    Parameters
    ----------
    urls
        Servers of one database; senders take turns among them.
    key
        API key.
    folder
        Where the book is kept.
    seed
        Printed with every complaint.
    """

    def __init__(
        self, urls: Sequence[str], *, key: str, folder: Path, seed: int, senders: int = 5,
        members: int = 6, shared: int = 2, fresh_connections: bool = False,
    ) -> None:  # fmt: skip
        self.urls, self.key, self.seed = list(urls), key, seed
        self.name = f"s{seed}"
        self.book = Book(folder / f"book-{seed}.jsonl")
        self.world = World()
        self.random = dice(f"{seed}-faults")
        self.at = datetime.now(UTC)  # noqa: TID251 - occurrences are counted back from it
        self.senders, self.members = senders, members
        self.common = [self.world.member(f"{self.name}-shared{n}") for n in range(shared)]
        self.world.shared = {each.name for each in self.common}
        self.fresh = self.world.twins = fresh_connections
        self.counts: Counter[str] = Counter()
        self.lost_before: set[int] = set()
        self.unknown: list[Ask] = []
        self.answers: dict[int, tuple[int, str]] = {}
        self.passed = threading.Condition()
        self._lock = threading.Lock()
        self._crashed: list[BaseException] = []
        self.longest = 0.0

    def client(self, which: int = 0) -> httpx.Client:
        return httpx.Client(
            base_url=self.urls[which % len(self.urls)],
            headers={
                "Authorization": f"Bearer {self.key}",
                "Accept-Language": "en",
                **({"Connection": "close"} if self.fresh else {}),
            },
            timeout=httpx.Timeout(20, connect=5),
            limits=httpx.Limits(max_keepalive_connections=0 if self.fresh else 5),
        )

    def send(self, client: httpx.Client, ask: Ask) -> tuple[int, str] | None:
        """Send a request once; None where it stays unknown what became of it."""
        headers = {"Idempotency-Key": ask.key} if ask.key else {}
        self.book.sent(ask)
        with self.passed:
            self.counts["sent"] += 1
            self.passed.notify_all()
        began = time.monotonic()
        try:
            found = client.post(ask.path, json=ask.body, headers=headers)
            text = found.text
        except httpx.HTTPError as error:
            self.book.lost(ask, why=type(error).__name__)
            with self._lock:
                self.counts["lost"] += 1
                self.lost_before.add(ask.n)
            return None
        self.longest = max(self.longest, time.monotonic() - began)
        self.book.answered(ask, status=found.status_code, text=text)
        if passing(found.status_code, text):
            with self._lock:
                self.counts[f"put off {found.status_code}"] += 1
                self.lost_before.add(ask.n)
            return None
        return found.status_code, text

    def decide(self, ask: Ask, answer: tuple[int, str]) -> None:
        """Take in an answer: the first one decides, every later one must be the same."""
        with self._lock:
            self.counts["answered"] += 1
            first = self.answers.setdefault(ask.n, answer)
            if first is not answer:
                self.counts["repeated"] += 1
                exact = ask.key is not None and ask.what != "other"
                if first != answer if exact else not same(first, answer):
                    says = f"it was answered {first[0]} {first[1][:300]} before"
                    self.world.complain(ask, says=says, status=answer[0], text=answer[1])
                return
            if answer[0] >= 400:
                self.counts["refused"] += 1
            before = ask.n in self.lost_before
            self.world.apply(ask, status=answer[0], text=answer[1], lost_before=before)

    def run(
        self, count: int, *, faults: Sequence[tuple[float, Callable[[], None]]] = ()
    ) -> None:
        """Send ``count`` requests; faults come when this share of them was sent."""
        threads = [
            threading.Thread(target=self._sender, args=(n, count // self.senders))
            for n in range(self.senders)
        ]
        for each in threads:
            each.start()
        try:
            for share, act in faults:
                with self.passed:
                    self.passed.wait_for(
                        lambda: self.counts["sent"] >= share * count or bool(self._crashed),  # noqa: B023
                        timeout=PATIENCE_SECONDS,
                    )
                threading.Event().wait(self.random.random() * 0.05)
                act()
        finally:
            for each in threads:
                each.join()
        if self._crashed:
            raise self._crashed[0]

    def _sender(self, which: int, count: int) -> None:
        try:
            with self.client(which) as client:
                _Sender(self, which, client=client).work(count)
        except BaseException as error:  # noqa: BLE001 - it is raised in the run's own thread
            self._crashed.append(error)
            with self.passed:
                self.passed.notify_all()

    def settle(self) -> None:
        """Send every request again whose answer never came, with its own key."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        pause = threading.Event()
        with self.client() as client:
            while self.unknown:
                if time.monotonic() > deadline:
                    message = f"seed {self.seed}: {len(self.unknown)} requests get no answer"
                    raise Lost(message)
                ask = self.unknown.pop(0)
                answer = self.send(client, ask)
                if answer is None:
                    self.unknown.append(ask)
                    pause.wait(0.05)
                else:
                    self.decide(ask, answer)

    def replay(self, *, share: float = 1.0) -> None:
        """Send what was answered once more; every answer must be the one that was given."""
        wanted = [ask for ask in self._asked() if self.random.random() < share]
        with self.client() as client:
            for ask in wanted:
                if ask.n not in self.answers or ask.what == "customer":
                    continue
                answer = self.send(client, ask)
                if answer is not None:
                    self.decide(ask, answer)

    def _asked(self) -> list[Ask]:
        return [
            Ask(**{k: v for k, v in line.items() if k != "e"})
            for line in self.book.lines()
            if line["e"] == "ask"
        ]

    def check(self, *, database_url: str | None = None) -> None:
        """Compare the server with the book, read anew from its file."""
        anew = read(self.book, shared=self.world.shared, twins=self.world.twins)
        complaints = list(self.world.complaints)
        with self.client() as client:
            complaints += compare(anew, client=client, name=self.name, database=database_url)
        if complaints:
            told = "\n".join(complaints[:20])
            message = (
                f"seed {self.seed}, {len(complaints)} complaints ({self.book.place}):\n{told}"
            )
            raise Lost(message)

    def summary(self) -> dict[str, object]:
        return {"seed": self.seed, **self.counts, "longest s": round(self.longest, 2)}


class _Sender:
    """One of the threads: it serves members of its own, and those that all serve."""

    def __init__(self, driver: Driver, which: int, *, client: httpx.Client) -> None:
        self.driver, self.client = driver, client
        name = f"{driver.name}-t{which}"
        self.stream = Stream(
            name, seed=f"{driver.seed}-{which}", at=driver.at, number=driver.book.number
        )
        with driver._lock:
            self.own = [driver.world.member(f"{name}-m{n}") for n in range(driver.members)]
        self.waiting: list[Ask] = []
        self.past: list[Ask] = []
        self.first = which == 0

    def work(self, count: int) -> None:
        members = self.own + (self.driver.common if self.first else [])
        for place, member in enumerate(members):
            for ask in self.stream.begin(member, by_fact=place % 2 == 0):
                self.driver.book.asked(ask)
                self._once(ask)
        done = 0
        deadline = time.monotonic() + PATIENCE_SECONDS
        while done < count or self.waiting:
            done += self._step(full=done >= count)
            if not self.waiting:
                deadline = time.monotonic() + PATIENCE_SECONDS
            elif time.monotonic() > deadline:
                message = f"seed {self.driver.seed}: {self.waiting[0]} gets no answer"
                raise Lost(message)

    def _step(self, *, full: bool) -> int:
        busy = {name for ask in self.waiting for name in ask.who}
        free = [each for each in self.own if each.name not in busy]
        chance = self.stream.random.random()
        if self.waiting and (full or not free or chance < 0.3):
            self._once(self.waiting.pop(0))
            return 0
        if chance > 0.9 and self.past:
            self._again(self.stream.random.choice(self.past[-60:]))
            return 1
        ask = self._new(free, chance)
        if ask is None:
            return 0
        self.driver.book.asked(ask)
        self._once(ask)
        return 1

    def _new(self, free: list[Member], chance: float) -> Ask | None:
        if 0.86 < chance <= 0.9 and self.past:
            return self.stream.other(self.stream.random.choice(self.past[-60:]))
        if self.driver.common and chance < 0.1:
            ready = [each for each in self.driver.common if each.id and each.joined]
            with self.driver._lock:
                return self.stream.next(self.driver.world, ready) if ready else None
        return self.stream.next(self.driver.world, free)

    def _once(self, ask: Ask) -> None:
        answer = self.driver.send(self.client, ask)
        if answer is not None:
            self.driver.decide(ask, answer)
            if ask.what not in {"customer", "other"}:
                self.past.append(ask)
            return
        if set(ask.who) & self.driver.world.shared and ask.what != "customer" and self.past:
            with self.driver._lock:
                self.driver.unknown.append(ask)
        else:
            self.waiting.append(ask)
        threading.Event().wait(0.1)

    def _again(self, ask: Ask) -> None:
        answer = self.driver.send(self.client, ask)
        if answer is not None:
            self.driver.decide(ask, answer)
