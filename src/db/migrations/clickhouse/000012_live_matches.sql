-- What detection rules matched as it came, as far as correlations need it later: so no old event is looked at again. `relation` names the rule
-- as it was and the fields that are kept. A row that is written twice, after a crash, counts once. Days that no window reaches are dropped.
create table if not exists live_matches (
  relation String,
  batch UInt64,
  time DateTime64(6, 'UTC'),
  source LowCardinality(String),
  place UInt64,
  values Array(Nullable(String)),
  arrived Date
) engine = ReplacingMergeTree partition by arrived order by (relation, time, source, place)
settings min_bytes_for_wide_part = 256000000;
