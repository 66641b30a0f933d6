-- When the organisation's rules have looked at the log as it was last read; null where they have not yet.
alter table log_sources add column looked_at timestamptz;
create index log_sources_to_look_at on log_sources (read_at) where looked_at is null;
