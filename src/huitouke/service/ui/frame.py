"""What stands around a page: the shop, the person, the way to other pages. Doors fill it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Frame", "NavGroup", "NavItem", "Shop"]


@dataclass(frozen=True)
class Shop:
    """The shop whose pages these are.

    Parameters
    ----------
    name
        As its customers know it.
    currency
        ISO 4217 code.
    zone
        IANA time zone.
    simulated
        Whether its customers are made up; every page then says so.
    source
        Of whom its data are, where they are public data for education; every page then says
        that; empty: they are not.
    """

    name: str
    currency: str = "CNY"
    zone: str = "Asia/Shanghai"
    simulated: bool = False
    source: str = ""


@dataclass(frozen=True)
class NavItem:
    """One way to another page.

    Parameters
    ----------
    label
        English message, marked with ``N_``.
    url
        Where it leads.
    icon
        Name of a Lucide icon.
    count
        How many wait there; 0 shows nothing.
    primary
        Whether it stands in the bar at the foot of a phone; the others are behind "More".
    """

    label: str
    url: str
    icon: str
    count: int = 0
    primary: bool = True


@dataclass(frozen=True)
class NavGroup:
    """Ways that belong together.

    Parameters
    ----------
    items
        In order.
    label
        English message above them; empty: none.
    """

    items: tuple[NavItem, ...]
    label: str = ""


@dataclass(frozen=True)
class Frame:
    """What a door puts around its pages.

    Parameters
    ----------
    shop
        Whose pages these are.
    nav
        Groups of ways.
    here
        Address of the item that is open.
    who
        Name of the person; empty: nobody is signed in.
    role
        What this person is, in the reader's words.
    home
        Where the shop's name leads.
    account_url, sign_out_url
        Empty: not shown. Signing out is a POST.
    """

    shop: Shop
    nav: tuple[NavGroup, ...] = ()
    here: str = ""
    who: str = ""
    role: str = ""
    home: str = "/"
    account_url: str = ""
    sign_out_url: str = ""

    @property
    def primary(self) -> tuple[NavItem, ...]:
        """What stands in the bar at the foot of a phone: at most four."""
        return tuple(item for group in self.nav for item in group.items if item.primary)[:4]
