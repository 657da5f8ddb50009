"""Addresses of segments; they stand before those of customers, whose ids they are not."""

from __future__ import annotations

from django.urls import URLPattern, path

from huitouke.service.backoffice.segments.pages import listing, one, writing

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("customers/segments", listing.segments, name="segments"),
    path("customers/segments/new", writing.new, name="segment_new"),
    path("customers/segments/<str:segment>", one.segment, name="segment"),
    path("customers/segments/<str:segment>/change", writing.change, name="segment_change"),
    path("customers/segments/<str:segment>/count", one.count, name="segment_count"),
    path("customers/segments/<str:segment>/archive", one.archive, name="segment_archive"),
    path("customers/segments/<str:segment>/restore", one.restore, name="segment_restore"),
]
