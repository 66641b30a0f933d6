-- That a value of somebody's was exposed, and where; never the value. `mark` recognises a high-entropy token again without telling it.
-- A piece of evidence is one partition and is replaced as a whole.
create table exposures (
  incident LowCardinality(String),
  evidence LowCardinality(String),
  registry LowCardinality(String),
  account String,
  subject UUID,
  category LowCardinality(String),
  act LowCardinality(String),
  sureness LowCardinality(String),
  locator UInt64,
  matched_by LowCardinality(String),
  detail LowCardinality(String),
  grade LowCardinality(String),
  mark String
) engine = MergeTree partition by (incident, evidence) order by (registry, account, category);
