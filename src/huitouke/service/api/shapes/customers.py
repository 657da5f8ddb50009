"""Customers as requests and answers show them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AwareDatetime, Field

from huitouke.service.api.shapes.fields import Given, Key, ShortText, Text
from huitouke.service.core.ids import public_id
from huitouke.service.customers.contact import MOST_PER_MONTH
from huitouke.service.customers.models import Consent, Customer, Merge
from huitouke.service.programme.events.closing import Left

__all__ = [
    "ConsentIn",
    "ConsentOut",
    "ContactWishes",
    "CustomerChange",
    "CustomerIn",
    "CustomerOut",
    "CustomerPage",
    "CustomerState",
    "EnrolIn",
    "EraseIn",
    "IdentityAdded",
    "IdentityIn",
    "IdentityOut",
    "LeftOut",
    "MergeIn",
    "MergeOut",
]

Name = Annotated[str, Field(max_length=200)]


class IdentityIn(Given):
    """By what the customer is known."""

    kind: Key
    value: Annotated[str, Field(min_length=1, max_length=254)]


class IdentityAdded(IdentityIn):
    """One more identity, and when the customer showed that it is theirs, if they did.

    One that the customer has already stays; it becomes verified by the first such moment.
    """

    verified_at: AwareDatetime | None = None


class ContactWishes(Given):
    """When and how often the customer wants to be written to; what is not named is open.

    It comes beside consent, which says whether at all. Whatever sends offers or questions
    keeps to it; what somebody asked for themselves, such as a code, is not held back.
    """

    days: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(max_length=7)] | None = None
    earliest: ShortText | None = None
    latest: ShortText | None = None
    most_per_month: Annotated[int, Field(ge=1, le=MOST_PER_MONTH)] | None = None


class CustomerIn(Given):
    """A new customer; no identity is needed, but without one nobody will find them."""

    identities: Annotated[list[IdentityIn], Field(max_length=20)] = Field(default_factory=list)
    name: Name = ""
    birthday_on: date | None = None
    language: ShortText = "zh"
    gender: ShortText = ""
    brand: ShortText = ""
    household: ShortText = ""
    attributes: dict[str, Any] = Field(default_factory=dict)


class CustomerChange(Given):
    """What to change; what is not sent stays."""

    name: Name | None = None
    birthday_on: date | None = None
    language: ShortText | None = None
    gender: ShortText | None = None
    brand: ShortText | None = None
    household: ShortText | None = None
    contact: ContactWishes | None = None
    attributes: dict[str, Any] | None = None
    add_identities: Annotated[list[IdentityAdded], Field(max_length=20)] = Field(
        default_factory=list
    )
    remove_identities: Annotated[list[IdentityIn], Field(max_length=20)] = Field(
        default_factory=list
    )


class IdentityOut(Schema):
    """One identity as it is kept."""

    kind: str
    value: str
    verified_at: datetime | None


class CustomerOut(Schema):
    """A customer."""

    id: str
    stage: Literal["fan", "customer", "member"]
    name: str
    birthday_on: date | None
    language: str
    gender: str
    brand: str
    household: str
    contact: ContactWishes
    attributes: dict[str, Any]
    identities: list[IdentityOut]
    created_at: datetime
    first_bought_at: datetime | None
    enrolled_at: datetime | None

    @classmethod
    def of(cls, customer: Customer) -> CustomerOut:
        """Return what is shown of a record."""
        return cls(
            id=public_id("cus", customer.pk),
            stage=customer.stage,
            name=customer.name,
            birthday_on=customer.birthday_on,
            language=customer.language,
            gender=customer.gender,
            brand=customer.brand,
            household=customer.household,
            contact=ContactWishes(**customer.contact),
            attributes=customer.attributes,
            identities=[
                IdentityOut(kind=each.kind, value=each.value, verified_at=each.verified_at)
                for each in customer.identities.all()
            ],
            created_at=customer.created_at,
            first_bought_at=customer.first_bought_at,
            enrolled_at=customer.enrolled_at,
        )


class CustomerState(Schema):
    """Which customer, and where they stand: all that a key sees that may not read customers."""

    id: str
    stage: Literal["fan", "customer", "member"]

    @classmethod
    def of(cls, customer: Customer) -> CustomerState:
        """Return what is shown of a record."""
        return cls(id=public_id("cus", customer.pk), stage=customer.stage)


class CustomerPage(Schema):
    """Some customers of a longer list; ``next`` leads on, null at the end."""

    customers: list[CustomerOut]
    next: str | None


class EnrolIn(Given):
    """In which programme, and who brought the customer here."""

    programme: Key = "main"
    referral_code: ShortText = ""


class EraseIn(Given):
    """When the person was told what would be lost, and agreed."""

    warned_at: AwareDatetime | None = None


class LeftOut(Schema):
    """What a person would leave behind in one unit."""

    unit: str
    active: int
    pending: int
    held: int
    owed: int

    @classmethod
    def of(cls, found: Left) -> LeftOut:
        """Return what is shown of it."""
        return cls(
            unit=found.unit,
            active=found.active,
            pending=found.pending,
            held=found.held,
            owed=found.owed,
        )


class MergeIn(Given):
    """Into whom; the customer in the address is the one who goes."""

    into: Key
    reason: Text = ""


class MergeOut(Schema):
    """A merge; it can be undone until the day named."""

    id: str
    loser: str
    winner: str
    at: datetime
    undone_at: datetime | None

    @classmethod
    def of(cls, merge: Merge) -> MergeOut:
        """Return what is shown of a record."""
        return cls(
            id=public_id("mrg", merge.pk),
            loser=public_id("cus", merge.loser_id),
            winner=public_id("cus", merge.winner_id),
            at=merge.at,
            undone_at=merge.undone_at,
        )


class ConsentIn(Given):
    """What the customer said yes or no to, where, and in which words it was asked."""

    channel: Literal["sms", "email", "wechat", "phone", "push", "post"]
    purpose: Literal["marketing", "service", "survey", "profiling"]
    given: bool
    source: Key
    wording_version: ShortText = ""
    proof: Text = ""
    at: AwareDatetime | None = None


class ConsentOut(Schema):
    """The newest word for one channel and purpose."""

    channel: str
    purpose: str
    given: bool
    wording_version: str
    source: str
    at: datetime

    @classmethod
    def of(cls, consent: Consent) -> ConsentOut:
        """Return what is shown of a record."""
        return cls(
            channel=consent.channel,
            purpose=consent.purpose,
            given=consent.given,
            wording_version=consent.wording_version,
            source=consent.source,
            at=consent.at,
        )
