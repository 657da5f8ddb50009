"""Static files: named by content, kept for ever, compressed, and there without a step."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys

import pytest
from django.templatetags.static import static
from django.test import Client

from huitouke.service.ui.assets import VARIABLE, gather, shared_folder

pytestmark = pytest.mark.django_db

FILES = ["ui/sheet.css", "ui/inter.woff2", "ui/charts.js", "ui/mark.svg", "ui/js/told.js"]


def body(response) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize("name", [*FILES, "django_htmx/htmx-2.min.js"])
def test_a_file_has_a_name_of_its_content_and_is_kept_for_ever(name):
    url = static(name)

    response = Client().get(url)

    stem, ending = name.rsplit(".", 1)
    assert url.startswith(f"/static/{stem}.")
    assert url.endswith(f".{ending}")
    assert len(url) == len(f"/static/{name}") + 13
    assert response.status_code == 200
    assert response["Cache-Control"] == "max-age=315360000, public, immutable"
    assert "Access-Control-Allow-Origin" not in response
    assert body(response)


def test_texts_are_sent_compressed_to_who_can_read_it():
    url = static("ui/charts.js")

    small = Client().get(url, headers={"Accept-Encoding": "gzip"})
    large = Client().get(url)

    packed, plain = body(small), body(large)
    assert small["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small["Vary"]
    assert gzip.decompress(packed) == plain
    assert len(packed) < 0.4 * len(plain)


def test_the_sheet_names_the_face_by_its_content():
    sheet = body(Client().get(static("ui/sheet.css"))).decode()

    assert static("ui/inter.woff2").rpartition("/")[2] in sheet


@pytest.mark.parametrize("address", ["/static/ui/sheet.css", "/static/../urls.py", "/static/"])
def test_nothing_else_is_served(address):
    assert Client().get(address).status_code == 404


def test_the_same_files_get_the_same_names(tmp_path):
    gather(tmp_path)

    again = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert {static(name).removeprefix("/static/") for name in FILES} <= again


def test_children_find_the_folder_of_their_parent_and_it_goes_with_it():
    ask = "import django; django.setup(); from huitouke.service.ui import assets; "
    ask += "print(assets.folder())"

    with shared_folder() as made:
        said = subprocess.run(
            [sys.executable, "-c", ask],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "huitouke.service.config.settings"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout.strip() == str(made)
        assert (made / "staticfiles.json").is_file()

    assert not made.exists()
    assert VARIABLE not in os.environ
