"""The counter: find a member, earn, redeem, refund."""
