"""A reward's stock: one taken, one put back.

Its row is everybody's: it is touched last, and let go at commit.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from huitouke.service.core.ids import public_id
from huitouke.service.programme.models.rewards import Redemption, Reward
from huitouke.service.programme.rewards.refusals import RewardOutOfStock

__all__ = ["put_back", "return_stock", "take_stock"]


def take_stock(reward: Reward) -> None:
    """Take one of a reward's stock, where it is counted.

    Raises
    ------
    RewardOutOfStock
        If the last one was taken meanwhile.
    """
    if reward.stock_left is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE programme_reward SET stock_left = stock_left - 1"
            " WHERE id = %s AND stock_left > 0",
            [reward.id],
        )
        if cursor.rowcount == 0:
            raise RewardOutOfStock(reward=public_id("rwd", reward.id))


def put_back(reward: UUID | None) -> None:
    """Put one of a reward back, where its stock is counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE programme_reward SET stock_left = stock_left + 1"
            " WHERE id = %s AND stock_left IS NOT NULL",
            [reward],
        )


def return_stock(found: Redemption) -> None:
    """Put back what a redemption took, if it took one."""
    if found.takes_stock:
        put_back(found.reward_id)
