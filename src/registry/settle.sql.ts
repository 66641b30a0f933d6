// What a refresh adds when all its rows are in: which of them count, and what they change. Each statement works on one slice
// of the accounts by hash, so that memory is bounded by the slice and not by the registry.

import { ACCOUNT_COLUMNS } from "./page-select.sql.ts";

/** Change marks in their order as text: numbers by value, ISO times as they are. */
export const SORTABLE_CHANGED =
  "if(match(changed, '^[0-9]+([.][0-9]+)?$'), concat(repeat('0', greatest(0, 40 - length(substringIndex(changed, '.', 1)))), changed), changed)";

/** So many accounts to a slice: about 100 MB in the largest of these statements. */
const SLICE = 1_000_000;

export function slicesFor(rows: number): number {
  return Math.max(1, Math.ceil(rows / SLICE));
}

const OWN = "registry = {registry:String} and layer in {layers:Array(UInt64)}";
const INSIDE = "sipHash64(account) % {slices:UInt64} = {slice:UInt64}";

/** Rows of this refresh that another row of it stands for: with change marks the newest stands, else the first. */
const DUPLICATES = `
  select layer, row, account from (
    select layer, row, account,
      row_number() over (partition by account order by if({newest:Bool}, ${SORTABLE_CHANGED}, '') desc, row) as place
    from accounts
    where ${OWN} and state != 'aside' and sipHash64(account) in (
      select sipHash64(account) as one from accounts
      where ${OWN} and state != 'aside' and ${INSIDE} group by one having count() > 1))
  where place > 1`;

export const SUPERSEDE_DUPLICATES = `
  insert into registry_superseded (registry, by, layer, row)
  select {registry:String}, {refresh:UInt64}, layer, row from (${DUPLICATES})`;

export const HAS_DUPLICATES = `
  select count() != uniqExact(sipHash64(account)) as twice from accounts
  where ${OWN} and state != 'aside' and ${INSIDE}`;

/** The first to be superseded by a refresh are its own duplicates. */
export const LIST_DUPLICATES = `
  insert into registry_set_aside (registry, layer, row, account, reason, effect)
  select {registry:String}, {finishing:UInt64}, row, account, 'duplicate-key', 'removed' from accounts
  where ${OWN} and (layer, row) in (
    select layer, row from registry_superseded where registry = {registry:String} and by = {refresh:UInt64})`;

/** Rows of this refresh that count. */
const FRESH = `
  select layer, row, account, state, row_hash from accounts
  where ${OWN} and state != 'aside'
    and (layer, row) not in (select layer, row from registry_superseded where registry = {registry:String} and by = {refresh:UInt64})`;

/** What readers see now, closed accounts too. */
const SEEN = `
  select account, state, row_hash, layer, row from accounts
  where registry = {registry:String} and state != 'aside' and layer in {seen:Array(UInt64)}
    and (layer, row) not in (
      select layer, row from registry_superseded where registry = {registry:String} and by in {seenBy:Array(UInt64)})`;

export const COUNT_CHANGES = `
  select
    countIf(is_new and not was) as added,
    countIf(is_new and was and old != new) as changed,
    countIf(was and not is_new and (gone or {full:Bool})) as closed,
    countIf(was) as before
  from (
    select max(was_current) as was, max(is_current) as is_new, max(is_closed) as gone, max(old_hash) as old, max(new_hash) as new
    from (
      select sipHash64(account) as one, state = 'current' as was_current, false as is_current, false as is_closed,
        row_hash as old_hash, 0 as new_hash from (${SEEN}) where ${INSIDE}
      union all
      select sipHash64(account) as one, false, state = 'current', state = 'closed', 0, row_hash from (${FRESH}) where ${INSIDE})
    group by one)`;

export const COUNT_FIRST = `
  select countIf(state = 'current') as added, 0 as changed, 0 as closed, 0 as before from (${FRESH}) where ${INSIDE}`;

/** Accounts that the source has no more: their ids stay, for a dump may still hold them. */
export const CARRY_CLOSED = `
  insert into accounts (registry, layer, row, account, subject, state, row_hash)
  select {registry:String}, {carried:UInt64}, rowNumberInAllBlocks() + 1, account, subject, 'closed', sipHash64(account)
  from (
    select account, subject from accounts
    where registry = {registry:String} and state != 'aside' and layer in {seen:Array(UInt64)} and ${INSIDE}
      and (layer, row) not in (
        select layer, row from registry_superseded where registry = {registry:String} and by in {seenBy:Array(UInt64)})
      and sipHash64(account) not in (select sipHash64(account) from (${FRESH}) where ${INSIDE}))`;

/** Rows of an incremental refresh that say what readers see already. */
export const SUPERSEDE_UNCHANGED = `
  insert into registry_superseded (registry, by, layer, row)
  select {registry:String}, {refresh:UInt64}, layer, row from (${FRESH})
  where ${INSIDE} and row_hash in (select row_hash from (${SEEN}) where ${INSIDE})`;

/** Rows that readers see and that an incremental refresh replaces. */
export const SUPERSEDE_REPLACED = `
  insert into registry_superseded (registry, by, layer, row)
  select {registry:String}, {refresh:UInt64}, layer, row from (${SEEN})
  where ${INSIDE} and account in (select account from (${FRESH}) where ${INSIDE})`;

/** What readers see and this refresh leaves as it is, into one layer a slice. */
export const GATHER_ACCOUNTS = `
  insert into accounts (${ACCOUNT_COLUMNS})
  select ${ACCOUNT_COLUMNS.replace("layer, row", "{gathered:UInt64}, rowNumberInAllBlocks() + 1")}
  from accounts
  where registry = {registry:String} and state != 'aside' and layer in {seen:Array(UInt64)} and ${INSIDE}
    and (layer, row) not in (
      select layer, row from registry_superseded
      where registry = {registry:String} and (by in {seenBy:Array(UInt64)} or by = {refresh:UInt64}))
  settings max_threads = 1`;

/** What is listed of the gathered rows. Rows that were removed are listed by their place in a source that nobody has any more. */
export const GATHER_SET_ASIDE = `
  insert into registry_set_aside (registry, layer, row, account, reason, effect)
  select registry, {gathered:UInt64}, row, account, reason, effect from registry_set_aside
  where registry = {registry:String} and layer in {seen:Array(UInt64)} and ${INSIDE}
    and (layer, row) not in (
      select layer, row from registry_superseded
      where registry = {registry:String} and (by in {seenBy:Array(UInt64)} or by = {refresh:UInt64}))`;
