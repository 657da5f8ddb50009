"""Addresses of the counter."""

from __future__ import annotations

from django.urls import URLPattern, path

from huitouke.service.backoffice.till.pages import finding, redeeming, returning, selling

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("till", finding.till, name="till"),
    path("till/new", finding.new_member, name="till_new"),
    path("till/orders/<str:key>", returning.order, name="till_order"),
    path("till/orders/<str:key>/return", returning.take_back, name="till_return"),
    path("till/<str:key>", selling.member, name="till_member"),
    path("till/<str:key>/enrol", finding.enrol, name="till_enrol"),
    path("till/<str:key>/sale", selling.sale, name="till_sale"),
    path("till/<str:key>/rewards/<str:reward>", redeeming.reward, name="till_reward"),
]
