-- Where a source is gathered before it takes the place of its former self in `events`, a partition at once. Its rows are written once and
-- leave soon: narrow parts (three times as quick to write with so many columns) that are never merged.
create table if not exists events_reading as events
engine = MergeTree partition by source order by (format, category, service, batch, place)
settings min_bytes_for_wide_part = 1000000000, max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1,
  parts_to_delay_insert = 20000, parts_to_throw_insert = 30000, max_parts_in_total = 1000000;
-- And where it is written again to give records without a time the time of the one before.
create table if not exists events_dated as events
engine = MergeTree partition by source order by (format, category, service, batch, place)
settings min_bytes_for_wide_part = 1000000000, max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1,
  parts_to_delay_insert = 20000, parts_to_throw_insert = 30000, max_parts_in_total = 1000000;
-- A source is a partition, and there may be many; so many columns are merged in little memory where parts are narrow.
alter table events modify setting min_bytes_for_wide_part = 256000000, max_parts_in_total = 1000000;
