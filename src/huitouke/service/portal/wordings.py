"""What a member says yes to: the words that are shown, each with a name that is kept."""

from __future__ import annotations

from dataclasses import dataclass

from huitouke.language import N_

__all__ = ["OFFERED", "WORDINGS", "Wording", "ways_of", "wording_of"]


@dataclass(frozen=True)
class Wording:
    """Words shown for one purpose.

    Parameters
    ----------
    version
        Kept with each yes; other words get another name.
    purpose
        For what.
    text
        English message.
    """

    version: str
    purpose: str
    text: str


#: Older ones stay, for those who said yes to them.
WORDINGS = (
    Wording(
        "my-marketing-2026-11",
        "marketing",
        N_("The shop may tell me about offers and news. I can stop it here at any time."),
    ),
    Wording(
        "my-survey-2026-11",
        "survey",
        N_("The shop may ask me how it was. I can stop it here at any time."),
    ),
)
#: Purposes that are offered here.
OFFERED = ("marketing", "survey")
_WAYS = {
    "phone": ("sms", "phone"),
    "email": ("email",),
    "wechat_openid": ("wechat",),
    "wechat_unionid": ("wechat",),
}


def wording_of(purpose: str) -> Wording:
    """Return the words of today for a purpose.

    Parameters
    ----------
    purpose
        One of those offered.
    """
    return [each for each in WORDINGS if each.purpose == purpose][-1]


def ways_of(kinds: set[str]) -> tuple[str, ...]:
    """Return by which channels somebody can be reached who is known by these identities.

    Parameters
    ----------
    kinds
        Of the identities.

    Examples
    --------
    >>> ways_of({"phone", "card"})
    ('sms', 'phone')
    """
    found = [way for kind, ways in _WAYS.items() if kind in kinds for way in ways]
    return tuple(dict.fromkeys(found))
