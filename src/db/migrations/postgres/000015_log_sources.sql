-- Logs that were taken in from files, as they were last read into events. Their events are the partition of that name in ClickHouse; live streams
-- are in ingest_streams, logs that are evidence in evidence_logs.
create table log_sources (
  -- The file's whole path or its address: s3://BUCKET/KEY
  source text primary key,
  -- The log of tocsin.yaml that it is of.
  log text,
  format text not null,
  -- Of times that name none.
  zone text not null,
  bytes bigint not null,
  sha256 text not null,
  records bigint not null,
  broken bigint not null,
  -- Records with bytes that were no UTF-8, read as Latin-1.
  repaired bigint not null,
  -- Records that tell no usable time.
  timeless bigint not null,
  -- of its events; null where none tells a time
  first timestamptz,
  last timestamptz,
  -- Why it ended before its end.
  damage text,
  read_at timestamptz not null,
  read_by text not null
);
