"""Earning rules, tiers, rewards, coupons, referrals, and what they cost."""
