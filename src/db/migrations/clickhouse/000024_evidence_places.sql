-- Where the locators of exposures stand: from `first` on, `unit` `number` and those after it at `at`. Names of files, sheets and
-- parts of documents, no values.
create table evidence_places (
  incident LowCardinality(String),
  evidence LowCardinality(String),
  first UInt64,
  at String,
  unit LowCardinality(String),
  number UInt64
) engine = MergeTree partition by (incident, evidence) order by first;
