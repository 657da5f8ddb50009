"""What happened in the shop, as tills, shops and files tell it: facts, never commands.

The sender never computes points. Every fact carries the name that its source gave it
(``source``, ``source_id``): it is the key under which it counts once, for ever.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import (
    Discriminator,
    Field,
    StrictInt,
    StringConstraints,
    Tag,
    TypeAdapter,
    model_validator,
)

from huitouke.service.core.idempotency import canonical_hash
from huitouke.service.programme.events.fields import (
    Attributes,
    Code,
    FactPart,
    Minor,
    Moment,
    Name,
    Source,
    SourceId,
)
from huitouke.service.programme.events.order_facts import FactOrder, OrderNamed, RefundFacts

__all__ = [
    "EVIDENCE",
    "FACT",
    "FACTS_MOST",
    "NO_KIND",
    "BirthdayFact",
    "CheckinFact",
    "CustomFact",
    "CustomerFact",
    "CustomerRef",
    "Fact",
    "FactBase",
    "IdentityRef",
    "OrderCancelled",
    "OrderDelivered",
    "OrderPaid",
    "OrderRefunded",
    "ReviewFact",
    "SignedUpFact",
    "SurveyFact",
    "TopUp",
    "TopUpNamed",
    "ValueReversed",
    "ValueToppedUp",
    "attributes_of",
    "evidence_of",
    "fact_hash",
]

FACTS_MOST = 10_000


class IdentityRef(FactPart):
    """A customer by what the shop knows: a phone number, a card, an id of its own."""

    kind: Annotated[Name, Field(min_length=1, max_length=40)]
    value: Annotated[Name, Field(min_length=1)]


class CustomerRef(FactPart):
    """A customer by id or by one identity."""

    id: Annotated[Name, Field(max_length=40)] | None = None
    identity: IdentityRef | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> CustomerRef:
        """Refuse both ways, and neither."""
        if (self.id is None) == (self.identity is None):
            message = "give either id or identity"
            raise ValueError(message)
        return self


class FactBase(FactPart):
    """What every fact has: who tells it, under which name, and when it happened."""

    type: str
    source: Source
    source_id: SourceId
    occurred_at: Moment
    programme: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")] = "main"


class CustomerFact(FactBase):
    """A fact of a customer that is not an order."""

    customer: CustomerRef
    attributes: Attributes = Field(default_factory=dict)


class OrderPaid(FactBase):
    """An order was paid; without a customer it is recorded and nobody earns."""

    type: Literal["order.paid"]
    customer: CustomerRef | None = None
    order: FactOrder
    attributes: Attributes = Field(default_factory=dict)


class OrderRefunded(FactBase):
    """Some or all of an order came back."""

    type: Literal["order.refunded"]
    order: RefundFacts


class OrderCancelled(FactBase):
    """An order was called off: everything that was not refunded yet."""

    type: Literal["order.cancelled"]
    order: OrderNamed
    reason: Name = ""


class OrderDelivered(FactBase):
    """An order reached the customer."""

    type: Literal["order.delivered"]
    order: OrderNamed


class SignedUpFact(CustomerFact):
    """A customer became a member."""

    type: Literal["customer.signed_up"]
    referral_code: Annotated[Name, Field(max_length=60)] = ""


class ReviewFact(CustomerFact):
    """A review passed its approval. Paying for good ones only is not possible by design."""

    type: Literal["review.approved"]
    sku: Name = ""


class SurveyFact(CustomerFact):
    """A survey was answered; any answer counts the same."""

    type: Literal["survey.answered"]
    survey: Name = ""
    answers: Annotated[StrictInt, Field(ge=0, le=1_000)] = 0


class CheckinFact(CustomerFact):
    """A customer checked in, in a store or an app."""

    type: Literal["checkin"]
    store: Name = ""
    channel: Name = ""


class BirthdayFact(CustomerFact):
    """A member has a birthday; the service itself tells it on the local day."""

    type: Literal["birthday"]


class TopUp(FactPart):
    """What a customer paid in, in minor units, and what the shop puts on top of it."""

    unit: Code
    paid_minor: Annotated[Minor, Field(ge=1)]
    bonus_minor: Minor = 0


class ValueToppedUp(CustomerFact):
    """A customer paid stored value (储值) in; the money was taken elsewhere."""

    type: Literal["value.topped_up"]
    value: TopUp


class TopUpNamed(FactPart):
    """Which top-up: the name of its fact, and who told it when that is not this source."""

    source_id: SourceId
    source: Annotated[Name, Field(max_length=60)] = ""


class ValueReversed(FactBase):
    """A top-up was undone as a whole, bonus and all; the money is given back elsewhere."""

    type: Literal["value.reversed"]
    value: TopUpNamed
    reason: Name = ""


class CustomFact(CustomerFact):
    """A fact of the merchant's own kind, named ``x.…``."""

    type: Annotated[str, StringConstraints(pattern=r"^x\.[a-z][a-z0-9_.]{0,37}$")]


