-- What arrives over HTTP. Records go to ClickHouse; here is which of them count, and which requests were taken already.

-- The number of the last batch that was begun, over all streams. Its row is locked while one is begun: batches become visible in their order.
create table ingest_position (
  one boolean primary key default true check (one),
  batch bigint not null
);
insert into ingest_position (batch) values (0);

create table ingest_streams (
  name text primary key,
  -- Records that were given a place; those of a dropped batch leave a gap.
  places bigint not null,
  records bigint not null default 0,
  -- Records refused by themselves while the rest of their request was taken.
  rejected bigint not null default 0,
  -- Events older than the allowance when they arrived: kept, and left out of correlations.
  too_late bigint not null default 0,
  last_at timestamptz
);

create table ingest_batches (
  batch bigint primary key,
  stream text not null references ingest_streams,
  -- writing: its rows may be in ClickHouse, whole or in part. taken: all are. dropped: none are.
  state text not null check (state in ('writing', 'taken', 'dropped')),
  -- The process that writes it: it holds the session lock `ingest/OWNER` as long as it lives.
  owner uuid not null,
  first_place bigint not null,
  records integer not null,
  bytes bigint not null,
  arrived_at timestamptz not null
);
create index ingest_batches_unfinished on ingest_batches (batch) where state = 'writing';
create index ingest_batches_by_arrival on ingest_batches (arrived_at);

-- Requests that named themselves, kept for a day: the same one again is answered again and not taken again.
create table ingest_requests (
  stream text not null references ingest_streams,
  id text not null,
  digest text not null,
  batch bigint not null,
  records integer not null,
  rejected integer not null,
  at timestamptz not null,
  primary key (stream, id)
);
create index ingest_requests_by_batch on ingest_requests (batch);
create index ingest_requests_by_age on ingest_requests (at);
