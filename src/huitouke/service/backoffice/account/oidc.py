"""Sign-in by an OpenID Connect server: only for addresses that are staff already."""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect import views as openid
from django.http import HttpRequest, HttpResponse
from requests import RequestException

from huitouke.language import N_
from huitouke.service.backoffice.account import guessing
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.models import Staff
from huitouke.service.ui.failures import failure_page

__all__ = ["NotStaff", "OidcAdapter", "OidcFailed", "answer", "begin"]


class NotStaff(ServiceError):
    """Nobody of the staff has the address that the server confirms."""

    code = "backoffice.not_staff"
    status = 403
    says = N_("Nobody who works here has the address that you signed in with elsewhere.")
    remedy = N_("Ask an owner of the shop to invite you with that address.")


class OidcFailed(ServiceError):
    """The other server gave no answer that can be used."""

    code = "backoffice.oidc_failed"
    status = 502
    says = N_("The other server did not confirm who you are, or you stopped on the way.")
    remedy = N_("Begin again on the sign-in page; if it stays so, tell the operator.")


class OidcAdapter(DefaultSocialAccountAdapter):
    """Whom the other server vouches for must be staff here; it opens nothing else."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        """Nobody signs up; owners invite."""
        return False

    def authenticate_by_email(self, sociallogin: SocialLogin) -> None:  # noqa: ARG002
        """Leave it to :meth:`pre_social_login`."""
        return

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let in who is staff under the confirmed address, and nobody else.

        The address decides anew each time. Whoever took over an account there whose address
        was another one gets nowhere, and an account linked long ago opens nothing once its
        address is somebody else's.

        Parameters
        ----------
        request
            The answer of the other server.
        sociallogin
            Who it says this is.

        Raises
        ------
        ImmediateHttpResponse
            The refusal, as a page.
        """
        addresses = [
            each.email.lower() for each in sociallogin.email_addresses if each.verified
        ]
        person = Staff.objects.filter(username__in=addresses, is_active=True).first()
        linked = sociallogin.user if sociallogin.is_existing else None
        if person is None or (linked is not None and linked.pk != person.pk):
            guessing.failed(address=addresses[0] if addresses else "", how="oidc")
            raise ImmediateHttpResponse(failure_page(request, error=NotStaff()))
        # Names, pictures and the like that the other server tells are not ours to keep.
        sociallogin.account.extra_data = {}
        sociallogin.state["process"] = "login"
        if linked is None:
            sociallogin.connect(request, person)
        else:
            sociallogin.account.save()

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,  # noqa: ARG002
        *args: Any,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """Say that it failed; why is between the two servers.

        Parameters
        ----------
        request
            The answer of the other server.
        provider, *args, **kwargs
            Not told.

        Raises
        ------
        ImmediateHttpResponse
            The page.
        """
        raise ImmediateHttpResponse(failure_page(request, error=OidcFailed()))

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send nothing: sign-ins stand in the audit log."""


# Away, or an answer that is not what the standard says.
_UNUSABLE = (RequestException, KeyError, ValueError)


def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send somebody to the other server.

    Parameters
    ----------
    request
        Of who wants to sign in.
    provider_id
        Which server.
    """
    try:
        sent: HttpResponse = openid.login(request, provider_id)
    except _UNUSABLE:
        return failure_page(request, error=OidcFailed())
    return sent


def answer(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take the answer of the other server.

    Parameters
    ----------
    request
        Of who comes back from there.
    provider_id
        Which server.
    """
    try:
        done: HttpResponse = openid.callback(request, provider_id)
    except _UNUSABLE:
        return failure_page(request, error=OidcFailed())
    return done
