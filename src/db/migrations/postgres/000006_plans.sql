-- Plans are what people approve, by digest. The form is what the digest covers; the view is what was shown beside it.

create table plans (
  digest text primary key check (digest ~ '^[0-9a-f]{64}$'),
  incident text not null references incidents,
  part text not null check (part in ('contain', 'notify', 'all')),
  wave integer not null,
  form jsonb not null,
  view jsonb not null,
  -- Where the targets lie in ClickHouse: the partition of `plan_targets`.
  draft uuid not null,
  planned_by text not null,
  planned_at timestamptz not null,
  state text not null check (state in ('planned', 'applied', 'cancelled')),
  cancelled_by text,
  -- Set when the last approval arrives and the plan is over the ceiling: not applied before.
  not_before timestamptz,
  run uuid
);
create index on plans (incident, planned_at);

create table approvals (
  plan text not null references plans,
  person text not null,
  key_fingerprint text not null,
  signature text not null,
  approved_at timestamptz not null,
  primary key (plan, person),
  -- Two names on one key are one person.
  unique (plan, key_fingerprint)
);

create table plan_runs (
  run uuid primary key,
  incident text not null references incidents,
  -- What people call it: run 1, run 2.
  number integer not null,
  plan text not null references plans,
  applied_by text not null,
  applied_at timestamptz not null,
  unique (incident, number)
);
