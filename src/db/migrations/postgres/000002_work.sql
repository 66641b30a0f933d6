-- The durable fan-out. Tasks never change and outcomes are only added; what changes (chunks, retries, buckets) is small,
-- has no index on a changing column and room on its pages, so that updates stay on the page (HOT).

create table work_runs (
  id int generated always as identity primary key,
  run uuid not null unique,
  incident text not null,
  plan text not null,
  state text not null default 'running'
    check (state in ('running', 'paused', 'aborting', 'aborted', 'watching', 'complete')),
  started_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);

create table work_steps (
  run int not null references work_runs,
  step smallint not null,
  name text not null,
  kind text not null,
  settings json not null,
  after smallint[] not null,
  chunk_size int not null check (chunk_size between 1 and 10000),
  watching boolean not null,
  tasks int not null default 0,
  loaded boolean not null default false,
  ended_at timestamptz,
  paused_because text,
  -- what the handler said of itself when a worker prepared it: progress and time left are told by it
  bucket text,
  interval_ms double precision,
  per_target boolean,
  batch int,
  trouble text,
  primary key (run, step)
);

create table work_tasks (
  run int not null,
  step smallint not null,
  n int not null,
  gone boolean not null,
  key text not null,
  payload json not null,
  primary key (run, step, n),
  unique (run, step, key)
);

create sequence work_leases;

-- A chunk is the tasks first … last of a step. Whoever holds `lease` alone may record for it: each take draws a new number.
create table work_chunks (
  run int not null,
  step smallint not null,
  chunk int not null,
  first int not null,
  last int not null,
  remaining int not null, -- tasks without an outcome: 0 ends the chunk
  done int not null default 0,
  refused int not null default 0,
  unreachable int not null default 0,
  gone int not null default 0,
  unknown int not null default 0,
  waits int not null default 0, -- passes in a row that only found tasks waiting: the polling interval grows with it
  lease bigint not null default 0,
  holder text,
  leased_until timestamptz not null default '-infinity',
  due_at timestamptz not null default '-infinity',
  ended_at timestamptz,
  primary key (run, step, chunk)
) with (fillfactor = 50);

-- One a target, held by the primary key: a second outcome of the same task is an error of the database.
create table work_outcomes (
  run int not null,
  step smallint not null,
  n int not null,
  state text not null,
  reason text,
  detail json,
  at timestamptz not null,
  entry bigint not null, -- the ledger batch that holds it
  primary key (run, step, n)
);

create table work_batches (
  run int not null,
  step smallint not null,
  at timestamptz not null default clock_timestamp(),
  entry bigint not null,
  outcomes int not null,
  primary key (run, step, at, entry)
);

-- Tasks that are to be tried again. Settled under `lease`: marks of the same or an earlier lease no longer count.
create table work_retries (
  run int not null,
  step smallint not null,
  n int not null,
  attempts int not null,
  first_at timestamptz not null,
  due_at timestamptz not null,
  reason text not null,
  lease bigint not null,
  primary key (run, step, n)
) with (fillfactor = 70);

-- Tasks of non-idempotent work that were about to be handed over. Committed before the first of them is.
create table work_begun (
  run int not null,
  step smallint not null,
  chunk int not null,
  id bigint generated always as identity,
  lease bigint not null,
  tasks int[] not null,
  primary key (run, step, chunk, id)
);

create table work_sealed (
  run int not null,
  step smallint not null,
  chunk int not null,
  sealed bytea not null,
  primary key (run, step, chunk)
);

-- One a far side: its pace (when the next unit may go), its own wish (`held_until`, from Retry-After) and its breaker.
create table work_buckets (
  bucket text primary key,
  next_at timestamptz not null default '-infinity',
  held_until timestamptz not null default '-infinity',
  failures int not null default 0,
  opened int not null default 0, -- openings in a row: each one lasts longer
  open_until timestamptz,
  probe_until timestamptz not null default '-infinity'
) with (fillfactor = 50);
