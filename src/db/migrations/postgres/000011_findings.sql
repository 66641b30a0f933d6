-- What rules found. Events stay in ClickHouse; a finding names the first hundred of its own.
create table findings (
  uid text primary key,
  rule text not null,
  title text not null,
  level text not null check (level in ('informational', 'low', 'medium', 'high', 'critical')),
  tags jsonb not null,
  -- file of the rule
  file text not null,
  -- [{ name, value }]: the group of a correlation, or who and where
  entities jsonb not null,
  -- Digest of rule, entities and, for a log that is evidence, of the incident: what repeats fold by.
  fold text not null,
  state text not null check (state in ('open', 'closed', 'suppressed')),
  first timestamptz not null,
  last timestamptz not null,
  count bigint not null,
  -- highest value of a correlation
  value double precision,
  -- [{ source, place, time }], at most 100, in order of time
  events jsonb not null,
  -- The incident that it opened or joined, or whose evidence it was found in.
  incident text references incidents,
  -- Of a log that is evidence: its key.
  evidence text,
  found_at timestamptz not null,
  changed_at timestamptz not null,
  closed_by text,
  closed_because text
);
create unique index findings_open on findings (fold) where state = 'open';
create index findings_by_change on findings (changed_at);
create index findings_by_rule on findings (rule, changed_at);
create index findings_by_incident on findings (incident) where incident is not null;

create table finding_suppressions (
  id uuid primary key,
  rule text not null,
  -- { name: value }: findings that have all of them; empty for every finding of the rule
  entities jsonb not null,
  until timestamptz not null,
  because text not null,
  made_by text not null,
  made_at timestamptz not null,
  -- What was not shown.
  findings bigint not null default 0,
  events bigint not null default 0,
  last_at timestamptz
);
create index on finding_suppressions (rule, until);

-- Batches up to this one were evaluated: it moves in the transaction that writes what they held.
create table detect_position (
  one boolean primary key default true check (one),
  batch bigint not null
);
insert into detect_position (batch) values (0);
