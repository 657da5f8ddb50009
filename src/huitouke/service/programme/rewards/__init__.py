"""What points buy: rewards, coupons, referrals, stamp cards."""
