-- One row a refresh that readers have seen, with what it changed and which version of the source it shows. The mirror itself
-- is in ClickHouse; a refresh that was published there and has no row here yet gets it, with its ledger entry, by the next one.
create table registry_refreshes (
  registry text not null,
  refresh bigint not null,
  published_at timestamptz not null,
  -- 'full' read everything, 'changes' only what changed since the last one.
  mode text not null check (mode in ('full', 'changes')),
  figures jsonb not null,
  primary key (registry, refresh)
);
