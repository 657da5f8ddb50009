-- What facts have told of tiers so far. What the nightly review changed was told to strangers
-- only, and is not known any more.
INSERT INTO programme_tierchange (id, membership_id, kind, from_tier, to_tier, "on", reason,
  changed_at)
SELECT gen_random_uuid(), m.id, e->>'kind', coalesce(e->>'from_tier', ''),
  coalesce(e->>'to_tier', ''), (e->>'on')::date, e->'reason', f.occurred_at
FROM programme_fact f
JOIN programme_membership m ON m.customer_id = f.customer
JOIN programme_programme p ON p.id = m.programme_id AND p.code = 'main'
CROSS JOIN LATERAL jsonb_array_elements(f.answer::jsonb->'effects') e
WHERE f.answer LIKE '%"type":"tier.%' AND e->>'type' LIKE 'tier.%';

-- From here on it is added to and never changed, whoever asks.
CREATE TRIGGER programme_tierchange_kept BEFORE UPDATE OR DELETE OR TRUNCATE
  ON programme_tierchange FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
