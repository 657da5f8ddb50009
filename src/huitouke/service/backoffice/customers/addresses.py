"""Addresses of customers."""

from __future__ import annotations

from django.urls import URLPattern, path

from huitouke.service.backoffice.customers.pages import (
    adjusting,
    erasing,
    exporting,
    granting,
    knowing,
    listing,
    merging,
    ordering,
    person,
)

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("customers", listing.customers, name="customers"),
    path("customers/export", exporting.export, name="customers_export"),
    path("customers/adjustments", adjusting.waiting, name="adjustments"),
    path("customers/adjustments/<str:key>", adjusting.decide, name="adjustment_decide"),
    path("customers/merges/<str:key>/undo", merging.undo, name="customer_unmerge"),
    path("customers/orders/<str:key>", ordering.order, name="customer_order"),
    path("customers/<str:key>", person.customer, name="customer"),
    path("customers/<str:key>/history", person.history, name="customer_history"),
    path("customers/<str:key>/adjust", adjusting.adjust, name="customer_adjust"),
    path("customers/<str:key>/tier", granting.grant, name="customer_tier"),
    path("customers/<str:key>/enrol", knowing.enrol, name="customer_enrol"),
    path("customers/<str:key>/details", knowing.details, name="customer_details"),
    path("customers/<str:key>/identities", knowing.identity, name="customer_identity"),
    path("customers/<str:key>/identities/verify", knowing.verify, name="customer_verify"),
    path("customers/<str:key>/identities/remove", knowing.remove, name="customer_remove"),
    path("customers/<str:key>/consent", knowing.consent, name="customer_consent"),
    path("customers/<str:key>/merge", merging.merge, name="customer_merge"),
    path("customers/<str:key>/erase", erasing.erase, name="customer_erase"),
    path("customers/<str:key>/data", erasing.data, name="customer_data"),
]
