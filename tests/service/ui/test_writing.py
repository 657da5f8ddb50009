"""Words, numbers and days in templates: translated, escaped, in attributes too."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from huitouke.service.ui.reader import Reader, current, reading

LATE = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)


def test_a_message_is_said_in_the_language_of_the_reader(written):
    text = '{% say "Close" %}'

    assert written(text) == "Close"
    assert written(text, reader=Reader("zh")) == "关闭"


def test_numbers_days_and_moments_in_a_message_are_written_out(written):
    text = '{% say "{n} of {d} at {m}" n=n d=d m=m %}'

    said = written(text, n=4120, d=date(2026, 11, 21), m=LATE)

    assert said == "4,120 of Nov 21, 2026 at Nov 21, 2026, 01:30"


@pytest.mark.parametrize(
    "text",
    [
        '{% say "Hello {name}" name=name %}',
        '<c-badge label="{% say "Hello {name}" name=name %}" />',
        '<c-button label="{{ name }}" icon="x" icon_only />',
        '<c-customer :name="name" />',
        '<c-customer name="{{ name }}" note="{{ name }}" href="{{ name }}" />',
        '<c-panel title="{{ name }}" :data-name="name">{{ name }}</c-panel>',
        '<c-field name="q" label="x" value="{{ name }}" hint="{{ name }}" :data-x="name" />',
        '<c-chart id="x" title="{{ name }}" :option="option" />',
        '<c-empty title="{{ name }}" text="{{ name }}" />',
        '<c-timeline.event title="{{ name }}" amount="{{ name }}" />',
    ],
)
@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"onmouseover="alert(1)"',
        "' onfocus='alert(1)",
        '"><img src=x onerror=alert(1)>',
    ],
)
def test_values_from_strangers_stay_text(written, tags_of, text, name):
    said = written(text, name=name, option={"title": name})

    plain = written(text, name="Lin", option={"title": "Lin"})
    assert [(tag, sorted(attrs)) for tag, attrs in tags_of(said)] == [
        (tag, sorted(attrs)) for tag, attrs in tags_of(plain)
    ]


def test_a_value_cannot_call_a_place_of_the_message(written):
    assert written('{% say "Hello {name}" name=name %}', name="{n}") == "Hello {n}"


@pytest.mark.parametrize(
    ("n", "said"), [(0, "0 customers"), (1, "1 customer"), (4120, "4,120 customers")]
)
def test_one_and_many_are_told_apart(written, n, said):
    assert written('{% count n "{n} customer" "{n} customers" %}', n=n) == said


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("{{ 4120|number }}", "4,120", "4,120"),
        ('{{ "3.14159"|number:2 }}', "3.14", "3.14"),
        ("{{ none|number }}", "–", "–"),
        ("{{ 0.634|share }}", "63%", "63%"),
        ("{{ 128000|money }}", "¥1,280.00", "¥1,280.00"),
        ('{{ 128000|money:"JPY" }}', "¥128,000", "JP¥128,000"),
        ("{{ 1147200|worth }}", "¥1,150,000", "¥1,150,000"),
        ("{{ late|day }}", "Nov 21, 2026", "2026年11月21日"),
        ("{{ late|short_day }}", "Nov 21", "11月21日"),
        ("{{ late|month }}", "Nov 2026", "2026年11月"),
        ("{{ late|moment }}", "Nov 21, 2026, 01:30", "2026年11月21日 01:30"),
        ("{{ late|clock }}", "01:30", "01:30"),
        ("{{ late|machine }}", "2026-11-21T01:30:00+08:00", "2026-11-21T01:30:00+08:00"),
        ("{{ names|listed }}", "A and B", "A和B"),
        ('{{ "Close"|say }}', "Close", "关闭"),
    ],
)
def test_each_filter_writes_for_the_reader(written, text, english, chinese):
    context = {"late": LATE, "names": ["A", "B"], "none": None}

    assert written(text, **context) == english
    assert written(text, reader=Reader("zh"), **context) == chinese


def test_moments_are_told_in_the_zone_of_the_shop(written):
    reader = Reader("en", zone="Europe/London")

    assert written("{{ late|moment }}", late=LATE, reader=reader) == "Nov 20, 2026, 17:30"


def test_reading_ends_where_it_began():
    before = current()

    with reading(Reader("en", theme="dark")):
        assert current().theme == "dark"

    assert current() == before
