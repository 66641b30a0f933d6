-- The ledger: what happened, append-only. A body and its salt can be erased; nothing else ever changes.

create table ledger_entries (
  -- Identity order is not commit order: a leaf's place comes from the sequencer (ledger_places).
  id bigint generated always as identity primary key,
  kind text not null,
  at timestamptz not null,
  actor text not null,
  incident text,
  commitment bytea not null check (length(commitment) = 32)
);
create index on ledger_entries (incident, id);

create table ledger_bodies (
  entry bigint primary key references ledger_entries,
  salt bytea check (length(salt) = 16),
  -- Canonical JSON. `text`, because jsonb refuses \u0000 and rewrites numbers.
  body text,
  -- The entry that records the erasure.
  erased_by bigint references ledger_entries,
  check ((body is null) = (salt is null)),
  check ((body is null) = (erased_by is not null))
);

-- A mass outcome: one leaf over up to 10,000 members.
create table ledger_batches (
  entry bigint primary key references ledger_entries,
  incident text,
  size integer not null check (size between 1 and 10000),
  commitments bytea not null check (length(commitments) = 32 * size),
  -- 16 bytes each; zeros where the member is erased.
  salts bytea not null check (length(salts) = 16 * size),
  -- 4 bytes each, a hash of the member's id: nominates the batches where a member may be. Zeros where erased.
  tags bytea not null check (length(tags) = 4 * size),
  -- JSON array of { body, id }; null where erased.
  members text not null,
  erased_by bigint[] not null default '{}'
);
create index on ledger_batches (incident, entry);

-- Committed entries without a place yet.
create table ledger_pending (entry bigint primary key references ledger_entries);

create table ledger_places (
  place bigint primary key check (place >= 0),
  entry bigint not null unique references ledger_entries
);

-- Roots of complete subtrees: (level, place) covers leaves place * 2^level up to (place + 1) * 2^level - 1. Level 0 is the leaf hash.
create table ledger_nodes (
  level smallint not null check (level between 0 and 62),
  place bigint not null check (place >= 0),
  hash bytea not null check (length(hash) = 32),
  primary key (level, place)
);

create table ledger_checkpoints (
  size bigint not null,
  made_at timestamptz not null,
  root bytea not null check (length(root) = 32),
  -- The signed note, as C2SP tlog-checkpoint has it.
  note text not null,
  primary key (size, made_at)
);

-- Answers to writes that carried an Idempotency-Key, given again when the same request comes again.
create table ledger_answers (
  actor text not null,
  key text not null,
  -- One request may write several times; its n-th write has the n-th answer.
  number integer not null,
  scope text not null,
  request_digest text not null,
  -- JSON; `null` for a write that answers nothing.
  answer text not null,
  at timestamptz not null,
  primary key (actor, key, number)
);
create index on ledger_answers (at);

-- These stop mistakes and a stolen application role. An owner of the database can drop them: the signed checkpoints
-- outside the database are for that (`tocsin ledger verify`).
create function ledger_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only: % of % refused', lower(tg_op), tg_table_name using errcode = 'insufficient_privilege';
end $$;

create function ledger_refuse_unless_erasure() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'ledger_bodies' then
    if new.entry = old.entry and old.body is not null and new.body is null and new.salt is null and new.erased_by is not null then
      return new;
    end if;
  elsif new.entry = old.entry and new.incident is not distinct from old.incident and new.size = old.size
    and new.commitments = old.commitments
    and array_length(new.erased_by, 1) = coalesce(array_length(old.erased_by, 1), 0) + 1 then
    return new;
  end if;
  raise exception 'the ledger is append-only: update of % refused', tg_table_name using errcode = 'insufficient_privilege';
end $$;

create trigger append_only before update or delete on ledger_entries for each row execute function ledger_refuse();
create trigger append_only before update or delete on ledger_places for each row execute function ledger_refuse();
create trigger append_only before update or delete on ledger_nodes for each row execute function ledger_refuse();
create trigger append_only before update or delete on ledger_checkpoints for each row execute function ledger_refuse();
create trigger append_only before delete on ledger_bodies for each row execute function ledger_refuse();
create trigger append_only before delete on ledger_batches for each row execute function ledger_refuse();
create trigger erasure_only before update on ledger_bodies for each row execute function ledger_refuse_unless_erasure();
create trigger erasure_only before update on ledger_batches for each row execute function ledger_refuse_unless_erasure();

create trigger never_emptied before truncate on ledger_entries for each statement execute function ledger_refuse();
create trigger never_emptied before truncate on ledger_bodies for each statement execute function ledger_refuse();
create trigger never_emptied before truncate on ledger_batches for each statement execute function ledger_refuse();
create trigger never_emptied before truncate on ledger_pending for each statement execute function ledger_refuse();
create trigger never_emptied before truncate on ledger_places for each statement execute function ledger_refuse();
create trigger never_emptied before truncate on ledger_nodes for each statement execute function ledger_refuse();
create trigger never_emptied before truncate on ledger_checkpoints for each statement execute function ledger_refuse();
