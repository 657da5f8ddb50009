"""Facts out: paid orders, what came back of them, and who bought, as insight takes them.

Everything is read as of one moment. The meaning is that of an orders file given to
``huitouke analyze``:

* a line's amount is what is paid for it, tax included, the order's discount split to its
  lines; its discount is its own and its share of the order's. Delivery is not counted, nor
  are gift cards when they are bought: what is paid with them is;
* what comes back is a return of its own day, names its order, and takes its part of the
  discount back; what a file told as undone in the order's own row is undone on that day;
* days are those of the shop's time zone; only one currency is counted;
* merged customers are one, under the id that stays. An erased person is the id alone.

Customers stand in the order of the shop's own names for them, as in a file; so samples and
ties fall the same way, and the same orders give the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from babel.numbers import get_currency_precision
from django.db import connection, transaction

from huitouke.insight.facts.reading import Note
from huitouke.insight.facts.told import TOLD
from huitouke.language import N_
from huitouke.service.loop.copying import Rows, copied, hex_text
from huitouke.service.loop.place import settled

__all__ = ["Customers", "Orders", "Shop", "orders_of", "shop"]

#: Numbers of one length, so that their order as text is their order.
_FIRST = 1_000_000_000
#: PostgreSQL counts from the year 2000.
_EPOCH_MICROS = 946_684_800_000_000
_OTHERS = N_("{orders} orders in other currencies than {currency} are left out.")

_CURRENCIES = """
SELECT currency, count(*) FROM orders_order WHERE paid_at IS NOT NULL
GROUP BY currency ORDER BY 2 DESC, 1
"""
_PEOPLE = """
CREATE TEMPORARY TABLE loop_person ON COMMIT DROP AS
WITH RECURSIVE led AS (
  SELECT id AS given, merged_into_id AS id FROM customers_customer
   WHERE merged_into_id IS NOT NULL
  UNION ALL
  SELECT led.given, c.merged_into_id FROM led JOIN customers_customer c ON c.id = led.id
   WHERE c.merged_into_id IS NOT NULL
), named AS (
  SELECT customer_id, min(value) FILTER (WHERE kind = 'external') AS own, min(value) AS any_one
    FROM customers_identity GROUP BY customer_id
), ranked AS (
  SELECT c.id, row_number() OVER (
      ORDER BY coalesce(n.own, n.any_one, c.id::text) COLLATE "C", c.id) AS no
    FROM customers_customer c LEFT JOIN named n ON n.customer_id = c.id
   WHERE c.merged_into_id IS NULL
)
SELECT id, no, true AS today FROM ranked
UNION ALL
SELECT led.given, ranked.no, false FROM led JOIN ranked ON ranked.id = led.id
"""
_NAMES = "SELECT id FROM loop_person WHERE today ORDER BY no"
# What a file told as undone in the row of the order itself (see the import of orders).
_UNDONE = """
r.source = 'import' AND r.source_id IN (o.number || '/refunded', o.number || '/void')
"""
_WORDS = """
SELECT 'category', l.category FROM orders_line l GROUP BY l.category
UNION ALL SELECT 'store', o.store FROM orders_order o GROUP BY o.store
UNION ALL SELECT 'channel', o.channel FROM orders_order o GROUP BY o.channel
"""
_SALES = f"""
WITH undone AS (
  SELECT r.order_id, b.position, sum(b.amount_minor)::bigint AS minor
    FROM orders_refund r
    JOIN orders_order o ON o.id = r.order_id
    JOIN orders_refundline b ON b.refund_id = r.id
   WHERE {_UNDONE}
   GROUP BY r.order_id, b.position
)
SELECT o.id, coalesce(p.no, 0), o.ordered_at AT TIME ZONE %s, l.net_minor,
  l.discount_minor + l.amount_minor - l.net_minor, coalesce(u.minor, 0),
  coalesce(category.no, 0)::integer, coalesce(store.no, 0)::integer,
  coalesce(channel.no, 0)::integer
FROM orders_order o
JOIN orders_line l ON l.order_id = o.id
LEFT JOIN loop_person p ON p.id = o.customer_id
LEFT JOIN undone u ON u.order_id = o.id AND u.position = l.position
LEFT JOIN unnest(%s::text[]) WITH ORDINALITY AS category(name, no) ON category.name = l.category
LEFT JOIN unnest(%s::text[]) WITH ORDINALITY AS store(name, no) ON store.name = o.store
LEFT JOIN unnest(%s::text[]) WITH ORDINALITY AS channel(name, no) ON channel.name = o.channel
WHERE o.paid_at IS NOT NULL AND o.currency = %s AND NOT l.gift_card
"""  # noqa: S608 - our own words
_RETURNS = f"""
SELECT o.id, coalesce(p.no, 0), r.at AT TIME ZONE %s, -b.amount_minor,
  coalesce(round(
    (l.discount_minor + l.amount_minor - l.net_minor)::numeric * %s * b.amount_minor
    / nullif(l.net_minor, 0)
  ), 0)::bigint
