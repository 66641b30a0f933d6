-- The people's side of an incident. Facts such as *aware* are decisions with a history, never values that are overwritten.

create table incidents (
  name text primary key,
  title text not null,
  state text not null check (state in ('suspected', 'declared', 'contained', 'closed', 'refuted')),
  lead text not null,
  opened_at timestamptz not null,
  closed_at timestamptz
);

create table decisions (
  incident text not null references incidents,
  number integer not null,
  what text not null,
  -- When it holds from: `aware` is often earlier than the moment it is written down.
  effective_at timestamptz not null,
  because text not null,
  facts jsonb not null,
  decided_by text not null,
  -- The second person where one is needed (refute).
  seconded_by text,
  decided_at timestamptz not null,
  -- A hold that was lifted, a decision that a later one replaced.
  ended_by integer,
  primary key (incident, number)
);

create table intakes (
  id uuid primary key,
  incident text not null references incidents,
  reporter text not null check (reporter in ('customer', 'researcher', 'vendor', 'extortionist', 'staff', 'authority')),
  reporter_name text,
  contact text,
  says text not null,
  received_at timestamptz not null,
  taken_by text not null,
  answered_at timestamptz
);
create index on intakes (incident, received_at);

create table notes (
  id uuid primary key,
  incident text not null references incidents,
  says text not null,
  written_by text not null,
  written_at timestamptz not null
);
create index on notes (incident, written_at);

create table incident_links (
  incident text not null references incidents,
  other text not null references incidents,
  because text not null,
  linked_by text not null,
  linked_at timestamptz not null,
  primary key (incident, other),
  check (incident < other)
);

create table handovers (
  incident text not null references incidents,
  number integer not null,
  from_lead text not null,
  to_lead text not null,
  handed_at timestamptz not null,
  -- The page as it was read then.
  page jsonb not null,
  primary key (incident, number)
);
