"""What the server calls."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

__all__ = ["application"]

# Objects made between two looks for garbage: a batch of facts makes many, and little of it
# is ever garbage that only such a look finds.
_BETWEEN_LOOKS = (10_000, 20, 20)

# Nothing that is loaded is garbage: looking for some meanwhile took a quarter of the start.
gc.disable()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitouke.service.config.settings")
application = get_wsgi_application()

# All addresses and what they import now, not with the first request. What is loaded stays
# for ever: the search for garbage leaves it out, which saves a batch a third of its time.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
gc.set_threshold(*_BETWEEN_LOOKS)
gc.enable()
