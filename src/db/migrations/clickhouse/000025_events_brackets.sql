-- Has the record a bracket at all? Only then may a field of it stand in an array: told without reading the record.
alter table events add column brackets Bool materialized position(raw, '[') > 0;
alter table events_reading add column brackets Bool materialized position(raw, '[') > 0;
alter table events_dated add column brackets Bool materialized position(raw, '[') > 0;
