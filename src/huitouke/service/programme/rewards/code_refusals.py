"""Why a code does nothing: stable names that tell a guesser nothing."""

from __future__ import annotations

from huitouke.language import N_, Language, words
from huitouke.service.core.errors import Refused, ServiceError
from huitouke.service.programme.rewards.sentences import CODE_REASONS

__all__ = [
    "BatchTooLarge",
    "CampaignInvalid",
    "CampaignUnknown",
    "CodeNotUsable",
    "CodeTaken",
    "CodeUnknown",
    "CodesUnknown",
    "RevisionDiffers",
]


class CodeNotUsable(Refused):
    """A code of the cart cannot be used; ``reason`` is the name of why."""

    code = "programme.code_not_usable"
    status = 409
    says = N_("The code at place {place} cannot be used here: {reason}.")
    remedy = N_("Leave this code out, or look at its conditions.")

    def text(self, language: Language) -> str:
        """Return what is wrong, with the reason in words.

        Parameters
        ----------
        language
            ``"en"``, ``"zh"`` or ``"zh-Hant"``.
        """
        reader = words(language)
        reason = self.values["reason"]
        shown = reader.say(CODE_REASONS[reason]) if reason in CODE_REASONS else reason
        says = reader.say(self.says, place=self.values["place"], reason=shown)
        return reader.gap.join([says, reader.say(self.remedy)])


class CodesUnknown(ServiceError):
    """No codes were held under this reference."""

    code = "programme.code_hold_unknown"
    status = 404
    says = N_("No codes are held under the reference {reference!r}.")
    remedy = N_("Hold the codes of the cart first.")


class CodeUnknown(ServiceError):
    """The programme has no such code; only the staff are told so plainly."""

    code = "programme.code_unknown"
    status = 404
    says = N_("The programme has no such code.")
    remedy = N_("Look at the letters; the codes of a batch can be listed.")


class CampaignUnknown(ServiceError):
    """No campaign has this id."""

    code = "programme.campaign_unknown"
    status = 404
    says = N_("There is no coupon campaign {campaign}.")
    remedy = N_("Use the id of a campaign in the list of campaigns.")


class CampaignInvalid(ServiceError):
    """The campaign, reward or code as described cannot be."""

    code = "programme.offer_invalid"
    status = 422
    says = N_("The field {field} cannot be {given!r}.")
    remedy = N_("Correct this field; the documentation says what it may be.")


class CodeTaken(ServiceError):
    """The word is a code already."""

    code = "programme.code_taken"
    status = 409
    says = N_("This code is in use already.")
    remedy = N_("Choose another word.")


class BatchTooLarge(ServiceError):
    """More codes at once than are made at once, or than there are."""

    code = "programme.batch_too_large"
    status = 422
    says = N_("{count} codes cannot be made at once; at most {most}.")
    remedy = N_("Ask for fewer at a time, or for longer codes.")


class RevisionDiffers(ServiceError):
    """Somebody else changed it in between."""

    code = "programme.revision_differs"
    status = 409
    says = N_("It was changed meanwhile: it is at revision {revision}, not {given}.")
    remedy = N_("Read it again and repeat the change on what it is now.")
