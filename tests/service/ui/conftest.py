"""What tests of components share: templates written on the spot, and somebody signed in."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import RequestContext, engines
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.models import Staff
from huitouke.service.core.staff import create
from huitouke.service.ui.reader import Reader, reading

OPERATOR = Actor("staff", "operator")


@pytest.fixture
def written() -> Callable[..., str]:
    """Render a text as a template, components and all, for a reader."""

    def write(text: str, *, reader: Reader | None = None, **context: object) -> str:
        request = RequestFactory().get("/there?a=1")
        request.user = AnonymousUser()
        template = engines["django"].from_string(CottonCompiler().process(text)).template
        with reading(reader or Reader("en")):
            return template.render(RequestContext(request, context))

    return write


@pytest.fixture
def owner() -> Staff:
    """Somebody who may look; ask for a database first."""
    return create(
        "lin@example.com", role="owner", name="Lin", at=clock.now(), actor=OPERATOR
    ).record


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture
def tags_of() -> Callable[[str], list[tuple[str, dict[str, str | None]]]]:
    """Return every start tag of a text with its attributes, as a browser reads it."""
    return lambda text: _Tags(text).found
