-- The mirror of the organisation's registries. Rows live in layers: a full refresh makes a new base of one layer a page, an
-- incremental one adds layers and lists the rows that they replace. A layer is seen by readers from the moment that
-- registry_published names it, by one insert of one row, so nobody ever sees half a refresh.
create table if not exists accounts (
  registry LowCardinality(String),
  -- refresh * 1,000,000 + page; no two refreshes have one number, of whatever registry: readers compare this alone, per row.
  layer UInt64,
  -- The row's place in its source (from 1): unique in one refresh.
  row UInt64,
  account String,
  subject UUID,
  tenant String,
  email String,
  address String,
  username String,
  phone String,
  name String,
  country LowCardinality(String),
  region LowCardinality(String),
  language LowCardinality(String),
  contact_role LowCardinality(String),
  contact_address String,
  do_not_contact String,
  minor Bool,
  estate Bool,
  attributes Map(LowCardinality(String), String),
  -- The source's own change mark, as text; '' where it has none.
  changed String,
  -- 'current'; 'closed' in the source or vanished from it; 'aside', without a usable key. Only a current row keeps more than ids.
  state LowCardinality(String),
  -- Why it is listed in registry_set_aside, mostly nothing.
  notes Array(LowCardinality(String)),
  -- Over every value that was read, and whether the person is a minor today: tells a changed row from an unchanged one.
  row_hash UInt64
) engine = MergeTree partition by (registry, layer) order by (registry, account);

create table if not exists identifiers (
  kind LowCardinality(String),
  value String,
  registry LowCardinality(String),
  layer UInt64,
  row UInt64,
  account String,
  subject UUID
) engine = MergeTree partition by (registry, layer) order by (kind, value);

-- Rows that a later refresh replaced, or that were set aside as duplicates. `by` is that refresh.
create table if not exists registry_superseded (
  registry LowCardinality(String),
  by UInt64,
  layer UInt64,
  row UInt64
) engine = MergeTree partition by (registry, by) order by (layer, row);

-- What was set aside or marked, and why. `effect`: removed (not in the mirror), unreachable (in it, nobody to write to), marked.
create table if not exists registry_set_aside (
  registry LowCardinality(String),
  layer UInt64,
  row UInt64,
  account String,
  reason LowCardinality(String),
  effect LowCardinality(String)
) engine = MergeTree partition by (registry, layer) order by (reason, row);

-- The durable cursor of a refresh that is not published yet. Page 0 says how it began; a page without its row here is
-- half-loaded and is dropped and read again.
create table if not exists registry_pages (
  registry LowCardinality(String),
  refresh UInt64,
  page UInt32,
  layer UInt64,
  cursor String,
  rows UInt64,
  detail String
) engine = MergeTree partition by (registry, refresh) order by page;

create table if not exists registry_published (
  registry LowCardinality(String),
  refresh UInt64,
  layers Array(UInt64),
  at DateTime64(3, 'UTC'),
  figures String
) engine = MergeTree order by (registry, refresh);

-- Of one page: numbers whose E.164 form SQL cannot find, first as they are written, then with that form ('' where there is none).
-- Dropped with the page.
create table if not exists registry_phones (
  registry LowCardinality(String),
  layer UInt64,
  raw String,
  country LowCardinality(String),
  e164 Nullable(String)
) engine = MergeTree partition by (registry, layer) order by (raw, country);

create view if not exists registry_layers as
select registry, arrayJoin(layers) as layer
from (select registry, argMax(layers, refresh) as layers from registry_published group by registry);

create view if not exists registry_dead_rows as
select registry, by, layer, row
from registry_superseded
where by in (select intDiv(layer, 1000000) from registry_layers);

create view if not exists current_accounts as
select
  registry, account, subject, tenant, email, address, username, phone, name, country, region, language,
  contact_role, contact_address, do_not_contact, minor, estate, attributes, changed, layer, row
from accounts
where state = 'current'
  and layer in (select layer from registry_layers)
  and (layer, row) not in (select layer, row from registry_dead_rows);

-- Accounts known to be closed: ids only.
create view if not exists closed_accounts as
select registry, account, subject, layer, row
from accounts
where state = 'closed'
  and layer in (select layer from registry_layers)
  and (layer, row) not in (select layer, row from registry_dead_rows);

create view if not exists current_identifiers as
select kind, value, registry, account, subject, layer, row
from identifiers
where layer in (select layer from registry_layers)
  and (layer, row) not in (select layer, row from registry_dead_rows);

create view if not exists current_set_aside as
select registry, row, account, reason, effect, layer
from registry_set_aside
where layer in (select layer from registry_layers)
  and (layer, row) not in (select layer, row from registry_dead_rows where by != intDiv(layer, 1000000));
