-- Everybody, and everybody of a group, by what was spent and by the score for sure.
CREATE INDEX loop_profile_spend ON loop_profile (analysis_id, spend_total DESC, customer_id DESC);
CREATE INDEX loop_profile_score_low ON loop_profile
  (analysis_id, (coalesce(loyalty_score_lo, '-Infinity'::float8)) DESC, customer_id DESC);
