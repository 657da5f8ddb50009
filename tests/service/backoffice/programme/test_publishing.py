"""What is checked before a draft is published, and what stands in its way."""

from __future__ import annotations

import pytest

from huitouke.service.core import audit
from huitouke.service.core.ids import public_id
from huitouke.service.programme.models.versions import Version

pytestmark = pytest.mark.django_db


@pytest.fixture
def leaky(draft):
    """A draft under which spending 100 yuan pays 200."""
    draft.definition["burn"]["minor"] = 20_000
    draft.definition["burn"]["most_percent"] = 100
    draft.save()
    return draft


def test_the_check_says_what_members_lose_and_what_changes(owner, to, draft, draft_id):
    draft.definition["rules"] = draft.definition["rules"][:-1]
    draft.save()

    text = owner.get(to("check", draft_id)).content.decode()

    assert "Points for a review: this way to earn ends." in text
    assert "No way was found to take out more than is meant." in text
    assert "It was not tried on past orders yet." in text


def test_publishing_takes_the_place_of_the_version_in_force(
    owner, to, draft, draft_id, force, form_of
):
    form = to("publish", draft_id)
    sent = form_of(owner.get(to("check", draft_id)), form=form, reason="A new year")

    first, second = (owner.post(form, sent) for _ in range(2))

    draft.refresh_from_db()
    force.refresh_from_db()
    assert first.status_code == second.status_code == 303
    assert (draft.state, force.state) == ("published", "retired")
    shown = owner.get(first["Location"]).content.decode()
    assert "is in force from now on" in shown
    assert "A new year" in shown


def test_a_loop_that_pays_for_nothing_blocks_until_somebody_insists_with_a_reason(
    owner, to, leaky, draft_id, form_of
):
    page, form = owner.get(to("check", draft_id)), to("publish", draft_id)
    text = page.content.decode()
    plain = owner.post(form, form_of(page, form=form))
    without_reason = owner.post(
        form, form_of(owner.get(to("check", draft_id)), form=form, despite="yes")
    )

    leaky.refresh_from_db()
    assert "money for nothing, again and again" in text
    assert "brings" in text
    assert plain.status_code == without_reason.status_code == 422
    assert "would let members take out money" in plain.content.decode()
    assert "Say why it is published in spite of this." in without_reason.content.decode()
    assert leaky.state == "draft"

    sent = form_of(owner.get(to("check", draft_id)), form=form, despite="yes", reason="Known")
    assert owner.post(form, sent).status_code == 303
    leaky.refresh_from_db()
    assert leaky.state == "published"
    line = audit.lines(target=draft_id)[0]
    assert (line.action, line.reason) == ("programme.published", "Known")


def test_what_does_not_hold_together_is_not_offered_for_publishing(owner, to, draft, draft_id):
    draft.definition["rules"][0]["unit"] = "stars"
    draft.save()

    check = owner.get(to("check", draft_id)).content.decode()
    page = owner.get(to("draft", draft_id)).content.decode()

    assert to("publish", draft_id) not in check
    assert "There is no unit stars." in page
    assert to("part_at", draft_id, "rules", 0) in page
    assert owner.post(to("publish", draft_id), {}).status_code == 422


def test_a_marketer_prepares_and_does_not_publish(marketer, to, draft, draft_id):
    page = marketer.get(to("check", draft_id))

    assert page.status_code == 200
    assert "An owner publishes it." in page.content.decode()
    assert marketer.post(to("publish", draft_id), {}).status_code == 403
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_the_version_in_force_is_ended_with_a_reason_and_stays_readable(
    owner, to, force, form_of
):
    which = public_id("ver", force.id)
    form = to("retire", which)
    sent = form_of(owner.get(to("version", which)), form=form, reason="The shop closes")

    owner.post(form, sent)

    assert Version.objects.get(id=force.id).state == "retired"
    assert "nothing is earned" in owner.get(to("home")).content.decode()
    assert "The shop closes" in owner.get(to("version", which)).content.decode()
