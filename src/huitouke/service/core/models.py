"""Records of the ground: staff, API keys, kept answers, outbox, audit log."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from huitouke.service.core.ids import new_id
from huitouke.service.core.shop_view import ShopView

__all__ = ["ApiKey", "Attempt", "Audit", "Link", "Outbox", "Request", "Shop", "Staff"]


class Staff(AbstractUser):
    """A person who works here."""

    class Role(models.TextChoices):
        """What a person may do, as a named set of permissions."""

        OWNER = "owner"
        MARKETER = "marketer"
        CARE = "care"
        FRONT_LINE = "front_line"
        ANALYST = "analyst"
        DEVELOPER = "developer"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    role = models.CharField(max_length=20, choices=Role, default=Role.FRONT_LINE)
    #: Empty: what their browser asks for.
    language = models.CharField(max_length=10, default="", blank=True)
    session_epoch = models.IntegerField(default=0)

    def get_session_auth_hash(self) -> str:
        """Return what a live session must carry: another epoch ends all of them."""
        return self._with_epoch(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Yield the same under secrets that were replaced and are still accepted."""
        for each in super().get_session_auth_fallback_hash():
            yield self._with_epoch(each)

    def _with_epoch(self, base: str) -> str:
        return salted_hmac(
            "core.session", f"{base}:{self.session_epoch}", secret=base
        ).hexdigest()


class Link(models.Model):
    """A one-time link to set a password: its SHA-256 is kept, the link is shown once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE)
    secret_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Return whose it is; never the link."""
        return str(self.staff_id)


class Attempt(models.Model):
    """How often somebody tried to guess, by a keyed hash of who or what was tried."""

    pk = models.CompositePrimaryKey("kind", "subject")
    kind = models.TextField()
    subject = models.BinaryField(max_length=32)
    began_at = models.DateTimeField()
    made = models.IntegerField()
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Return of what kind it is."""
        return self.kind


class ApiKey(models.Model):
    """A machine's key: its SHA-256 is kept, the key itself is shown once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    secret_hash = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Return the name; never the key."""
        return self.name


class Request(models.Model):
    """A key that was used, and the answer it got; kept for ever."""

    pk = models.CompositePrimaryKey("scope", "key")
    scope = models.TextField()
    key = models.TextField()
    request_hash = models.BinaryField(max_length=32)
    status = models.SmallIntegerField()
    answer = models.TextField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return scope and key."""
        return f"{self.scope} {self.key}"


class Outbox(models.Model):
    """One thing that happened, to be told to those who asked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    position = models.BigIntegerField(
        unique=True,
        db_default=models.Func(models.Value("core_outbox_position"), function="nextval"),
    )
    topic = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)
    body = models.JSONField()
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        """What is still to be told is found without reading what was."""

        indexes = (
            models.Index(
                fields=["position"],
                condition=models.Q(told_at__isnull=True),
                name="core_outbox_open",
            ),
        )

    def __str__(self) -> str:
        """Return topic and subject."""
        return f"{self.topic} {self.subject}"


class Audit(models.Model):
    """One line of the audit log; never changed."""

    id = models.BigAutoField(primary_key=True)
    actor = models.CharField(max_length=120)
    action = models.CharField(max_length=80)
    target = models.CharField(max_length=120)
    reason = models.TextField()
    facts = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        """The log of one thing, one person or one kind of act is read newest first."""

        indexes = (
            models.Index(fields=["target", "-id"], name="core_audit_target"),
            models.Index(fields=["actor", "-id"], name="core_audit_actor"),
            models.Index(fields=["action", "-id"], name="core_audit_action"),
            models.Index(fields=["created_at"], name="core_audit_at"),
        )

    def __str__(self) -> str:
        """Return actor, action and target."""
        return f"{self.actor} {self.action} {self.target}"


class Shop(models.Model):
    """Which shop this installation is; one row at most."""

    ONLY = 1

    class Kind(models.TextChoices):
        """Whose customers these are."""

        OWN = "own"
        SIMULATED = "simulated"
        PUBLIC = "public"

    id = models.SmallIntegerField(primary_key=True, default=ONLY)
    code = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.OWN)
    names = models.JSONField(default=dict)
    attribution = models.JSONField(default=dict)
    language = models.CharField(max_length=12, blank=True)
    margin = models.FloatField(default=ShopView.margin)
    discount_rate = models.FloatField(default=ShopView.discount_rate)
    described_at = models.DateTimeField()
    loaded_at = models.DateTimeField(null=True)

    class Meta:
        """There is one shop; what it counts with makes sense."""

        constraints = (
            models.CheckConstraint(name="core_shop_once", condition=models.Q(id=1)),
            models.CheckConstraint(
                name="core_shop_margin", condition=models.Q(margin__gt=0, margin__lte=1)
            ),
            models.CheckConstraint(
                name="core_shop_discount_rate",
                condition=models.Q(discount_rate__gte=0, discount_rate__lte=10),
            ),
        )

    def __str__(self) -> str:
        """Return code and kind."""
        return f"{self.code} {self.kind}"
