"""What each code of a reason says: one plain sentence, most complete form first.

The places in braces are keys of the reason. A form is used when all its places are there;
so every code ends with a form that needs little, and what is not known is not said.
"""

from __future__ import annotations

from huitouke.language import N_

__all__ = ["CAPS", "FACTS", "MISSES", "NEEDS", "SENTENCES"]

#: Entries, tiers, progress: code to forms.
SENTENCES: dict[str, tuple[str, ...]] = {
    "activated": (N_("{points} became available."), N_("Points became available.")),
    "redeemed.reward": (
        N_("{points} redeemed for {reward}."),
        N_("Redeemed for {reward}."),
        N_("Points redeemed."),
    ),
    "redeemed.order": (
        N_("{points} paid {amount_minor} of order {order}."),
        N_("Points paid part of order {order}."),
        N_("Points paid part of an order."),
    ),
    "held.reward": (
        N_("{points} set aside for {reward}."),
        N_("Set aside for {reward}."),
        N_("Points set aside for a redemption."),
    ),
    "held.order": (
        N_("{points} set aside for order {order}."),
        N_("Set aside for order {order}."),
        N_("Points set aside for an order."),
    ),
    "released": (
        N_("{points} set free again: the redemption was not completed."),
        N_("Points set free again: the redemption was not completed."),
    ),
    "released.late": (
        N_("{points} set free again: the redemption was not completed in time."),
        N_("Points set free again: the redemption was not completed in time."),
    ),
    "expired": (
        N_("{points} expired; they were valid through {valid_through}."),
        N_("Expired; valid through {valid_through}."),
        N_("Points expired."),
    ),
    "expired.inactive": (
        N_("Points expired after {months} months without a purchase or redemption."),
        N_("Points expired after a long time without a purchase or redemption."),
    ),
    "refund.clawed_back": (
        N_("{taken} taken back for what was returned of order {order}; {owed} still owed."),
        N_("{points} taken back: part of order {order} was returned."),
        N_("Points taken back: part of order {order} was returned."),
        N_("Points taken back for a return."),
    ),
    "refund.cancelled": (
        N_("{points} taken back: order {order} was cancelled."),
        N_("Points taken back: order {order} was cancelled."),
        N_("Points taken back: an order was cancelled."),
    ),
    "refund.restored": (
        N_("{points} given back that had paid for order {order}."),
        N_("Points given back that had paid for order {order}."),
        N_("Points given back for a return."),
    ),
    "redemption.reversed": (
        N_("{points} given back for {reward}, with their own expiry dates."),
        N_("Points given back, with their own expiry dates."),
    ),
    "restored.grace": (
        N_("{points} given back after their expiry; valid through {valid_through}."),
        N_("Points given back after their expiry."),
    ),
    "debt.created": (N_("{owed} owed: they were spent before the return."), N_("Points owed.")),
    "debt.settled": (
        N_("{points} settled what was owed."),
        N_("What was owed has been settled."),
    ),
    "debt.written_off": (
        N_("{points} owed were written off."),
        N_("What was owed was written off."),
    ),
    "adjusted": (N_("Corrected by staff: {note}"), N_("Corrected by staff.")),
    "goodwill": (N_("With our apologies: {note}"), N_("With our apologies.")),
    "topped_up": (N_("{points} paid in."), N_("Paid in.")),
    "topped_up.bonus": (
        N_("{points} on top of what was paid in."),
        N_("On top of what was paid in."),
    ),
    "top_up.reversed": (
        N_("{points} taken back: the top-up was undone."),
        N_("Taken back: the top-up was undone."),
    ),
    "transferred": (
        N_("{points} passed from one member to another."),
        N_("Points passed from one member to another."),
    ),
    "transfer.out": (N_("{points} passed on to another member."), N_("Passed on.")),
    "transfer.in": (N_("{points} received from another member."), N_("Received.")),
    "transfer.in.later": (
        N_("{points} received from another member; available from {available_on}."),
        N_("Received; available later."),
    ),
    "merged.once": (
        N_("{points} taken back: they are given once, and both accounts had been given them."),
        N_("Taken back: it is given once, and both accounts had been given it."),
    ),
    "unmerged.once": (
        N_("{points} given again: the accounts belong to two persons after all."),
        N_("Given again: the accounts belong to two persons after all."),
    ),
    "merged": (N_("Brought over from another account of yours."),),
    "unmerged": (N_("Went back to the account it came from."),),
    "imported": (
        N_("Brought over from the former programme, as of {on}."),
        N_("Brought over from the former programme."),
    ),
    "forfeited": (
        N_("{points} given up when the account was closed."),
        N_("Given up when the account was closed."),
    ),
    "closed": (N_("The account was closed."),),
    "expiring": (
        N_("{points} can be used through {valid_through}, and not later."),
        N_("Points will expire soon."),
    ),
    "no_rules": (
        N_("Nothing is earned: no rules were in force on {on}."),
        N_("Nothing is earned: no rules were in force on that day."),
    ),
    "no_customer": (N_("Nothing is earned: the order names no customer."),),
    "order_imported": (
        N_("Nothing is earned: the order was brought in by a file before, as history."),
    ),
    "not_enrolled": (N_("The customer is not a member yet, so nothing is earned."),),
    "referral.advocate": (
        N_("{points}: a friend you brought has made a first purchase."),
        N_("A friend you brought has made a first purchase."),
    ),
    "referral.friend": (
        N_("{points}: welcome; a friend brought you."),
        N_("Welcome; a friend brought you."),
    ),
    "stamps.full": (N_("{points}: {card} is full."), N_("{card} is full.")),
    "tier.up": (
        N_("{tier} reached on {on}, held through {through}."),
        N_("{tier} reached on {on}."),
    ),
    "tier.kept": (N_("{tier} kept, through {through}."), N_("{tier} kept.")),
    "tier.grace": (
        N_("The review of {tier} was not passed; it holds through {through}."),
        N_("The review of {tier} was not passed."),
    ),
    "tier.down": (N_("{tier} in place of {from_tier} since {on}."), N_("No tier since {on}.")),
    "tier.reverted": (
        N_("{tier} in place of {from_tier}: the order that lifted it was returned."),
        N_("No tier any more: the order that lifted it was returned."),
    ),
    "tier.granted": (N_("{tier} given by staff, through {through}."), N_("{tier} given.")),
    "tier.paid": (N_("{tier} bought, through {through}."), N_("{tier} bought.")),
    "tier.ended": (
        N_("{tier} since {on}: a tier that was given or bought has run out."),
        N_("No tier since {on}: one that was given or bought has run out."),
    ),
    "progress.keep": (N_("{more} by {by} keeps {tier}."),),
    "progress.keep.many": (N_("{more} by {by} keep {tier}."),),
    "progress.safe": (N_("{tier} is safe, also after {by}."),),
    "progress.reach": (
        N_("{more} by {by} reaches {tier}."),
        N_("{more} within {months} months reaches {tier}."),
        N_("{more} reaches {tier}."),
    ),
    "progress.reach.many": (
        N_("{more} by {by} reach {tier}."),
        N_("{more} within {months} months reach {tier}."),
        N_("{more} reach {tier}."),
    ),
    "tier.will_downgrade": (N_("{tier} ends after {by}; {more} by then keeps it."),),
    "tier.will_downgrade.many": (N_("{tier} ends after {by}; {more} by then keep it."),),
}

