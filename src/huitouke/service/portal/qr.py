"""QR codes as drawings: black on white in every theme, for scanners see no other."""

from __future__ import annotations

import segno
from django.utils.safestring import SafeString

__all__ = ["qr"]


def qr(text: str, *, title: str) -> SafeString:
    """Return an SVG element with a QR code, quiet zone and all.

    Parameters
    ----------
    text
        What a scanner reads: letters and digits of ours.
    title
        What the picture is, for who hears the page; plain words.
    """
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        border=4, omitsize=True, svgclass="qr", lineclass=None, dark="black", light="white",
        title=title,
    )  # fmt: skip
    # A drawing of our own; segno escapes the title.
    return SafeString(drawn.replace("<svg ", '<svg role="img" ', 1))
