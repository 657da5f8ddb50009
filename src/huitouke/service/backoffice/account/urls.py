"""Addresses of signing in and of a person's own account; allauth finds them by name."""

from __future__ import annotations

from allauth.mfa.base.views import IndexView
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from django.urls import URLPattern, path

from huitouke.service.backoffice.account import oidc, views
from huitouke.service.backoffice.guards import open_to_all, signed_in

__all__ = ["urlpatterns"]

_on_the_way = open_to_all("on the way to signing in")
_by_link = open_to_all("who has the link has no password yet")
_before = signed_in(before_second_factor=True)

urlpatterns: list[URLPattern] = [
    path("sign-in", _on_the_way(views.SignIn.as_view()), name="account_login"),
    path("sign-in/code", _on_the_way(views.Code.as_view()), name="mfa_authenticate"),
    path(
        "sign-in/openid/<str:provider_id>",
        _on_the_way(oidc.begin),
        name="openid_connect_login",
    ),
    path(
        "sign-in/openid/<str:provider_id>/answer",
        _on_the_way(oidc.answer),
        name="openid_connect_callback",
    ),
    path("sign-out", _before(views.SignOut.as_view()), name="account_logout"),
    path("password/forgotten", _by_link(views.forgotten), name="account_reset_password"),
    path("password/link/<str:secret>", _by_link(views.link), name="account_link"),
    path("password/new", _by_link(views.new_password), name="account_new_password"),
    path("account", _before(views.overview), name="account_overview"),
    path(
        "account/password",
        _before(views.ChangePassword.as_view()),
        name="account_change_password",
    ),
    path("account/confirm", _before(views.Confirm.as_view()), name="account_reauthenticate"),
    path(
        "account/confirm/code",
        _before(views.ConfirmByCode.as_view()),
        name="mfa_reauthenticate",
    ),
    path("account/second-factor", _before(IndexView.as_view()), name="mfa_index"),
    path(
        "account/second-factor/on", _before(views.Activate.as_view()), name="mfa_activate_totp"
    ),
    path(
        "account/second-factor/off",
        _before(views.Deactivate.as_view()),
        name="mfa_deactivate_totp",
    ),
    path(
        "account/recovery-codes",
        _before(ViewRecoveryCodesView.as_view()),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/recovery-codes/new",
        _before(views.MakeCodes.as_view()),
        name="mfa_generate_recovery_codes",
    ),
    path("account/sessions", _before(views.Sessions.as_view()), name="usersessions_list"),
]
