"""What a member says yes to here, and by which ways."""

from __future__ import annotations

from huitouke.service.customers.wordings import WordingView
from huitouke.service.portal.shop import name_of

__all__ = ["OFFERED", "text_of", "ways_of"]

#: Purposes that are offered by a way of reaching the member.
OFFERED = ("marketing", "survey")
_WAYS = {
    "phone": ("sms", "phone"),
    "email": ("email",),
    "wechat_openid": ("wechat",),
    "wechat_unionid": ("wechat",),
}


def text_of(wording: WordingView | None) -> str:
    """Return words as who reads sees them; empty for those of another place.

    Parameters
    ----------
    wording
        One version.
    """
    return "" if wording is None else name_of(wording.texts)


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
