"""The app and its name."""

from __future__ import annotations

from django.apps import AppConfig

from huitouke.service.core.person import register
from huitouke.service.segments.register import register as add_fields

__all__ = ["ProgrammeApp"]


class ProgrammeApp(AppConfig):
    """The app as Django knows it."""

    name = "huitouke.service.programme"
    label = "programme"

    def ready(self) -> None:
        """Add memberships, points and rewards to what is known and asked of a person."""
        from huitouke.service.programme.events import person  # noqa: PLC0415 - needs the models
        from huitouke.service.programme.rewards import person as rewards  # noqa: PLC0415 - too
        from huitouke.service.programme.segmenting import FIELDS  # noqa: PLC0415 - too

        register(rewards.PART)
        register(person.PART)
        add_fields(FIELDS)
