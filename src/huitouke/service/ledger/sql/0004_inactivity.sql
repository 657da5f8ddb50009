-- Points that go when their holder stays away. Only those that were given under such a policy
-- go: under one of the given versions of the rules or, where a posting names no version, within
-- one of the given spans of time. None goes before it was held for as long itself: what came by
-- an import, a gift, a merge or by hand counts from when it was written.

CREATE FUNCTION ledger.idle_lots(p_account bigint, p_versions bigint[], p_spans tstzrange[])
RETURNS TABLE (lot bigint, remaining bigint, held_since timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT l.lot, l.remaining,
         CASE e.contra WHEN 'issue' THEN e.effective_at ELSE e.created_at END
  FROM ledger.lot l
  JOIN ledger.entry e ON e.account = l.account AND e.seq = l.lot
  JOIN ledger.op o ON o.account = e.account AND o.key = e.op_key
  WHERE l.account = p_account AND l.open AND l.active
    AND CASE WHEN o.rule_version IS NULL
             THEN EXISTS (SELECT FROM unnest(p_spans) s WHERE s @> e.created_at)
             ELSE o.rule_version = ANY (p_versions) END
$$;

DROP FUNCTION ledger.expire_inactive(smallint, timestamptz, integer);

-- Expires such lots of up to so many accounts whose last activity was before a moment.
CREATE FUNCTION ledger.expire_inactive(
  p_unit smallint, p_before timestamptz, p_versions bigint[], p_spans tstzrange[],
  p_limit integer
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  a ledger.account;
  lots bigint[];
  done bigint := 0;
BEGIN
  FOR a IN
    SELECT * FROM ledger.account c
    WHERE c.unit = p_unit AND c.available > 0
      AND (c.active_at < p_before OR c.active_at IS NULL)
      AND EXISTS (SELECT FROM ledger.idle_lots(c.account, p_versions, p_spans) i
                  WHERE i.held_since < p_before)
    ORDER BY c.account LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
  LOOP
    a := ledger.settled(a);
    SELECT array_agg(i.lot) INTO lots
    FROM ledger.idle_lots(a.account, p_versions, p_spans) i WHERE i.held_since < p_before;
    CONTINUE WHEN lots IS NULL;
    a := ledger.expire_lots(a, lots, a.last_at, jsonb_build_object('code', 'points_inactive'));
    PERFORM ledger.keep(a);
    done := done + 1;
  END LOOP;
  RETURN done;
END $$;
