"""Brands of one merchant: codes that customers carry, and what they are called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

__all__ = ["BRANDS_MOST", "BrandView", "brands"]

#: So many that customers carry are shown; a merchant has a handful.
BRANDS_MOST = 200

# From code to code through the index, however many customers each has.
_SEEN = """
WITH RECURSIVE seen AS (
  (SELECT c.brand FROM customers_customer c
   WHERE c.brand <> '' AND c.merged_into_id IS NULL AND c.erased_at IS NULL
   ORDER BY c.brand LIMIT 1)
  UNION ALL
  SELECT (SELECT c.brand FROM customers_customer c
          WHERE c.brand <> '' AND c.merged_into_id IS NULL AND c.erased_at IS NULL
            AND c.brand > s.brand
          ORDER BY c.brand LIMIT 1)
  FROM seen s WHERE s.brand IS NOT NULL
)
SELECT coalesce(b.code, s.brand), coalesce(b.names::text, '{}')
FROM (SELECT brand FROM seen WHERE brand IS NOT NULL LIMIT %s) AS s
FULL JOIN customers_brand b ON b.code = s.brand ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class BrandView:
    """A brand.

    Parameters
    ----------
    code
        As customers carry it.
    names
        What it is called, by language; empty where nobody said so yet.
    """

    code: str
    names: Mapping[str, str]


def brands() -> tuple[BrandView, ...]:
    """Return the brands that have a name, and those that customers carry, by their code."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [BRANDS_MOST])
        return tuple(BrandView(code, json.loads(names)) for code, names in cursor.fetchall())
