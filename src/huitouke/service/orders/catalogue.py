"""Products, stores and channels as orders name them."""

from __future__ import annotations

from django.db import connection

from huitouke.service.orders.contract import NewOrder

__all__ = ["Catalogue"]

# Only what is new or says something else is written, in one order of locking: most orders
# name what is known, and then this locks nothing. The limit keeps it a look into the index
# per name, however large the catalogue and however old its statistics.
_KEEP = """
WITH stores AS (
  INSERT INTO orders_store (code, name)
  SELECT c, '' FROM unnest(%b::text[]) AS n(c)
  WHERE NOT EXISTS (SELECT FROM orders_store s WHERE s.code = n.c) ORDER BY c
  ON CONFLICT (code) DO NOTHING
), channels AS (
  INSERT INTO orders_channel (code, name)
  SELECT c, '' FROM unnest(%b::text[]) AS n(c)
  WHERE NOT EXISTS (SELECT FROM orders_channel s WHERE s.code = n.c) ORDER BY c
  ON CONFLICT (code) DO NOTHING
)
INSERT INTO orders_product AS p (sku, name, category, brand)
SELECT n.sku, n.name, n.category, n.brand
FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[]) AS n(sku, name, category, brand)
LEFT JOIN LATERAL (SELECT * FROM orders_product k WHERE k.sku = n.sku LIMIT 1) AS o ON true
WHERE o.sku IS NULL
  OR (n.name <> '' AND n.name <> o.name)
  OR (n.category <> '' AND n.category <> o.category)
  OR (n.brand <> '' AND n.brand <> o.brand)
ORDER BY n.sku
ON CONFLICT (sku) DO UPDATE SET
  name = coalesce(nullif(excluded.name, ''), p.name),
  category = coalesce(nullif(excluded.category, ''), p.category),
  brand = coalesce(nullif(excluded.brand, ''), p.brand)
"""


class Catalogue:
    """What a batch of orders names, each once; a later name wins, an empty one never."""

    def __init__(self) -> None:
        self._stores: set[str] = set()
        self._channels: set[str] = set()
        self._products: dict[str, tuple[str, str, str]] = {}

    def add(self, order: NewOrder) -> None:
        """Take what an order names.

        Parameters
        ----------
        order
            The order.
        """
        self._stores.add(order.store)
        self._channels.add(order.channel)
        products = self._products
        for line in order.lines:
            if line.sku:
                new = (line.name, line.category, line.brand)
                old = products.get(line.sku)
                if old is not None and old != new and "" in new:
                    new = (new[0] or old[0], new[1] or old[1], new[2] or old[2])
                products[line.sku] = new

    def keep(self) -> None:
        """Write what is new or differs."""
        stores, channels = sorted(self._stores - {""}), sorted(self._channels - {""})
        if not (stores or channels or self._products):
            return
        texts = zip(*self._products.values(), strict=True) if self._products else ([], [], [])
        columns = [list(column) for column in texts]
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, [stores, channels, list(self._products), *columns])
