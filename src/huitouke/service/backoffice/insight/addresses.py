"""Addresses of insight."""

from __future__ import annotations

from django.urls import URLPattern, path

from huitouke.service.backoffice.insight.pages import (
    analyses,
    exporting,
    listing,
    models,
    overview,
)

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("insight", overview.overview, name="insight"),
    path("insight/lists", listing.first, name="insight_lists"),
    path("insight/lists/<str:name>", listing.customers, name="insight_list"),
    path("insight/lists/<str:name>/export", exporting.export, name="insight_export"),
    path("insight/models", models.models, name="insight_models"),
    path("insight/analyses", analyses.analyses, name="insight_analyses"),
    path("insight/analyses/ask", analyses.ask, name="insight_ask"),
    path("insight/analyses/<str:key>", analyses.state, name="insight_analysis"),
    path("insight/analyses/<str:key>/cancel", analyses.cancel, name="insight_cancel"),
]
