-- The points ledger. Members have lots (what expires), entries (what happened) and
-- allocations (which lot paid for what); the programme's side is a column (contra).
--
-- Every primary and unique key starts with the account, so that the tables can be spread by
-- account over partitions or servers. Amounts are bigint in the unit's smallest part.
CREATE SCHEMA ledger;

-- What is counted: points, growth value, stored value. A small reference table.
CREATE TABLE ledger.unit (
  unit     smallint PRIMARY KEY,
  code     text NOT NULL UNIQUE,              -- 'main.points'
  kind     text NOT NULL CHECK (kind IN ('points', 'growth', 'stored_value')),
  settings jsonb NOT NULL DEFAULT '{}'        -- what may be done with it; see ledger/units.py
);

-- Whose account it is. Apart from ledger.account, so that a merge or an erasure touches no
-- ledger row and the account's keys stay its own.
CREATE SEQUENCE ledger.account_number;
CREATE TABLE ledger.holder (
  customer uuid     NOT NULL,
  unit     smallint NOT NULL REFERENCES ledger.unit,
  account  bigint   NOT NULL DEFAULT nextval('ledger.account_number'),
  PRIMARY KEY (customer, unit)
);
-- Whose account it is, asked the other way round.
CREATE INDEX holder_account ON ledger.holder (account);

-- Checks on the busy tables are few and short: PostgreSQL reads them anew in every statement.
CREATE TYPE ledger.account_status AS ENUM ('open', 'closed', 'merged');

-- The one row that is locked: guarded update = lock, overdraft check, sequence, balance.
CREATE TABLE ledger.account (
  account     bigint      NOT NULL PRIMARY KEY,
  unit        smallint    NOT NULL,
  available   bigint      NOT NULL DEFAULT 0,
  pending     bigint      NOT NULL DEFAULT 0,
  held        bigint      NOT NULL DEFAULT 0,
  debt        bigint      NOT NULL DEFAULT 0,
  used        bigint      NOT NULL DEFAULT 0,  -- redeemed or given away, less restored
  version     bigint      NOT NULL DEFAULT 0,  -- = seq of the last entry
  next_due_at timestamptz,                     -- when the next lot or hold falls due, or before
  last_at     timestamptz,                     -- created_at of the last entry
  active_at   timestamptz,                     -- last earn or burn, for expiry by inactivity
  status      ledger.account_status NOT NULL DEFAULT 'open',
  merged_into bigint,                          -- the account that has its lots now, if merged
  CHECK (least(available, pending, held, debt) >= 0),
  CHECK (greatest(available, pending, held, debt) <= 9000000000000000),
  CHECK (least(debt, available) = 0)           -- a debt and spendable points never coexist
) WITH (fillfactor = 70);
CREATE INDEX account_merged ON ledger.account (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX account_due ON ledger.account (next_due_at) WHERE next_due_at IS NOT NULL;

-- Journal header and idempotency record in one, for ever; refusals are stored too.
CREATE TABLE ledger.op (
  account      bigint      NOT NULL,
  key          text        NOT NULL,
  kind         text        NOT NULL,
  request_hash bytea       NOT NULL,
  outcome      text        NOT NULL,           -- 'done' or the code of the refusal
  seq          bigint,                         -- its entry; null for a refusal or where nothing changes
  answer       jsonb       NOT NULL,           -- what was answered, given again to repeats
  actor        text        NOT NULL,
  reason       jsonb       NOT NULL,           -- {"code": …, values}: says itself in zh and en
  rule_version bigint,
  created_at   timestamptz NOT NULL,
  PRIMARY KEY (account, key)
);

-- What happened, one row a change; four signed deltas and the four values after it.
CREATE TABLE ledger.entry (
  account         bigint      NOT NULL,
  seq             bigint      NOT NULL,
  op_key          text        NOT NULL,
  kind            text        NOT NULL,        -- earn, activate, burn, hold, capture, …
  contra          text        NOT NULL,        -- issue, redeem, expire, adjust, transfer:<account>, …
  amount          bigint      NOT NULL,        -- change of available
  pending         bigint      NOT NULL DEFAULT 0,
  held            bigint      NOT NULL DEFAULT 0,
  debt            bigint      NOT NULL DEFAULT 0,
  available_after bigint      NOT NULL,
  pending_after   bigint      NOT NULL,
  held_after      bigint      NOT NULL,
  debt_after      bigint      NOT NULL,
  effective_at    timestamptz NOT NULL,        -- when it happened in the shop
  created_at      timestamptz NOT NULL,        -- when it was written; never runs against seq
  PRIMARY KEY (account, seq),
  CHECK (least(available_after, pending_after, held_after, debt_after) >= 0)
);

-- What was credited and what is left of it. remaining, expired and active are the projections;
-- the rest never changes. A lot's number is the seq of the entry that made it.
CREATE TABLE ledger.lot (
  account      bigint      NOT NULL,
  lot          bigint      NOT NULL,
  earned       bigint      NOT NULL,
  remaining    bigint      NOT NULL,
  expired      bigint      NOT NULL DEFAULT 0, -- taken by expire entries
  active       boolean     NOT NULL,           -- false while pending
  available_at timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL DEFAULT 'infinity',
  origin       bigint      NOT NULL,           -- the lot it was re-created from; itself if none;
                                               -- 0: it came with a merge from another account
  source_key   text        NOT NULL,           -- the op that first earned it
  -- A column of its own: an index on remaining itself would make every take a new index entry.
  open         boolean     NOT NULL GENERATED ALWAYS AS (remaining > 0) STORED,
  PRIMARY KEY (account, lot),
  CHECK (remaining BETWEEN 0 AND earned AND earned > 0)
) WITH (fillfactor = 80);
CREATE INDEX lot_open ON ledger.lot (account, expires_at, available_at, lot)
  WHERE open AND active;
CREATE INDEX lot_pending ON ledger.lot (account, available_at) WHERE open AND NOT active;
-- Lots that stand for an earlier one are found by what first earned them.
CREATE INDEX lot_again ON ledger.lot (account, source_key) WHERE origin <> lot;

-- Which lot paid for which entry: positive takes from the lot, negative puts back.
CREATE TABLE ledger.alloc (
  account bigint NOT NULL,
  seq     bigint NOT NULL,
  lot     bigint NOT NULL,
  amount  bigint NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (account, seq, lot)
);

-- Points set aside until captured or released; which lots, its entry's allocations tell.
CREATE TABLE ledger.hold (
  account    bigint      NOT NULL,
  hold       bigint      NOT NULL,             -- seq of its entry
  key        text        NOT NULL,
  amount     bigint      NOT NULL CHECK (amount > 0),
  captured   bigint      NOT NULL DEFAULT 0,
  state      text        NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'captured', 'released')),
  expires_at timestamptz NOT NULL,
  ended_seq  bigint,
  PRIMARY KEY (account, hold),
  CHECK (captured BETWEEN 0 AND amount)
);
CREATE INDEX hold_open ON ledger.hold (account, expires_at) WHERE state = 'open';

