"""Records of persons: customers, by what they are known, what they consented to, merges."""

from __future__ import annotations

from typing import Literal

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from huitouke.service.core.ids import new_id

__all__ = [
    "UNDO_DAYS",
    "Brand",
    "Consent",
    "ConsentProof",
    "Customer",
    "Identity",
    "Merge",
    "Wording",
]

#: So long a merge can be undone.
UNDO_DAYS = 30


class Customer(models.Model):
    """A person who bought, may buy, or joined; an erased one keeps only its id and dates."""

    class Gender(models.TextChoices):
        """What a person said of themselves; blank: nothing."""

        FEMALE = "female"
        MALE = "male"
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200, blank=True)
    birthday_on = models.DateField(null=True)
    language = models.CharField(max_length=12, default="zh", blank=True)
    gender = models.CharField(max_length=10, choices=Gender, blank=True)
    brand = models.CharField(max_length=60, blank=True)
    #: Whoever carries the same number lives together; the merchant's own, blank: not known.
    household = models.CharField(max_length=60, blank=True, default="", db_default="")
    #: When and how often they want to be written to, as of ``contact.is_contact``.
    contact = models.JSONField(default=dict, db_default={})
    attributes = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    first_bought_at = models.DateTimeField(null=True)
    enrolled_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, db_index=False, related_name="merged_from"
    )

    class Meta:
        """An erased person is blank; nobody is merged into themselves."""

        constraints = (
            models.CheckConstraint(
                name="customers_erased_is_blank",
                condition=Q(erased_at__isnull=True)
                | Q(
                    name="",
                    birthday_on__isnull=True,
                    language="",
                    gender="",
                    household="",
                    contact={},
                    attributes={},
                ),
            ),
            models.CheckConstraint(
                name="customers_language_is_a_tag",
                condition=Q(language="", erased_at__isnull=False)
                | Q(language__regex=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$"),
            ),
            models.CheckConstraint(
                name="customers_gender_is_known",
                condition=Q(gender__in=["", "female", "male", "other"]),
            ),
            models.CheckConstraint(
                name="customers_merged_into_another",
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
            ),
        )
        indexes = (
            models.Index(
                fields=["-created_at", "-id"],
                condition=Q(merged_into__isnull=True, erased_at__isnull=True),
                name="customers_newest",
            ),
            models.Index(
                fields=["-created_at", "-id"],
                condition=Q(
                    merged_into__isnull=True, erased_at__isnull=True, enrolled_at__isnull=False
                ),
                name="customers_members",
            ),
            models.Index(
                fields=["-created_at", "-id"],
                condition=Q(
                    merged_into__isnull=True,
                    erased_at__isnull=True,
                    enrolled_at__isnull=True,
                    first_bought_at__isnull=False,
                ),
                name="customers_buyers",
            ),
            models.Index(
                fields=["-created_at", "-id"],
                condition=Q(
                    merged_into__isnull=True,
                    erased_at__isnull=True,
                    first_bought_at__isnull=True,
                ),
                name="customers_not_yet",
            ),
            models.Index(
                fields=["-enrolled_at"],
                condition=Q(enrolled_at__isnull=False),
                name="customers_joined",
            ),
            models.Index(
                OpClass(Lower("name"), name="text_pattern_ops"),
                condition=~Q(name=""),
                name="customers_name",
            ),
            models.Index(
                fields=["household"],
                condition=~Q(household=""),
                name="customers_household",
            ),
            models.Index(
                fields=["brand", "-created_at", "-id"],
                condition=~Q(brand="") & Q(merged_into__isnull=True, erased_at__isnull=True),
                name="customers_of_brand",
            ),
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="customers_merged",
            ),
        )

    def __str__(self) -> str:
        """Return the id: a name would end up in logs."""
        return str(self.pk)

    @property
    def stage(self) -> Literal["fan", "customer", "member"]:
        """``member`` who enrolled (bought or not), ``customer`` who bought, else ``fan``."""
        if self.enrolled_at is not None:
            return "member"
        return "fan" if self.first_bought_at is None else "customer"