def _kind(given: Any) -> str | None:
    """Name the member of the union; every ``x.`` type is the one custom kind."""
    found = given.get("type") if isinstance(given, dict) else getattr(given, "type", None)
    if not isinstance(found, str):
        return None
    return "x" if found.startswith("x.") else found


_OneOf = (
    Annotated[OrderPaid, Tag("order.paid")]
    | Annotated[OrderRefunded, Tag("order.refunded")]
    | Annotated[OrderCancelled, Tag("order.cancelled")]
    | Annotated[OrderDelivered, Tag("order.delivered")]
    | Annotated[SignedUpFact, Tag("customer.signed_up")]
    | Annotated[ReviewFact, Tag("review.approved")]
    | Annotated[SurveyFact, Tag("survey.answered")]
    | Annotated[CheckinFact, Tag("checkin")]
    | Annotated[ValueToppedUp, Tag("value.topped_up")]
    | Annotated[ValueReversed, Tag("value.reversed")]
    | Annotated[CustomFact, Tag("x")]
)
_KINDS = [get_args(each)[1].tag for each in get_args(_OneOf)]

#: What Pydantic calls the mistake of a fact whose type is missing or none of these.
NO_KIND = "fact_type"
Fact = Annotated[
    _OneOf,
    Discriminator(
        _kind,
        custom_error_type=NO_KIND,
        custom_error_message=f"type should be one of {', '.join(_KINDS)} (x.… is your own)",
    ),
]

FACT: TypeAdapter[FactBase] = TypeAdapter(Fact)


def fact_hash(fact: FactBase) -> bytes:
    """Return what makes two tellings of a fact the same: SHA-256 of what it says.

    Members left at their default do not count, so that a later version of the service,
    with more members, still knows every fact it was told before.

    Parameters
    ----------
    fact
        A validated fact.
    """
    said = fact.model_dump(mode="json", exclude_defaults=True)
    # Yuan were the default once: a fact that was told with them is known with and without.
    if said.get("order", {}).get("currency") == "CNY":
        del said["order"]["currency"]
    return canonical_hash(said)


_NOT_ATTRIBUTES = frozenset({"type", "source", "source_id", "occurred_at", "programme"}) | {
    "customer",
    "attributes",
    "order",
    "value",
}


#: What shows who somebody is; used by the checks of referrals, and never kept as it is.
EVIDENCE = frozenset({"device", "address", "payment_token"})


def evidence_of(fact: FactBase) -> dict[str, str]:
    """Return what a fact says of device, address and payment, for the checks of referrals.

    Parameters
    ----------
    fact
        A validated fact.
    """
    given: dict[str, Any] = getattr(fact, "attributes", {})
    return {name: str(given[name]) for name in sorted(EVIDENCE & given.keys())}


def attributes_of(fact: FactBase) -> dict[str, Any]:
    """Return what conditions of rules may ask of a fact, apart from its order.

    Parameters
    ----------
    fact
        A validated fact.

    Examples
    --------
    >>> attributes_of(FACT.validate_python({
    ...     "type": "checkin", "source": "app", "source_id": "1", "store": "Jing'an",
    ...     "occurred_at": "2026-03-01T08:00:00+08:00",
    ...     "customer": {"identity": {"kind": "phone", "value": "13800138000"}},
    ... }))
    {'store': "Jing'an", 'channel': ''}
    """
    own = {
        name: getattr(fact, name)
        for name in type(fact).model_fields
        if name not in _NOT_ATTRIBUTES
    }
    given: dict[str, Any] = getattr(fact, "attributes", {})
    return {**{name: given[name] for name in given if name not in EVIDENCE}, **own}
