"""What a browser would send of a form: its fields as the page shows them."""

from __future__ import annotations

from html.parser import HTMLParser

__all__ = ["fields_of"]

TICKED = {"checkbox", "radio"}


class Fields(HTMLParser):
    """Reads the fields of one form, by its id or address; a form without both is "" ."""

    def __init__(self, form):
        super().__init__()
        self.form, self.inside, self.select = form, False, None
        self.found = {}

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.inside = self.form in (given.get("id"), given.get("action"))
        elif self.inside and tag == "input" and given.get("name"):
            self.input(given)
        elif self.inside and tag == "select":
            self.select = given.get("name")
        elif self.select and tag == "option":
            self.option(given)

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = None

    def input(self, given):
        values = self.found.get(given["name"], [])
        if given.get("type") not in TICKED:
            self.found[given["name"]] = [*values, given.get("value") or ""]
        elif "checked" in given:
            self.found[given["name"]] = [*values, given.get("value", "on")]

    def option(self, given):
        if self.select not in self.found or "selected" in given:
            self.found[self.select] = [given.get("value", "")]


def fields_of(page, *, form):
    """Return names to lists of values."""
    reader = Fields(form)
    reader.feed(page)
    return reader.found
