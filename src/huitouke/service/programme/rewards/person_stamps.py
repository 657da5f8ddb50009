"""Stamp cards when two records of one person become one, and when they part again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from huitouke.service.core.ids import new_id
from huitouke.service.programme.models.referrals import Stamp, StampGrant, StampState

__all__ = ["merge_stamps", "unmerge_stamps"]


def _winners_card(lost: StampState, *, into: UUID) -> StampState:
    """Return the winner's card of the same kind, an empty one where there is none."""
    same = StampState.objects.select_for_update().filter(
        programme=lost.programme, customer=into, card=lost.card
    )
    return same.first() or StampState.objects.create(
        id=new_id(),
        programme_id=lost.programme_id,
        customer_id=into,
        card=lost.card,
        started_at=lost.started_at,
        lapses_at=lost.lapses_at,
    )


def merge_stamps(loser: UUID, *, into: UUID) -> list[dict[str, Any]]:
    """Add a person's stamps and full cards to another's of the same kind.

    The loser's card stays as it was, so that the merge can be undone exactly.

    Parameters
    ----------
    loser, into
        From whom, to whom.

    Returns
    -------
    list of dict
        For each card, what was added and which rows moved.
    """
    moved = []
    lost_cards = StampState.objects.select_for_update().filter(customer=loser)
    for lost in lost_cards.select_related("programme").order_by("id"):
        won = _winners_card(lost, into=into)
        rows = Stamp.objects.filter(programme=lost.programme, customer=loser, card=lost.card)
        runs = dict(rows.values_list("source_key", "run"))
        # Stamps on the present card stay on it; those of lapsed ones lie on none.
        rows.exclude(run=lost.run).update(run=0)
        rows.filter(run=lost.run).update(run=won.run)
        rows.update(customer=into)
        grants = StampGrant.objects.filter(
            programme=lost.programme, customer=loser, card=lost.card
        )
        numbers = {str(each.id): each.number for each in grants}
        for each in grants:
            each.number += won.grants
            each.customer_id = into
            each.save(update_fields=["number", "customer"])
        moved.append(
            {
                "programme": lost.programme_id,
                "card": lost.card,
                "stamps": lost.stamps,
                "full": lost.full,
                "runs": runs,
                "numbers": numbers,
            }
        )
        won.stamps += lost.stamps
        won.full += lost.full
        won.grants += lost.grants
        won.save(update_fields=["stamps", "full", "grants"])
    return moved


def unmerge_stamps(loser: UUID, *, winner: UUID, moved: list[dict[str, Any]]) -> None:
    """Take the added stamps off again and put the rows back.

    Parameters
    ----------
    loser, winner
        Whose they were, and who has them.
    moved
        What :func:`merge_stamps` returned.
    """
    for was in moved:
        card = {"programme__code": was["programme"], "card": was["card"]}
        for key, run in was["runs"].items():
            Stamp.objects.filter(customer=winner, source_key=key, **card).update(
                customer=loser, run=run
            )
        for grant, number in was["numbers"].items():
            StampGrant.objects.filter(id=grant, customer=winner).update(
                customer=loser, number=number
            )
        for won in StampState.objects.select_for_update().filter(customer=winner, **card):
            won.stamps -= was["stamps"]
            won.full -= was["full"]
            won.save(update_fields=["stamps", "full"])
