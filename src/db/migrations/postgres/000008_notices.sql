-- The secret behind an incident's reference codes: made with its first notice, kept as long as the incident.
create table notice_keys (
  incident text primary key,
  key bytea not null check (length(key) = 32),
  made_at timestamptz not null default clock_timestamp()
);