class Identity(models.Model):
    """By what a customer is known: a phone, a card, an id of another system."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="identities")
    # Compared byte by byte: the same everywhere, and a beginning is found through the index.
    kind = models.CharField(max_length=20, db_collation="C")
    value = models.CharField(max_length=254, db_collation="C")
    verified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        """One identity is one person's."""

        constraints = (
            models.UniqueConstraint(fields=["kind", "value"], name="customers_identity_once"),
            models.CheckConstraint(
                name="customers_identity_said", condition=~Q(value="") & ~Q(kind="")
            ),
        )

    def __str__(self) -> str:
        """Return kind and id: the value is personal."""
        return f"{self.kind} {self.pk}"


class Consent(models.Model):
    """One time a person said yes or no; never changed, and without personal data."""

    class Channel(models.TextChoices):
        """By which way somebody may be reached."""

        SMS = "sms"
        EMAIL = "email"
        WECHAT = "wechat"
        PHONE = "phone"
        PUSH = "push"
        POST = "post"

    class Purpose(models.TextChoices):
        """For what."""

        MARKETING = "marketing"
        SERVICE = "service"
        SURVEY = "survey"
        PROFILING = "profiling"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, db_index=False, related_name="consents"
    )
    channel = models.CharField(max_length=10, choices=Channel)
    purpose = models.CharField(max_length=10, choices=Purpose)
    given = models.BooleanField()
    wording_version = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=60)
    at = models.DateTimeField()
    actor = models.CharField(max_length=120)

    class Meta:
        """Who says yes was shown words; the newest of a channel and purpose is found first."""

        constraints = (
            models.CheckConstraint(
                name="customers_consent_has_words",
                condition=Q(given=False) | ~Q(wording_version=""),
            ),
            models.CheckConstraint(
                name="customers_consent_channel",
                condition=Q(channel__in=["sms", "email", "wechat", "phone", "push", "post"]),
            ),
            models.CheckConstraint(
                name="customers_consent_purpose",
                condition=Q(purpose__in=["marketing", "service", "survey", "profiling"]),
            ),
        )
        indexes = (
            models.Index(
                fields=["customer", "channel", "purpose", "-at"], name="customers_consent_now"
            ),
            models.Index(
                fields=["channel", "purpose", "customer"],
                condition=Q(given=True),
                name="customers_consent_yes",
            ),
        )

    def __str__(self) -> str:
        """Return what was said for which channel and purpose."""
        return f"{self.channel} {self.purpose} {'yes' if self.given else 'no'}"


class ConsentProof(models.Model):
    """What shows that consent was given: apart from the journal, for it may name a person.

    Kept unchanged while the person is known, deleted when the person is erased.
    """

    consent = models.OneToOneField(
        Consent, on_delete=models.PROTECT, primary_key=True, related_name="proof"
    )
    text = models.TextField()

    def __str__(self) -> str:
        """Return whose proof it is; never the text."""
        return f"proof of {self.consent_id}"


class Wording(models.Model):
    """The words that somebody says yes to for one thing; other words are another row."""

    place = models.CharField(max_length=20)
    number = models.IntegerField()
    texts = models.JSONField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=120)

    class Meta:
        """Each version is there once."""

        constraints = (
            models.UniqueConstraint(
                fields=["place", "number"], name="customers_wording_version"
            ),
            models.CheckConstraint(
                name="customers_wording_numbered", condition=Q(number__gte=1) & ~Q(place="")
            ),
        )

    def __str__(self) -> str:
        """Return the name that is kept with each yes."""
        return f"{self.place}-{self.number}"


class Brand(models.Model):
    """What a brand is called whose customers carry its code."""

    code = models.CharField(max_length=60, primary_key=True)
    names = models.JSONField()

    class Meta:
        """A code is some letters."""

        constraints = (
            models.CheckConstraint(name="customers_brand_coded", condition=~Q(code="")),
        )

    def __str__(self) -> str:
        """Return the code."""
        return self.code


class Merge(models.Model):
    """Two records found to be one person: what moved, so that it can be undone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    loser = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges_lost")
    winner = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges_won")
    moved = models.JSONField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=120)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=120, blank=True)

    class Meta:
        """A record is merged into one other at a time."""

        constraints = (
            models.UniqueConstraint(
                fields=["loser"],
                condition=Q(undone_at__isnull=True),
                name="customers_merge_open_once",
            ),
            models.CheckConstraint(
                name="customers_merge_of_two", condition=~Q(loser=F("winner"))
            ),
        )

    def __str__(self) -> str:
        """Return the two ids."""
        return f"{self.loser_id} into {self.winner_id}"