-- Points owed after a refund of what was already spent; later credits settle it, oldest first.
CREATE TABLE ledger.debt (
  account    bigint      NOT NULL,
  seq        bigint      NOT NULL,             -- the entry that made it
  amount     bigint      NOT NULL CHECK (amount > 0),
  remaining  bigint      NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (account, seq),
  CHECK (remaining BETWEEN 0 AND amount)
);
CREATE INDEX debt_open ON ledger.debt (created_at, account) WHERE remaining > 0;

-- Entries that nobody asked for and nobody was told of yet: what the clock did, whoever touched
-- the account first, and debts that were settled. Written with the entry, taken out with the
-- telling, so that each is told once.
CREATE TABLE ledger.untold (
  account bigint NOT NULL,
  seq     bigint NOT NULL,
  PRIMARY KEY (account, seq)
);

-- How much of an earn or a spend was taken back, by which op: never more than it was.
CREATE TABLE ledger.reversal (
  account bigint NOT NULL,
  of_key  text   NOT NULL,                     -- the earn, burn or capture that is undone
  by_key  text   NOT NULL,                     -- the claw-back or restore that undoes it
  amount  bigint NOT NULL CHECK (amount > 0),
  expired bigint NOT NULL DEFAULT 0,           -- part of it that counts as taken: it expired
  PRIMARY KEY (account, of_key, by_key),
  CHECK (expired BETWEEN 0 AND amount)
);

-- The tamper-evident chain, written after the fact: a leaf per op, a block per sealing.
CREATE TABLE ledger.leaf (
  account bigint NOT NULL,
  key     text   NOT NULL,
  block   bigint NOT NULL,
  digest  bytea  NOT NULL,
  PRIMARY KEY (account, key)
);
CREATE INDEX leaf_block ON ledger.leaf USING brin (block);
CREATE TABLE ledger.seal (
  block      bigint      NOT NULL PRIMARY KEY,
  leaves     bigint      NOT NULL,
  points     bigint      NOT NULL,             -- sum of the change of all it covers
  cut_at     timestamptz NOT NULL,             -- ops created before this were looked for
  prev_hash  bytea       NOT NULL,
  hash       bytea       NOT NULL,
  created_at timestamptz NOT NULL
);
-- Ops to seal are found by their time; a summary index costs an insert next to nothing.
CREATE INDEX op_time ON ledger.op USING brin (created_at) WITH (pages_per_range = 16);
CREATE INDEX entry_time ON ledger.entry USING brin (created_at) WITH (pages_per_range = 16);

-- Journal tables are added to and never changed, whoever asks.
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.op
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entry
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.alloc
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.reversal
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.leaf
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.seal
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
-- Projections change, but no row of theirs goes away.
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON ledger.account
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON ledger.lot
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON ledger.hold
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON ledger.debt
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