#: What is told before it is lost: for staff, and words to say to the member.
SENTENCES |= {
    "lose.lapsing": (N_("{points} lapse after {valid_through}."),),
    "lose.lapsing.said": (
        N_(
            "You have {points} that are good through {valid_through}; would you use them today?"
        ),
    ),
    "lose.tier_keep": (N_("{tier} ends after {by}: {more} is missing to keep it."),),
    "lose.tier_keep.many": (N_("{tier} ends after {by}: {more} are missing to keep it."),),
    "lose.tier_keep.said": (N_("With {more} by {by} you keep {tier}."),),
    "lose.tier_near": (N_("{more} reaches {tier}."),),
    "lose.tier_near.many": (N_("{more} reach {tier}."),),
    "lose.tier_near.said": (N_("With {more} you are {tier}."),),
    "lose.redeem_early": (
        N_("{points} more would be enough for {reward}; redeeming now leaves {left}."),
    ),
    "lose.redeem_early.said": (
        N_("You are {points} away from {reward}. Would you rather keep saving?"),
    ),
    "lose.refund_points": (
        N_("{points} are taken back with this return; {owed} of them are spent and owed."),
        N_("{points} are taken back with this return."),
    ),
    "lose.refund_points.said": (
        N_("With this return {points} go back that the purchase had earned."),
    ),
    "lose.refund_tier": (
        N_("This return ends {from_tier}; {tier} takes its place."),
        N_("This return ends {from_tier}; no tier is left."),
    ),
    "lose.refund_tier.said": (
        N_("With this return your tier goes from {from_tier} to {tier}."),
        N_("With this return your tier {from_tier} ends."),
    ),
}

