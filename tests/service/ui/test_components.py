"""Components as they are written: wired by id, quiet about what they were not given."""

from __future__ import annotations

import pytest
from django import forms
from django.http import HttpResponse
from django.test import RequestFactory

from huitouke.service.ui.frame import Frame, NavGroup, NavItem, Shop
from huitouke.service.ui.pages import announce, fragment
from huitouke.service.ui.templatetags.drawing import initials


class Small(forms.Form):
    name = forms.CharField(label="Name", help_text="Close")
    secret = forms.CharField(widget=forms.HiddenInput, initial="s")


def one(tags, name: str) -> dict[str, str | None]:
    return next(attrs for tag, attrs in tags if tag == name)


def test_a_bound_field_is_wired_to_its_label_hint_and_error(written, tags_of):
    form = Small({"name": "", "secret": "s"})

    text = written('<c-field :field="form.name" />', form=form)

    tags = tags_of(text)
    described = str(one(tags, "input")["aria-describedby"]).split()
    ids = {attrs["id"] for _, attrs in tags if "id" in attrs}
    assert one(tags, "label")["for"] == one(tags, "input")["id"]
    assert len(described) == 2
    assert set(described) <= ids
    assert one(tags, "input")["aria-invalid"] == "true"


def test_a_hidden_field_has_no_label(written):
    assert "<label" not in written('<c-field :field="form.secret" />', form=Small())


@pytest.mark.parametrize("kind", ["text", "area", "select"])
def test_a_plain_field_is_wired_too_and_passes_on_what_it_does_not_know(written, tags_of, kind):
    text = (
        f'<c-field name="q" label="L" type="{kind}" value="b" error="No" required '
        'hx-get="/x" :options="options" />'
    )
    options = [("a", "A"), ("b", "B")] if kind == "select" else ""

    tags = tags_of(written(text, options=options))

    control = one(tags, {"text": "input", "area": "textarea", "select": "select"}[kind])
    assert control["aria-describedby"] == "id_q_said"
    assert "id_q_said" in {attrs.get("id") for _, attrs in tags}
    assert control["hx-get"] == "/x"
    assert "required" in control
    chosen = [attrs["value"] for tag, attrs in tags if tag == "option" and "selected" in attrs]
    assert chosen == (["b"] if kind == "select" else [])


def test_a_field_whose_name_stands_twice_has_an_id_of_its_own(written, tags_of):
    tags = tags_of(written('<c-field name="q" id="other" label="L" hint="H" />'))

    assert one(tags, "input")["id"] == one(tags, "label")["for"] == "other"


def test_a_component_does_not_see_the_page_around_it(written):
    assert "Leaked" not in written('<c-panel><c-badge label="x" /></c-panel>', title="Leaked")


def test_a_link_that_looks_like_a_button_is_a_link(written, tags_of):
    assert tags_of(written('<c-button label="x" href="/y" />'))[0][0] == "a"
    assert one(tags_of(written('<c-button label="x" opens="d" />')), "button") == {
        "class": "button",
        "data-kind": "plain",
        "type": "button",
        "commandfor": "d",
        "command": "show-modal",
    }


def test_a_button_that_shows_only_an_icon_still_has_its_name(written, tags_of):
    button = one(tags_of(written('<c-button label="Close" icon="x" icon_only />')), "button")

    assert button["aria-label"] == "Close"


@pytest.mark.parametrize(
    ("sort", "said"), [("", None), ("spend", "ascending"), ("-spend", "descending")]
)
def test_a_column_says_how_it_is_sorted(written, tags_of, sort, said):
    text = '<c-table.column label="L" key="spend" sort="{{ sort }}" url="/x" />'

    assert one(tags_of(written(text, sort=sort)), "th").get("aria-sort") == said


def test_a_table_without_rows_shows_what_stands_instead(written):
    text = (
        '<c-table caption="C" :rows="rows"><c-slot name="head"></c-slot>'
        '<c-slot name="empty">nobody</c-slot></c-table>'
    )

    assert "<table" not in written(text, rows=[])
    assert "nobody" in written(text, rows=[])
    assert "nobody" not in written(text, rows=[1])


def test_a_form_that_posts_carries_its_mark_and_its_key(written, tags_of):
    posted = tags_of(written('<c-form action="/x" key="k-1"></c-form>'))
    asked = tags_of(written('<c-form action="/x" method="get"></c-form>'))

    names = {attrs["name"]: attrs["value"] for tag, attrs in posted if tag == "input"}
    assert names.keys() == {"csrfmiddlewaretoken", "key"}
    assert names["key"] == "k-1"
    assert [tag for tag, _ in asked] == ["form"]


def test_the_numbers_of_a_chart_cannot_end_their_script(written, tags_of):
    text = '<c-chart id="c" title="T" :option="option">table</c-chart>'

    tags = tags_of(written(text, option={"a": "</script><img src=x>"}))

    assert [tag for tag, _ in tags].count("img") == 0
    assert one(tags, "script") == {"id": "c-option", "type": "application/json"}


def test_a_frame_shows_at_most_four_ways_at_the_foot():
    ways = tuple(NavItem(str(n), f"/{n}", "sun", primary=n != 1) for n in range(7))

    shown = Frame(Shop("S"), nav=(NavGroup(ways[:3]), NavGroup(ways[3:]))).primary

    assert [item.url for item in shown] == ["/0", "/2", "/3", "/4"]


def test_a_fragment_is_written_in_the_currency_of_its_shop():
    request = RequestFactory().get("/")
    frame = Frame(Shop("S", currency="JPY"))

    answer = fragment(
        request, component="stat", frame=frame, status=422, label="x", value="{{ y }}"
    )

    assert (answer.status_code, answer["Cache-Control"]) == (422, "private, no-store")
    assert "{{ y }}" in answer.text


def test_an_announcement_travels_in_a_header_of_plain_letters():
    answer = announce(HttpResponse(), said="已发布：积分\n", tone="good")

    assert answer["HX-Trigger"].isascii()
    assert "\n" not in answer["HX-Trigger"]


@pytest.mark.parametrize(
    ("name", "letters"),
    [("林晓雨", "雨"), ("Ada Lovelace", "AL"), ("lin", "L"), ("", "?"), ("陈 默", "陈默")],
)
def test_a_person_is_shown_by_one_or_two_letters(name, letters):
    assert initials(name) == letters
