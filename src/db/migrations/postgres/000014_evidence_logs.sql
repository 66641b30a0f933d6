-- Logs that are evidence, as they were last read into events and looked at. Their source is `INCIDENT/KEY`.
create table evidence_logs (
  incident text not null,
  evidence text not null,
  -- Digest of all that decides: the content, how it is read, the rules.
  inputs text not null,
  format text not null,
  records bigint not null,
  broken bigint not null,
  timeless bigint not null,
  -- of its events; null where none tells a time
  first timestamptz,
  last timestamptz,
  -- Why it ended before its end.
  damage text,
  findings integer not null,
  read_at timestamptz not null,
  primary key (incident, evidence),
  foreign key (incident, evidence) references evidence (incident, key)
);