#: What the ledger calls by names of its own.
SENTENCES |= {
    "points_activated": SENTENCES["activated"],
    "points_expired": SENTENCES["expired"],
    "points_inactive": SENTENCES["expired.inactive"],
    "debt_written_off": SENTENCES["debt.written_off"],
    "accounts_merged": SENTENCES["merged"],
    "merge_undone": SENTENCES["unmerged"],
}

#: Why a cap took something, by its period.
CAPS: dict[str, str] = {
    "order": N_("limit of {most} per order reached"),
    "day": N_("daily limit of {most} reached"),
    "week": N_("weekly limit of {most} reached"),
    "month": N_("monthly limit of {most} reached"),
    "year": N_("yearly limit of {most} reached"),
    "ever": N_("limit of {most} in all reached"),
}

#: Why a rule gave nothing, by gate.
MISSES: dict[str, str] = {
    "missed.enrolled": N_("{name}: not earned, because only members earn it."),
    "missed.window": N_("{name}: not earned, because it runs only {window}."),
    "missed.once": N_("{name}: not earned, because it is given only once."),
    "missed.once_a_year": N_("{name}: not earned, because it is given once a year."),
    "missed.currency": N_("{name}: not earned, because the order is in {actual}."),
    "missed.scope": N_("{name}: not earned, because no goods of this order count for it."),
    "missed.amount": N_(
        "{name}: not earned, because {actual} counts and the first point takes {required}."
    ),
    "missed.pieces": N_("{name}: not earned, because too few pieces count for it."),
    "missed.base": N_("{name}: not earned, because there are no points to multiply."),
    "missed.too_little": N_("{name}: not earned, because it came to less than one point."),
    "missed.condition": N_("{name}: not earned, because {what} is {actual}, not {need}."),
    "missed.absent": N_("{name}: not earned, because {what} must be {need}."),
    "missed.excluded": N_("{name}: not earned, because it is not for {what} {actual}."),
    "missed.birthday": N_("{name}: not earned, because it is only for {need}."),
}

#: What conditions look at.
FACTS: dict[str, str] = {
    "order.eligible_minor": N_("the amount that counts"),
    "order.total_minor": N_("the order's amount"),
    "order.items": N_("the number of pieces"),
    "order.store": N_("the store"),
    "order.channel": N_("the channel"),
    "order.skus": N_("the list of goods"),
    "order.categories": N_("the kind of goods"),
    "order.brands": N_("the brand"),
    "order.coupons": N_("the coupon"),
    "member.tier": N_("the tier"),
    "member.order_count": N_("the number of earlier orders"),
    "member.days": N_("the number of days as a member"),
    "member.tags": N_("the member's label"),
}

#: What a comparison asks for; the others ask for the value itself.
NEEDS: dict[str, str] = {
    "gte": N_("at least {required}"),
    "gt": N_("more than {required}"),
    "lte": N_("at most {required}"),
    "lt": N_("less than {required}"),
}
