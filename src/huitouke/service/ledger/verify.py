"""Checks the whole ledger and names every row that is not as it must be.

In full: every account, the whole chain. Since a moment: the accounts with entries since then
and those with older operations that no block holds yet, and the blocks from there, linked to
all before. Both are readings; they may run while the service posts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from huitouke.language import N_, Language, words
from huitouke.service.core import clock
from huitouke.service.ledger.grants import APPLICATION
from huitouke.service.ledger.phrases import PHRASES
from huitouke.service.ledger.seal import Head, head

__all__ = ["Broken", "Verdict", "verify"]

_CHUNK = 5_000
_SAMPLE = 200
_NOT_ABOUT_KEYS = frozenset({"as_of", "guards", "transfers"})


@dataclass(frozen=True, kw_only=True)
class Broken:
    """One place where an invariant does not hold.

    ``invariant`` is the stable name listed in ``docs/ledger.md``; account, seq, key and block
    tell where, as far as they apply; ``what`` was looked at.
    """

    invariant: str
    account: int | None = None
    seq: int | None = None
    key: str | None = None
    block: int | None = None
    what: str
    found: str | None
    expected: str | None

    @property
    def says(self) -> str:
        """The row in English."""
        return self.text("en")

    def text(self, language: Language) -> str:
        """Return where, what, what was found and what was expected.

        Parameters
        ----------
        language
            ``"en"``, ``"zh"`` or ``"zh-Hant"``.

        Examples
        --------
        >>> Broken(
        ...     invariant="sums", account=7, what="held of the account", found="3", expected="0"
        ... ).says
        'account 7: held of the account is 3, expected 0'
        """
        reader = words(language)
        # Some invariants are not about an operation; their key names a table, a pair, a time.
        named = "{value}" if self.invariant in _NOT_ABOUT_KEYS else N_("operation {value}")
        places = [
            reader.say(message, value=value)
            for message, value in (
                (N_("account {value}"), self.account),
                (N_("entry {value}"), self.seq),
                (named, self.key),
                (N_("block {value}"), self.block),
            )
            if value is not None
        ]
        none = reader.say(N_("none"))
        fact = reader.say(
            N_("{what} is {found}, expected {expected}"),
            what=reader.say(PHRASES.get(self.what, self.what)),
            found=none if self.found is None else self.found,
            expected=none if self.expected is None else self.expected,
        )
        if not places:
            return fact
        joint = ", " if language == "en" else "，"
        return reader.say(N_("{where}: {fact}"), where=joint.join(places), fact=fact)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a check found.

    Parameters
    ----------
    broken
        Every broken row; empty when all is well.
    entries
        Entries that were looked at.
    sealed, unsealed
        Operations in the chain, and not yet.
    head
        The last block; publish it outside the database. None before the first sealing.
    since
        From when an incremental check looked; None for a full one.
    begun
        When the check began.
    seconds
        How long it took.
    """

    broken: tuple[Broken, ...]
    entries: int
    sealed: int
    unsealed: int
    head: Head | None
    since: datetime | None
    begun: datetime
    seconds: float


def verify(
    *,
    since: datetime | None = None,
    published: Head | None = None,
    role: str | None = APPLICATION,
    seed: int = 0,
) -> Verdict:
    """Check the invariants and the chain.

    Parameters
    ----------
    since
        From when to look; None looks at everything. :func:`~.checking.check` knows from when
        on nothing has been looked at.
    published
        A head that was kept elsewhere: the chain must still contain it.
    role
        The service's role, whose rights are looked at; None to leave that out.
    seed
        Chooses the accounts and moments whose earlier balances are replayed.

    Returns
    -------
    Verdict
        With a row for everything that is broken.
    """
    begun = clock.now()
    with transaction.atomic():
        _room()
        chunks = [None] if since is None else list(_accounts(since))
        broken: list[Broken] = []
        entries = 0
        for accounts in chunks:
            broken += _rows(accounts, seed=seed)
            entries += _number(
                "SELECT count(*) FROM ledger.entry"
                " WHERE %s::bigint[] IS NULL OR account = ANY (%s::bigint[])",
                [accounts, accounts],
            )
        broken += _chain(1 if since is None else _block(since), published=published)
        broken += _ask(_GUARDS, [role])
        sealed = _number("SELECT count(*) FROM ledger.leaf", [])
        operations = _number("SELECT count(*) FROM ledger.op", [])
        last = head()
    return Verdict(
        broken=tuple(broken),
        entries=entries,
        sealed=sealed,
        unsealed=operations - sealed,
        head=last,
        since=since,
        begun=begun,
        seconds=(clock.now() - begun).total_seconds(),
    )


_COLUMNS = "invariant, account, seq, key, NULL::bigint AS block, what, found, expected"
_GUARDS = f"SELECT {_COLUMNS} FROM ledger.broken_guard(%s::text)"  # noqa: S608 - constants
_ROWS = f"""
SELECT {_COLUMNS} FROM ledger.broken_in(%s::bigint[])
UNION ALL
SELECT {_COLUMNS} FROM ledger.broken_as_of(%s::bigint[], %s::integer, %s::integer)
UNION ALL
SELECT 'seal', account, seq, key, block, what, found, expected
FROM ledger.broken_leaf(%s::bigint[])
"""  # noqa: S608 - constants
_BLOCKS = """
SELECT 'seal', NULL::bigint, NULL::bigint, NULL::text, block, what, found, expected
FROM ledger.broken_block(%s::bigint)
"""


def _room() -> None:
    """Give the check memory, and no compiler: its queries are wide but not long."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SET LOCAL jit = off")


def _block(since: datetime) -> int:
    """Return the last block that was cut by a moment; the first if there is none."""
    return _number(
        "SELECT coalesce(max(block), 1) FROM ledger.seal WHERE cut_at <= %s::timestamptz",
        [since],
    )


# What was written late, or put in with an old date, is in no block yet and is looked at too.
_TOUCHED = """
SELECT a FROM ledger.accounts_since(%s::timestamptz) a
UNION
SELECT o.account FROM ledger.op o
WHERE o.created_at < %s::timestamptz
  AND NOT EXISTS (SELECT FROM ledger.leaf f WHERE f.account = o.account AND f.key = o.key)
ORDER BY 1
"""


def _accounts(since: datetime) -> Iterator[list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, [since, since])
        touched = [row[0] for row in cursor.fetchall()]
    for first in range(0, len(touched), _CHUNK):
        yield touched[first : first + _CHUNK]


def _ask(query: str, values: list[Any]) -> list[Broken]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        names = ("invariant", "account", "seq", "key", "block", "what", "found", "expected")
        return [Broken(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _rows(accounts: list[int] | None, *, seed: int) -> list[Broken]:
    return _ask(_ROWS, [accounts, accounts, seed, _SAMPLE, accounts])


def _chain(block: int, *, published: Head | None) -> list[Broken]:
    broken = _ask(_BLOCKS, [block])
    if published is None:
        return broken
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encode(hash, 'hex') FROM ledger.seal WHERE block = %s", [published.block]
        )
        row = cursor.fetchone()
    found = row[0] if row else None
    if found != published.hash:
        broken.append(
            Broken(
                invariant="seal",
                block=published.block,
                what="published hash of the block",
                found=found,
                expected=published.hash,
            )
        )
    return broken


def _number(query: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return int(cursor.fetchone()[0])