FROM orders_refund r
JOIN orders_order o ON o.id = r.order_id
JOIN orders_refundline b ON b.refund_id = r.id
JOIN orders_line l ON l.order_id = o.id AND l.position = b.position
LEFT JOIN loop_person p ON p.id = o.customer_id
WHERE o.paid_at IS NOT NULL AND o.currency = %s AND NOT l.gift_card AND NOT ({_UNDONE})
"""  # noqa: S608 - our own words
_LINE = {"order": "V16", "customer": ">i8", "at": ">i8", "minor": ">i8"}
_RETURN = {**_LINE, "off_e4": ">i8"}
_SALE = {
    **_LINE,
    "off": ">i8",
    "undone": ">i8",
    "category": ">i4",
    "store": ">i4",
    "channel": ">i4",
}


@dataclass(frozen=True)
class Shop:
    """What the analysis has to know of the shop.

    Parameters
    ----------
    zone
        IANA name of its time zone.
    currency
        ISO 4217; the programme's, if any order is in it.
    notes
        What is left out of the facts.
    """

    zone: str
    currency: str
    notes: tuple[Note, ...]


def shop() -> Shop:
    """Return the shop's time zone and the currency that is analysed."""
    place = settled()
    with connection.cursor() as cursor:
        cursor.execute(_CURRENCIES)
        found: dict[str, int] = dict(cursor.fetchall())
    currency = place.currency if place.currency in found or not found else next(iter(found))
    others = sum(found.values()) - found.get(currency, 0)
    values = {"orders": others, "currency": currency}
    notes = (Note("loop.other_currencies", _OTHERS, values),) if others else ()
    return Shop(place.zone, currency, notes)


@dataclass(frozen=True)
class Customers:
    """Which customer a number of the analysis stands for.

    Parameters
    ----------
    keys
        Their ids, 16 bytes each, in the order of their numbers.
    """

    keys: npt.NDArray[np.void]

    def text(self, numbers: pa.ChunkedArray) -> pa.Array:
        """Return the ids as hexadecimal text.

        Parameters
        ----------
        numbers
            ``customer_id`` of insight's tables.
        """
        places = numbers.cast(pa.int64()).to_numpy() - _FIRST - 1
        return _texts(self.keys[places])


@dataclass(frozen=True)
class Orders:
    """All lines of one shop as of one moment.

    Parameters
    ----------
    shop
        Whose.
    customers
        Who the numbers in the lines are.
    """

    shop: Shop
    customers: Customers

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the lines, ``told.TOLD``: what was bought, then what came back."""
        zone, currency = self.shop.zone, self.shop.currency
        words = _words()
        lists = [words["category"], words["store"], words["channel"]]
        for rows in copied(_SALES, columns=_SALE, parameters=[zone, *lists, currency]):
            yield self._batch(rows, words=words)
        back = [zone, self._minor_e4, currency]
        for rows in copied(_RETURNS, columns=_RETURN, parameters=back):
            yield self._batch(rows, words={})

    @property
    def _minor_e4(self) -> int:
        """Ten-thousandths of the currency unit in a minor unit."""
        digits: int = get_currency_precision(self.shop.currency)
        return 10_000 // int(10**digits)

    def _batch(self, rows: Rows, *, words: dict[str, list[str]]) -> pa.RecordBatch:
        """Return lines as insight takes them."""
        sold = "undone" in (rows.dtype.names or ())
        minor_e4 = self._minor_e4
        customer = rows["customer"].astype(np.int64)
        columns: dict[str, pa.Array] = {
            "customer_id": pa.array(customer + _FIRST, mask=customer == 0),
            "order_id": _texts(rows["order"]),
            "ordered_at": pa.array(rows["at"].astype(np.int64) + _EPOCH_MICROS).cast(
                pa.timestamp("us")
            ),
            "amount_e4": pa.array(rows["minor"].astype(np.int64) * minor_e4),
            "is_return": pa.array(np.full(len(rows), not sold)),
        }
        if not sold:
            columns["discount_e4"] = pa.array(rows["off_e4"].astype(np.int64))
        else:
            columns["discount_e4"] = pa.array(rows["off"].astype(np.int64) * minor_e4)
            columns["reversal_e4"] = pa.array(rows["undone"].astype(np.int64) * minor_e4)
            for name, texts in words.items():
                places = rows[name].astype(np.int32) - 1
                indices = pa.array(places, mask=places < 0)
                columns[name] = pa.DictionaryArray.from_arrays(
                    indices, pa.array(texts, pa.string())
                )
        arrays = [
            columns[field.name] if field.name in columns else pa.nulls(len(rows), field.type)
            for field in TOLD
        ]
        return pa.record_batch(arrays, schema=TOLD)


@contextmanager
def orders_of(shop: Shop) -> Iterator[Orders]:
    """Have all orders readable as of this moment, in a transaction of their own.

    Parameters
    ----------
    shop
        From :func:`shop`.

    Yields
    ------
    Orders
        To be read inside the block.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(_PEOPLE)
        cursor.execute("ANALYZE loop_person")
        parts = [rows["id"] for rows in copied(_NAMES, columns={"id": "V16"})]
        keys = np.concatenate(parts) if parts else np.zeros(0, dtype="V16")
        yield Orders(shop, Customers(keys))


def _words() -> dict[str, list[str]]:
    """Return the texts of categories, stores and channels, each once."""
    with connection.cursor() as cursor:
        cursor.execute(_WORDS)
        found = sorted(row for row in cursor.fetchall() if row[1])
    kinds = ("category", "store", "channel")
    return {kind: [text for each, text in found if each == kind] for kind in kinds}


def _texts(keys: npt.NDArray[np.void]) -> pa.Array:
    digits = hex_text(keys)
    ends = np.arange(len(keys) + 1, dtype=np.int32) * 32
    return pa.StringArray.from_buffers(len(keys), pa.py_buffer(ends), pa.py_buffer(digits))
