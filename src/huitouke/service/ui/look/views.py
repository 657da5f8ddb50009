"""``/look``: every component in every state, for those who build and check pages.

Who may open it is said where addresses are put together: components know no door.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from huitouke.language import N_
from huitouke.service.ui.look.samples import (
    SAMPLE_AT,
    SAMPLE_COUNTS,
    Look,
    chart_option,
    frame,
    people,
    tiers,
)
from huitouke.service.ui.pages import fragment, show

__all__ = ["Sample", "look"]

_TEMPLATES = {"portal": "ui/look/portal.html", "bare": "ui/look/bare.html"}


class Sample(forms.Form):
    """A form with a field of every kind, for its looks."""

    reason = forms.CharField(label=N_("Reason"), help_text=N_("The member reads it, too."))
    points = forms.IntegerField(label=N_("Points"), min_value=1, max_value=1_000)
    channel = forms.ChoiceField(
        label=N_("Channel"),
        choices=[("sms", "SMS"), ("email", "E-mail")],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=N_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    agreed = forms.BooleanField(label=N_("The member has agreed"), required=False)


@require_safe
def look(request: HttpRequest) -> HttpResponse:
    """Show the components; htmx gets the table alone.

    Parameters
    ----------
    request
        ``GET``; ``door`` is ``portal`` or ``bare`` for the other layouts, ``q``, ``tier`` and
        ``sort`` filter the sample table.
    """
    asked: Any = request.GET
    around = frame(who=str(request.user) or "?", here=request.path)
    page = Look(
        people=people(
            query=asked.get("q", ""), tier=asked.get("tier", ""), sort=asked.get("sort", "")
        ),
        query=asked.get("q", ""),
        tier=asked.get("tier", ""),
        sort=asked.get("sort", ""),
        option=chart_option(),
        counts=SAMPLE_COUNTS,
        at=SAMPLE_AT,
        on=SAMPLE_AT.date(),
        form=Sample({"reason": "", "points": "4000", "channel": "sms"}),
        sentence=Sample(initial={"points": 200}, auto_id="sentence_%s"),
        tiers=tiers(),
    )
    if getattr(request, "htmx", False):
        return fragment(request, component="look.people", frame=around, page=page)
    template = _TEMPLATES.get(asked.get("door", ""), "ui/look/staff.html")
    return show(request, template=template, page=page, frame=around)
