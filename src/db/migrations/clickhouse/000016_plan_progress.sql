-- What a draft that is not a plan yet has done, in order: planning goes on behind it after a crash. `inputs` is the digest of all that the
-- draft is made from, `rows` how many rows plan_targets, plan_exposures and plan_outcomes held of it behind that part.
create table if not exists plan_progress (
  draft UUID,
  inputs String,
  number UInt32,
  part String,
  rows Array(UInt64),
  result String
) engine = MergeTree partition by draft order by number;
