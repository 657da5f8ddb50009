"""Records of signing in: codes on their way, and sessions; neither holds a secret."""

from __future__ import annotations

from django.db import models

from huitouke.service.core.ids import new_id

__all__ = ["Challenge", "Session"]


class Challenge(models.Model):
    """A code that was asked for: good once, for one browser, for a few minutes.

    The address it went to is not kept: the browser brings it back, signed. Of the code there
    is a hash under the service's own secret, without which six digits are soon tried.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    secret_hash = models.BinaryField(max_length=32, unique=True)
    code_hash = models.BinaryField(max_length=32)
    tries = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    proof_used_at = models.DateTimeField(null=True)

    class Meta:
        """Those that are over are found."""

        indexes = (models.Index(fields=["expires_at"], name="portal_challenge_over"),)

    def __str__(self) -> str:
        """Return the id; neither code nor browser."""
        return str(self.pk)


class Session(models.Model):
    """A member who is signed in with one browser; its cookie is kept as a SHA-256."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    secret_hash = models.BinaryField(max_length=32, unique=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        """All sessions of a member are ended together."""

        indexes = (
            models.Index(fields=["customer"], name="portal_session_member"),
            models.Index(fields=["began_at"], name="portal_session_over"),
        )

    def __str__(self) -> str:
        """Return the id; not the cookie."""
        return str(self.pk)
