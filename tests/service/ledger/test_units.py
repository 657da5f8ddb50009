"""Units are made once; their settings are checked and can change."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from huitouke.service.ledger import units
from huitouke.service.ledger.calling import ask
from huitouke.service.ledger.units import UnitSettings

pytestmark = pytest.mark.django_db


def test_a_unit_is_made_once_and_keeps_its_settings():
    first = units.create_unit(
        "main.points", kind="points", settings=UnitSettings(adjust_limit=30)
    )

    again = units.create_unit("main.points", kind="points")

    assert first == again
    assert units.unit("main.points").settings.adjust_limit == 30


def test_every_code_has_its_own_number():
    numbers = [
        units.create_unit(code, kind="points") for code in ("main.points", "club.points")
    ]

    assert len(set(numbers)) == 2
    assert [each.code for each in units.units()] == ["main.points", "club.points"]


def test_a_code_stands_for_one_kind():
    units.create_unit("main.points", kind="points")

    with pytest.raises(units.UnitDiffers):
        units.create_unit("main.points", kind="growth")


def test_settings_change_from_now_on():
    units.create_unit("main.points", kind="points")

    changed = units.change_unit("main.points", settings=UnitSettings(transfers=True))

    assert changed.settings.transfers
    assert units.unit("main.points") == changed


def test_settings_that_earlier_releases_kept_are_passed_over():
    """A copy of what refunds do stood beside the settings in databases made before."""
    units.create_unit("main.points", kind="points")
    kept = {
        "transfers": True,
        "adjust_limit": 500,
        "debt_policy": "absorb",
        "grace_days": 3,
        "expired_on_return": "expire",
        "debt_years": 2,
        "hold_minutes": 45,
    }
    ask("UPDATE ledger.unit SET settings = %s::jsonb RETURNING unit", [json.dumps(kept)])

    settings = units.unit("main.points").settings

    assert settings == UnitSettings(transfers=True, adjust_limit=500)


def test_an_unknown_unit_is_told():
    with pytest.raises(units.UnitUnknown):
        units.unit("main.nothing")
    with pytest.raises(units.UnitUnknown):
        units.change_unit("main.nothing", settings=UnitSettings())


def test_settings_that_mean_nothing_are_refused():
    with pytest.raises(ValidationError):
        UnitSettings(adjust_limit=-1)
    with pytest.raises(ValidationError):
        UnitSettings(colour="red")
