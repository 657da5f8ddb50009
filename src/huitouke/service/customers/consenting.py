"""What customers said yes or no to: the word that holds, and conditions for questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from huitouke.service.customers.models import Consent
from huitouke.service.customers.queries import consents

__all__ = ["consents_now", "deciding", "refusers"]

# Every word by the person whose it is today. What was said to a record that was merged is
# also put to those between it and the person: they are nobody any more.
_WORDS = """(SELECT s.customer_id AS person, s.channel, s.purpose, s.given, s.at
  FROM customers_consent s
  UNION ALL
  SELECT known.person, s.channel, s.purpose, s.given, s.at FROM (
    WITH RECURSIVE merged AS (
      SELECT m.id AS record, m.merged_into_id AS person FROM customers_customer m
      WHERE m.merged_into_id IS NOT NULL
      UNION
      SELECT merged.record, m.merged_into_id FROM merged
      JOIN customers_customer m ON m.id = merged.person WHERE m.merged_into_id IS NOT NULL)
    SELECT merged.record, merged.person FROM merged) AS known
  JOIN customers_consent s ON s.customer_id = known.record)"""
# The newest word counts, and said at the same moment no counts more than yes: there is a yes
# with no no at its moment or after. Said so, the database may begin with the words or with
# the customer, whichever are fewer.
_CONSENTS = """EXISTS (SELECT FROM {words} AS yes
  WHERE yes.person = {customer}.id AND yes.purpose = %s AND yes.channel = ANY(%s) AND yes.given
    AND NOT EXISTS (SELECT FROM {words} AS later
      WHERE later.person = yes.person AND later.channel = yes.channel
        AND later.purpose = yes.purpose AND NOT later.given AND later.at >= yes.at))"""
# Here a no stands as long as no yes came after it on the same way.
_REFUSERS = """SELECT said.person FROM {words} AS said
  WHERE said.purpose = %s AND NOT said.given
    AND NOT EXISTS (SELECT FROM {words} AS later
      WHERE later.person = said.person AND later.channel = said.channel
        AND later.purpose = said.purpose AND later.given AND later.at > said.at)"""


def consents_now(
    customer: str, *, channels: Sequence[str], purpose: str
) -> tuple[str, list[Any]]:
    """Return the condition that a person's newest word on one of some ways is yes.

    Parameters
    ----------
    customer
        By which name the query calls the row of ``customers_customer``; a word of ours.
    channels
        By which ways.
    purpose
        For what.

    Returns
    -------
    tuple[str, list[Any]]
        SQL that is true or false, and its parameters.
    """
    text = _CONSENTS.format(words=_WORDS, customer=customer)
    return text, [purpose, list(channels)]


def refusers(purpose: str) -> tuple[str, list[Any]]:
    """Return the query of everybody whose newest word on some way is no.

    Parameters
    ----------
    purpose
        For what.

    Returns
    -------
    tuple[str, list[Any]]
        SQL of one column, ids of records of which none is null, and its parameters.
    """
    return _REFUSERS.format(words=_WORDS), [purpose]


def deciding(customer_id: UUID, *, purpose: str) -> Consent | None:
    """Return the word that holds for a purpose by whatever way: a no goes before every yes.

    Parameters
    ----------
    customer_id
        Any id the person ever had.
    purpose
        For what.

    Raises
    ------
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    """
    said = [each for each in consents(customer_id) if each.purpose == purpose]
    return max(said, key=lambda each: (not each.given, each.at), default=None)
