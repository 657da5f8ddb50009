"""What segments ask of persons: standing, dates, birthday, consent."""

from __future__ import annotations

from collections.abc import Callable

from huitouke.language import N_
from huitouke.service.customers.brands import brands
from huitouke.service.customers.consenting import consents_now
from huitouke.service.customers.names import CHANNELS, STANDINGS
from huitouke.service.segments.fields import Condition, Field, Ground, Option, Sql
from huitouke.service.segments.making import chosen, day, moment

__all__ = ["FIELDS", "brand_options"]

_STANDING = """CASE WHEN c.enrolled_at IS NOT NULL THEN 'member'
  WHEN c.first_bought_at IS NULL THEN 'fan' ELSE 'customer' END"""
_STANDINGS = tuple(Option(key, label) for key, label in STANDINGS.items())
_CHANNELS = tuple(Option(key, label) for key, label in CHANNELS.items())
_MONTHS = (
    Option("this", N_("this month")),
    Option("next", N_("next month")),
    Option("1", N_("January")),
    Option("2", N_("February")),
    Option("3", N_("March")),
    Option("4", N_("April")),
    Option("5", N_("May")),
    Option("6", N_("June")),
    Option("7", N_("July")),
    Option("8", N_("August")),
    Option("9", N_("September")),
    Option("10", N_("October")),
    Option("11", N_("November")),
    Option("12", N_("December")),
)


def _birthday(condition: Condition, ground: Ground) -> Sql:
    this = ground.today.month
    relative = {"this": this, "next": this % 12 + 1}
    months = [relative.get(str(each)) or int(each) for each in condition.values]
    return Sql("extract(month FROM c.birthday_on)::int = ANY(%s)", (months,))


def _consent(purpose: str) -> Callable[[Condition, Ground], Sql]:
    def make(condition: Condition, _: Ground) -> Sql:
        channels = [str(each) for each in condition.values]
        text, params = consents_now("c", channels=channels, purpose=purpose)
        return Sql(text, tuple(params))

    return make


def brand_options() -> tuple[Option, ...]:
    """Return the brands that can be chosen, by their names."""
    return tuple(
        Option(each.code, each.code, each.names or {"zh": each.code}) for each in brands()
    )


FIELDS: tuple[Field, ...] = (
    Field(
        "standing",
        "person",
        N_("Standing"),
        N_("Member who joined; bought without joining; neither."),
        "choice",
        chosen(_STANDING),
        options=lambda _: _STANDINGS,
    ),
    Field(
        "joined",
        "person",
        N_("Joined"),
        N_("When the customer joined the programme; who never did is within no time."),
        "moment",
        moment("c.enrolled_at"),
        unit="days",
    ),
    Field(
        "joined_on",
        "person",
        N_("Day of joining"),
        N_("The shop's day on which the customer joined."),
        "day",
        day("c.enrolled_at"),
    ),
    Field(
        "known",
        "person",
        N_("Known"),
        N_("Since when the shop knows the customer."),
        "moment",
        moment("c.created_at"),
        unit="days",
    ),
    Field(
        "birthday_month",
        "person",
        N_("Month of birthday"),
        N_("As the customer told it; not known of who did not."),
        "choice",
        _birthday,
        partial=True,
        options=lambda _: _MONTHS,
    ),
    Field(
        "brand",
        "person",
        N_("Brand"),
        N_("The brand that the customer belongs to; not known of who carries none."),
        "choice",
        chosen("nullif(c.brand, '')"),
        partial=True,
        options=lambda ground: ground.once("customers.brands", brand_options),
    ),
    Field(
        "consent_marketing",
        "person",
        N_("Marketing allowed by"),
        N_("The newest word of the person on marketing by one of these ways is yes."),
        "choice",
        _consent("marketing"),
        options=lambda _: _CHANNELS,
    ),
    Field(
        "consent_survey",
        "person",
        N_("Surveys allowed by"),
        N_("The newest word of the person on surveys by one of these ways is yes."),
        "choice",
        _consent("survey"),
        options=lambda _: _CHANNELS,
    ),
    Field(
        "consent_service",
        "person",
        N_("Service messages allowed by"),
        N_("The newest word of the person on service messages by one of these ways is yes."),
        "choice",
        _consent("service"),
        options=lambda _: _CHANNELS,
    ),
)
