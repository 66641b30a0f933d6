-- What was taken into an incident. The content lies sealed in the evidence store under its SHA-256; its custody is in the ledger.
create table evidence (
  incident text not null,
  key text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes bigint not null,
  kind text not null,
  -- As it was called where it came from.
  name text not null,
  added_at timestamptz not null,
  added_by text not null,
  primary key (incident, key)
);

create index evidence_by_content on evidence (sha256);

-- The last scoping of a piece of evidence: counts and column names, no values. The exposures themselves are in ClickHouse.
create table scopings (
  incident text not null,
  evidence text not null,
  -- Digest of all that decides the exposures: the content, its settings, what the registry held.
  inputs text not null,
  figures jsonb not null,
  at timestamptz not null,
  primary key (incident, evidence),
  foreign key (incident, evidence) references evidence (incident, key)
);
