-- The frozen targets of each plan, a partition a draft. A draft without a row in Postgres is left over and is dropped by the next plan.
create table plan_targets (
  draft UUID,
  step UInt16,
  key String,
  subject UUID,
  registry LowCardinality(String),
  account String,
  payload String
) engine = MergeTree partition by draft order by (step, key);

-- What each notice of a plan tells, so that the next wave holds only what is new. A correction's rows have category ''.
create table plan_exposures (
  draft UUID,
  step UInt16,
  subject UUID,
  registry LowCardinality(String),
  account String,
  category LowCardinality(String),
  sureness LowCardinality(String)
) engine = MergeTree partition by draft order by (subject, registry, account, category);

-- How the tasks of earlier runs ended, copied from Postgres for one plan and dropped with it.
create table plan_outcomes (
  draft UUID,
  earlier UUID,
  step UInt16,
  run_number UInt32,
  name LowCardinality(String),
  key String,
  state LowCardinality(String)
) engine = MergeTree partition by draft order by (name, key);
