"""Whether a customer may be reached, as SQL over a row of customers, for filters."""

from __future__ import annotations

from typing import Any

__all__ = ["consents_now"]

# The newest word of the person counts, whichever of the merged records it was said to. Most
# records were never merged with another: for them it is one look into an index.
_CONSENT = """CASE WHEN EXISTS (
  SELECT FROM customers_customer m WHERE m.merged_into_id = {customer}.id)
THEN EXISTS (SELECT FROM (
  WITH RECURSIVE person AS (
    SELECT {customer}.id AS id UNION
    SELECT m.id FROM person JOIN customers_customer m ON m.merged_into_id = person.id)
  SELECT s.given FROM person JOIN customers_consent s ON s.customer_id = person.id
  WHERE s.channel = %s AND s.purpose = %s
  ORDER BY s.at DESC, s.given, s.id DESC LIMIT 1) AS word WHERE word.given)
ELSE coalesce((SELECT s.given FROM customers_consent s
  WHERE s.customer_id = {customer}.id AND s.channel = %s AND s.purpose = %s
  ORDER BY s.at DESC, s.given, s.id DESC LIMIT 1), false) END"""


def consents_now(customer: str, *, channel: str, purpose: str) -> tuple[str, list[Any]]:
    """Return the condition that a person's newest word is yes, and its parameters.

    Parameters
    ----------
    customer
        By which name the query calls the row of ``customers_customer``; a word of ours.
    channel, purpose
        By which way and for what.
    """
    return _CONSENT.format(customer=customer), [channel, purpose, channel, purpose]
