"""Saying in the shop's own words what somebody says yes to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.customers.models import Wording
from huitouke.service.customers.wordings import WordingView, in_force, place_of

__all__ = ["WORDING_MOST", "WordingInvalid", "set_wording"]

#: Longest text; what is longer nobody listens to at a counter.
WORDING_MOST = 500


class WordingInvalid(ServiceError):
    """A text is missing, or cannot be shown."""

    code = "customers.wording_invalid"
    status = 422
    says = N_("The words of consent in {language} are missing, too long or not readable.")
    remedy = N_("Write 1 to {most} letters in Chinese and in English.")


def set_wording(
    texts: Mapping[str, str], *, at: datetime, actor: Actor, purpose: str = "marketing"
) -> WordingView:
    """Show other words from now on; those before are kept for who said yes to them.

    The words that are shown already stay the version that they are.

    Parameters
    ----------
    texts
        ``zh`` and ``en``.
    at, actor
        When, and who says so.
    purpose
        For what they ask; till and phone show the same.

    Raises
    ------
    WordingInvalid
        If a text is missing, longer than :data:`WORDING_MOST`, or holds what is no letter.
    """
    said = {language: " ".join(texts.get(language, "").split()) for language in ("zh", "en")}
    for language, text in said.items():
        if not 1 <= len(text) <= WORDING_MOST or not text.isprintable():
            raise WordingInvalid(language=language, most=WORDING_MOST)
    place = place_of(purpose)
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two at once are one after the other, so that each version has its number.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"wording:{place}"])
        before = in_force(purpose)
        if {each: before.texts.get(each, "") for each in said} == said:
            return before
        Wording.objects.create(
            place=place,
            number=Wording.objects.filter(place=place).count() + 1,
            texts=said,
            at=at,
            actor=str(actor),
        )
        now = in_force(purpose)
        audit.note(
            "shop.wording_changed", actor=actor, target="shop", facts={"version": now.version}
        )
    return now
