"""Addresses of the page of staff."""

from __future__ import annotations

from django.urls import URLPattern, path

from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.staff import views

__all__ = ["urlpatterns"]

_manages = needs("settings.staff")

urlpatterns: list[URLPattern] = [
    path("settings/staff", _manages(views.people), name="staff_list"),
    path("settings/staff/invite", _manages(views.invite), name="staff_invite"),
    path("settings/staff/<str:key>/role", _manages(views.role), name="staff_role"),
    path("settings/staff/<str:key>/link", _manages(views.new_link), name="staff_link"),
    path("settings/staff/<str:key>/off", _manages(views.disable), name="staff_disable"),
    path("settings/staff/<str:key>/on", _manages(views.enable), name="staff_enable"),
    path(
        "settings/staff/<str:key>/second-factor",
        _manages(views.take_second_factor),
        name="staff_second_factor",
    ),
]
