-- One analysis waits or runs at a time.
CREATE UNIQUE INDEX loop_analysis_open ON loop_analysis ((true))
  WHERE state IN ('queued', 'running');

-- A night of rows is a small part of the table and still a million: vacuum early.
ALTER TABLE loop_profile SET (autovacuum_vacuum_scale_factor = 0.1);

-- The lists, page by page: whoever has no number comes last.
CREATE INDEX loop_profile_score ON loop_profile
  (analysis_id, (coalesce(loyalty_score, '-Infinity'::float8)) DESC, customer_id DESC);
CREATE INDEX loop_profile_value ON loop_profile
  (analysis_id, (coalesce(clv, '-Infinity'::float8)) DESC, customer_id DESC);
CREATE INDEX loop_profile_churn ON loop_profile
  (analysis_id, (coalesce(churn_risk, '-Infinity'::float8)) DESC, customer_id DESC);
CREATE INDEX loop_profile_group ON loop_profile
  (analysis_id, customer_group, (coalesce(clv, '-Infinity'::float8)) DESC, customer_id DESC);
CREATE INDEX loop_profile_slipping ON loop_profile
  (analysis_id, (coalesce(at_stake, '-Infinity'::float8)) DESC, customer_id DESC)
  WHERE at_stake IS NOT NULL;
CREATE INDEX loop_profile_loyal ON loop_profile
  (analysis_id, (coalesce(loyalty_score_lo, '-Infinity'::float8)) DESC, customer_id DESC)
  WHERE likely_loyal;
CREATE INDEX loop_profile_unlikely ON loop_profile
  (analysis_id, spend_total DESC, customer_id DESC) WHERE unlikely;
