"""Addresses of the counter."""

from __future__ import annotations

from django.urls import URLPattern, path

from huitouke.service.backoffice.till.pages import (
    finding,
    redeeming,
    returning,
    selling,
    showing,
)

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("till", finding.till, name="till"),
    path("till/new", finding.new_member, name="till_new"),
    path("till/orders/<str:key>", returning.order, name="till_order"),
    path("till/orders/<str:key>/return", returning.take_back, name="till_return"),
    path("till/redemptions/<str:key>", showing.redemption, name="till_redemption"),
    path(
        "till/redemptions/<str:key>/hand-over",
        showing.hand_over,
        name="till_redemption_hand_over",
    ),
    path(
        "till/redemptions/<str:key>/give-back",
        showing.give_back,
        name="till_redemption_give_back",
    ),
    path("till/shared/<str:key>", showing.shared, name="till_shared"),
    path(
        "till/shared/<str:key>/hand-over",
        showing.hand_over_both,
        name="till_shared_hand_over",
    ),
    path(
        "till/shared/<str:key>/give-back",
        showing.give_back_shared,
        name="till_shared_give_back",
    ),
    path("till/<str:key>", selling.member, name="till_member"),
    path("till/<str:key>/enrol", finding.enrol, name="till_enrol"),
    path("till/<str:key>/sale", selling.sale, name="till_sale"),
    path("till/<str:key>/rewards", redeeming.rewards, name="till_rewards"),
    path("till/<str:key>/rewards/<str:reward>", redeeming.reward, name="till_reward"),
]
