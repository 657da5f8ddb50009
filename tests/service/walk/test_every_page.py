"""Every page in a real browser: accessible, quiet, at home, and no wider than the screen.

The pages are found, not listed: every address of the service that answers HTML to GET, for the
first reader to whom it opens. An address with a place to fill needs an entry in ``filled.py``.
"""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from django.urls import URLResolver, get_resolver
from filled import Filled
from readers import readers

from huitouke.service.outreach.senders.choosing import Channels

base = pytest.importorskip("axe_playwright_python.base")
pytestmark = pytest.mark.browser

MACHINES = "v1/"
#: Addresses that lead elsewhere or nowhere, and why nobody sees a page of ours there.
NO_PAGE = {
    "openid_connect_login": "there is no other server to sign in by",
    "openid_connect_callback": "there is no other server to sign in by",
    "till_enrol": "a member is there already",
}
#: A segment with a condition of every kind, as its address says it.
EVERY_KIND = (
    "name=沉默的老客&f0=last_order&o0=ago&v0=90&f1=spent&o1=at_least&v1=300&d1=365"
    "&f2=tier&o2=any_of&v2=silver&v2=gold&f3=category&o3=not.any_of&v3=tea"
    "&f4=lapsing&o4=at_least&v4=1&d4=30&f5=coupon_used&o5=not.is&d5=30"
    "&f6=rain_or_shine&o6=at_least&v6=60&f7=joined_on&o7=since&v7=2026-01-01"
)
#: Addresses that only lead to another.
LEADS_ON = {
    None, "account_link", "insight_analysis", "programme_codes_progress",
    "programme_progress", "staff_home",
}  # fmt: skip
ALSO = {
    "customers": ["?q=nobody"],
    "segments": ["?archived=1"],
    "look": ["?door=portal", "?door=bare"],
    "my_sign_in": ["?said=out"],
    "segment_new": [f"?{EVERY_KIND}"],
}
#: Of the third language, which is made from the first, a few pages tell enough.
FEW = ("staff_today", "customer", "till_member", "programme_home", "my_home", "my_me")
LAPTOP, PHONE = 1280, 390
#: Where all rules of axe are asked, and the other theme and width of the same page after it.
FACES = {
    "zh": (("light", LAPTOP), ("dark", PHONE)),
    "en": (("dark", PHONE), ("light", LAPTOP)),
    "zh-Hant": (("light", PHONE), ("dark", LAPTOP)),
}
COLOURS = ["color-contrast", "link-in-text-block"]
#: The ways around every page are the same: they are looked at once per reader.
AXE = """async ([rules, around]) => {
  const options = { resultTypes: ["violations"], preload: false, iframes: false };
  if (rules.length) options.runOnly = { type: "rule", values: rules };
  const there = around ? document : { exclude: [[".side"], [".tabs"]] };
  return (await axe.run(there, options)).violations.map(
    (one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`);
}"""
FITS = """(least) => {
  const found = [], root = document.documentElement;
  if (root.scrollWidth > innerWidth) found.push(`${root.scrollWidth} px wide`);
  for (const one of document.querySelectorAll(".panel, td, th"))
    if (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === "visible")
      found.push(`runs over: ${one.outerHTML.slice(0, 200)}`);
  const touched = "main button, main .button, .tabs a, main input";
  for (const one of least ? document.querySelectorAll(touched) : []) {
    if (!one.checkVisibility() || ["hidden", "checkbox"].includes(one.type)) continue;
    const height = one.getBoundingClientRect().height;
    if (height && height < least - 0.5)
      found.push(`${height} px are too few for a thumb: ${one.outerHTML.slice(0, 80)}`);
  }
  return found;
}"""
READY = """() => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  const drawn = document.documentElement.dataset.drawn;
  const charts = document.querySelector("[data-chart]");
  return !document.querySelector(".htmx-request") && (!charts || drawn);
}"""
WATCH = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));"""


def named(patterns, *, under=""):
    for each in patterns:
        route = under + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from named(each.url_patterns, under=route)
        else:
            yield each.name, route


def filled(route, given):
    for each in given:
        route = re.sub(r"<[^>]+>", lambda _, each=each: each, route, count=1)
    assert "<" not in route, f"{route}: give it something to be filled with"
    return f"/{route}"


def addresses(shop):
    """Yield every address of the doors for people, with its name."""
    for name, route in named(get_resolver().url_patterns):
        if route.startswith(MACHINES):
            continue
        for given in shop.args.get(name, [()]):
            yield name, filled(route, given)
        for more in ALSO.get(name, ()):
            yield name, filled(route, shop.args.get(name, [()])[0]) + more


def answer_of(client, address):
    """Return the status, and whether it is a whole page."""
    got = client.get(address, headers={"Accept": "text/html"})
    html = got.status_code == 200 and got["Content-Type"].startswith("text/html")
    return got.status_code, html and b"<html" in got.content


def to_be_seen(shop, who):
    """Return the pages of each reader, names that only lead on, and what opens to nobody."""
    pages, leads, shut = defaultdict(list), set(), []
    for name, address in addresses(shop):
        seen = set()
        for reader, client in who.items():
            status, page = answer_of(client, address)
            seen.add(status)
            if page:
                pages[reader].append((name, address))
            if page or status == 405:
                break
        else:
            if 200 in seen:
                continue
            if seen & {302, 303}:
                leads.add(name)
            elif name not in NO_PAGE:
                shut.append(f"{address}: {sorted(seen)}")
    return pages, leads, shut


@pytest.fixture(scope="module")
def world(site, tmp_path_factory):
    from django.test import override_settings

    with override_settings(
        UPLOAD_DIR=str(tmp_path_factory.mktemp("uploads")), CHANNELS=Channels(console=True)
    ):
        shop = Filled()
        who = readers(shop)
        names = {name for name, _ in named(get_resolver().url_patterns)}
        yield who, *to_be_seen(shop, who), (set(shop.args) | set(ALSO) | set(NO_PAGE)) - names


def test_every_address_opens_to_somebody(world):
    who, pages, leads, shut, unknown = world

    assert (shut, unknown) == ([], set())
    assert leads == LEADS_ON
    assert set(pages) == set(who)
    assert sum(map(len, pages.values())) > 100


@pytest.fixture
def stroll(chromium, site):
    """Return what is wrong with pages as one reader sees them in one language."""

    def walk(client, pages, *, language, least=0):
        context = chromium.new_context(base_url=site, reduced_motion="reduce")
        kept = {name: each.value for name, each in client.cookies.items()}
        kept |= {"huitouke_language": language, "huitouke_theme": "system"}
        context.add_cookies(
            [{"name": n, "value": each, "url": site} for n, each in kept.items()]
        )
        context.add_init_script(WATCH)
        context.add_init_script(base.AXE_SCRIPT)
        page, wrong, where = context.new_page(), [], ""

        def tell(what):
            wrong.append(f"{where}: {what}")

        page.on("console", lambda message: tell(message.text))
        page.on("pageerror", tell)
        page.on("request", lambda got: got.url.startswith((site, "data:")) or tell(got.url))
        (theme, width), (other_theme, other_width) = FACES[language]
        for number, (_, where) in enumerate(pages):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)
            if page.goto(where).status != 200:
                tell("does not open any more")
            page.wait_for_function(READY)
            found = [*page.evaluate(AXE, [[], number == 0]), *page.evaluate(FITS, least)]
            page.emulate_media(color_scheme=other_theme)
            found += page.evaluate(AXE, [COLOURS, number == 0])
            page.set_viewport_size({"width": other_width, "height": 900})
            found += page.evaluate(FITS, least)
            for each in found:
                tell(each)
        context.close()
        return wrong

    return walk


@pytest.mark.parametrize("language", list(FACES))
def test_every_page_is_accessible_quiet_and_no_wider_than_the_screen(world, stroll, language):
    who, pages, *_ = world
    wrong = []
    for reader, client in who.items():
        few = [each for each in pages[reader] if language != "zh-Hant" or each[0] in FEW]
        least = 44 if reader in {"member", "asked"} else 0
        wrong += stroll(client, few, language=language, least=least)

    assert wrong == []


def test_the_look_finds_what_is_wrong(world, stroll, chromium, site):
    context = chromium.new_context(base_url=site, viewport={"width": PHONE, "height": 900})
    context.add_init_script(base.AXE_SCRIPT)
    page = context.new_page()
    page.goto("/my/sign-in")
    page.evaluate(
        """() => {
          const main = document.querySelector("main");
          main.append(document.createElement("img"));
          main.style.minInlineSize = "600px";
          main.querySelector("button").style.cssText = "min-block-size: 0; block-size: 20px";
          main.querySelector("h1").style.color = "#ddd";
        }"""
    )

    found = [*page.evaluate(AXE, [[], True]), *page.evaluate(FITS, 44)]

    for fault in ("image-alt", "color-contrast", "px wide", "too few for a thumb"):
        assert any(fault in each for each in found), found
    context.close()
