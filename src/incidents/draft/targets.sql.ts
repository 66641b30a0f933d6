// Who and what a step acts on, as set-based ClickHouse. Every statement fills one draft; nothing here reads a value that leaked.
//
// `cohort` and `standing` are subqueries of the scope part: (registry, account, subject), and the exposures that stand.

/** Of what is told: 16 bytes in a join, where the three texts took three times as much. */
const TOLD_ID = "sipHash128(registry, account, category)";
/** 1 to 3. */
const RANK = "indexOf(['possible', 'likely', 'confirmed'], sureness)";
const HANDLED = "('done', 'unknown', 'unreachable', 'refused', 'gone', 'going')";
const REACHED = "('done', 'unknown')";

/**
 * Targets of an earlier run that have no outcome yet: they are on their way, or somebody else has yet to act. The set of keys is not made
 * an index: for 183,000 that took 260 MB and 0.35 s, without it 40 MB and 0.07 s, and no granule is without one of them.
 */
export const GOING = `
insert into plan_outcomes (draft, earlier, step, run_number, name, key, state)
select {draft:UUID}, {earlier:UUID}, {step:UInt16}, {run_number:UInt32}, {name:String}, key, 'going'
from plan_targets
where draft = {earlier:UUID} and step = {step:UInt16} and key not in (
  select key from plan_outcomes
  where draft = {draft:UUID} and earlier = {earlier:UUID} and step = {step:UInt16})
settings use_index_for_in_with_subqueries = 0`;

/**
 * Accounts that an action is for, less those for which an earlier run, or a step of this plan, does it. Only those of the
 * registry that its connector acts on, where it names one: another registry's account of the same id is somebody else.
 */
export function accountTargets(cohort: string): string {
  return `
insert into plan_targets (draft, step, key, subject, registry, account, payload)
select {draft:UUID}, {step:UInt16}, account, min(subject), min(registry), account, '{}'
from ${cohort}
where account != '' and {registry:String} in ('', registry)
  and account not in (
    select key from plan_outcomes
    where draft = {draft:UUID} and name = {name:String} and state in ('done', 'gone', 'going'))
  and account not in (select key from plan_targets where draft = {draft:UUID} and has({same:Array(UInt16)}, step))
group by account`;
}

/** Accounts of a cohort that the connector of an action does not act on. */
export function accountsElsewhere(cohort: string): string {
  return `select count() as accounts from ${cohort} where account != '' and registry != {registry:String}`;
}

/** Distinct exposed tokens of one category, by their mark, less those that an earlier run has ended. */
export function tokenTargets(cohort: string, standing: string): string {
  return `
insert into plan_targets (draft, step, key, subject, registry, account, payload)
select {draft:UUID}, {step:UInt16}, mark, min(subject), min(registry), min(account),
  if(countIf(detail != 'malformed') = 0, '{"malformed":true}', '{}')
from ${standing}
where category = {category:String} and mark != ''
  and (registry, account) in (select registry, account from ${cohort})
  and mark not in (
    select key from plan_outcomes
    where draft = {draft:UUID} and name = {name:String} and state in ('done', 'gone', 'going'))
  and mark not in (select key from plan_targets where draft = {draft:UUID} and has({same:Array(UInt16)}, step))
group by mark`;
}

/** The people of one slice. */
export const SLICE = "sipHash64(subject) % {slices:UInt16} = {slice:UInt16}";

/** How many exposures a statement may choose from at once: from 2.7 million it reached a ceiling of 600 MB. */
export const SLICE_EXPOSURES = 1_000_000;

export const EXPOSURES = "select count() as n from exposures where incident = {incident:String}";

/**
 * What a notice may tell: the standing exposures of its cohort's people, each with its surest word. People who asked not
 * to be contacted, matches that are ambiguous, and people whom an earlier notice of this plan has already are left out.
 */
export function noticeExposures(of: {
  /** Whom the notice is for. */
  people: string;
  /** Which of their accounts it names. */
  accounts: string;
  standing: string;
}): string {
  return `
insert into plan_exposures (draft, step, subject, registry, account, category, sureness)
select {draft:UUID}, {step:UInt16}, subject, registry, account, category,
  multiIf(has(groupArray(sureness), 'confirmed'), 'confirmed', has(groupArray(sureness), 'likely'), 'likely', 'possible')
from ${of.standing}
where registry != '' and not startsWith(matched_by, 'ambiguous') and ${SLICE}
  and subject in (select subject from ${of.people} where registry != '' and ${SLICE})
  and (registry, account) in (select registry, account from ${of.accounts} where ${SLICE})
  and subject not in (select subject from plan_targets where draft = {draft:UUID} and registry = '')
  and subject not in (select subject from current_accounts where do_not_contact != '')
group by subject, registry, account, category`;
}

/**
 * What earlier waves told and nothing has taken back since. `states` says which outcomes count, `which` of their exposures: as few as can
 * be, for a join builds its right side in memory.
 */
function told(states: string, which: string): string {
  return `(
  select e.subject as subject, e.registry as registry, e.account as account, e.category as category, e.sureness as sureness
  from (
    select earlier, step, run_number, toUUIDOrZero(key) as subject
    from plan_outcomes where draft = {draft:UUID} and state in ${states}
  ) as o
  inner join (
    select draft, step, subject, registry, account, category, sureness
    from plan_exposures
    where draft in (select earlier from plan_outcomes where draft = {draft:UUID}) and category != '' and ${which}
  ) as e on e.draft = o.earlier and e.step = o.step and e.subject = o.subject
  where (e.registry, e.account, o.run_number) not in (
      select c.registry, c.account, t.run_number
      from plan_exposures as c
      inner join plan_outcomes as k on k.earlier = c.draft and k.step = c.step and k.key = toString(c.subject)
      inner join (
        select distinct earlier, run_number from plan_outcomes where draft = {draft:UUID}) as t on t.run_number < k.run_number
      where k.draft = {draft:UUID} and k.state in ${REACHED} and c.category = '')
)`;
}

// Never the whole registry.
const STEP_ACCOUNTS =
  "select registry, account from plan_exposures where draft = {draft:UUID} and step = {step:UInt16}";
const SLICE_ACCOUNTS = `${STEP_ACCOUNTS} and ${SLICE}`;

// By the account alone first: a set of pairs is asked three times as slowly, once for each of 3.8 million.
function accountsIn(accounts: string): string {
  return `(
  select registry, account, contact_address, contact_role, language, name, username
  from current_accounts
  where account in (select account from (${accounts})) and (registry, account) in (${accounts}))`;
}

/** How many people a notice's statement may be about at once: in a second wave a third of 183,000 took 290 MB, a sixth 195, in as much time. */
export const SLICE_PEOPLE = 32_000;

export const STEP_PEOPLE =
  "select uniq(subject) as n from plan_exposures where draft = {draft:UUID} and step = {step:UInt16}";

/**
 * One target a person with something new, the payload being a NoticePerson (src/notices/person.ts). What is new is asked of the
 * account: who changes the address becomes another subject, and is not told twice. Less sure than told is nothing new.
 * One slice of the people: the statement holds all that it is about in memory.
 */
export function noticeTargets(standing: string): string {
  return `
insert into plan_targets (draft, step, key, subject, registry, account, payload)
with news as (
  select e.subject as subject, e.registry as registry, e.account as account, e.category as category, e.sureness as sureness,
    e.rank > t.rank as fresh
  from (
    select subject, registry, account, category, sureness, ${RANK} as rank, ${TOLD_ID} as id
    from plan_exposures where draft = {draft:UUID} and step = {step:UInt16} and ${SLICE}
  ) as e
  left join (
    select ${TOLD_ID} as id, max(${RANK}) as rank
    from ${told(HANDLED, `(registry, account) in (${SLICE_ACCOUNTS})`)}
    group by id
  ) as t on t.id = e.id
), details as (
  select registry, account, category, min(act) as act, min(detail) as detail
  from ${standing} where (registry, account) in (${SLICE_ACCOUNTS}) group by registry, account, category
)
select {draft:UUID}, {step:UInt16}, toString(subject), subject, '', '',
  ${payload("{wave:UInt16}", "false")}
from (
  select n.subject as subject, n.registry as registry, n.account as account, max(n.fresh) as any_fresh,
    arraySort(groupArray((n.category, n.sureness, d.act, d.detail, n.fresh))) as exposed
  from news as n left join details as d using (registry, account, category)
  group by n.subject, n.registry, n.account
) as x
left join ${accountsIn(SLICE_ACCOUNTS)} as a on a.registry = x.registry and a.account = x.account
group by subject
having max(any_fresh)`;
}

/**
 * People told of an account that stands in no exposure any more, and not told so yet.
 * Whoever has a notice in this very plan waits for the next wave: one person gets one message a wave.
 */
export function correctionExposures(standing: string): string {
  return `
insert into plan_exposures (draft, step, subject, registry, account, category, sureness)
select distinct {draft:UUID}, {step:UInt16}, subject, registry, account, '', ''
from ${told(REACHED, `(registry, account) not in (select registry, account from ${standing})`)}
where subject not in (select subject from plan_targets where draft = {draft:UUID} and registry = '')
  and subject not in (select subject from current_accounts where do_not_contact != '')`;
}

/** One target a person to be corrected; the payload names what had been told. */
export function correctionTargets(): string {
  return `
insert into plan_targets (draft, step, key, subject, registry, account, payload)
select {draft:UUID}, {step:UInt16}, toString(subject), subject, '', '',
  ${payload("{wave:UInt16}", "true")}
from (
  select n.subject as subject, n.registry as registry, n.account as account,
    arraySort(groupArray((t.category, t.sureness, if(d.act = '', 'exposed', d.act), d.detail, false))) as exposed
  from (select distinct subject, registry, account from plan_exposures where draft = {draft:UUID} and step = {step:UInt16}) as n
  inner join ${told(REACHED, `(registry, account) in (${STEP_ACCOUNTS})`)} as t on t.registry = n.registry and t.account = n.account
  left join (
    select registry, account, category, min(act) as act, min(detail) as detail
    from exposures where incident = {incident:String} and (registry, account) in (${STEP_ACCOUNTS})
    group by registry, account, category
  ) as d on d.registry = t.registry and d.account = t.account and d.category = t.category
  group by n.subject, n.registry, n.account
) as x
left join ${accountsIn(STEP_ACCOUNTS)} as a on a.registry = x.registry and a.account = x.account
group by subject`;
}

function first(column: string): string {
  return `argMinIf(a.${column}, (x.registry, x.account), a.${column} != '')`;
}

// Everything is sorted, so that the same facts give the same bytes.
function payload(wave: string, correction: string): string {
  return `toJSONString(cast(tuple(
    ${first("contact_address")}, if(${first("contact_role")} = '', 'owner', ${first("contact_role")}), ${first("language")}, ${first("name")},
    ${wave}, ${correction},
    arraySort(groupArray((x.account, a.username, x.exposed)))),
    'Tuple(to String, role String, language String, name String, wave UInt16, correction Bool,
      accounts Array(Tuple(account String, username String,
        exposed Array(Tuple(category String, sureness String, act String, detail String, fresh Bool)))))'))`;
}

/** The leaves of one step in order of their keys, 32 bytes each (RFC 6962: SHA-256(0x00 || data)). */
export const STEP_LEAVES = `
select cast(SHA256(concat('\\0', toString(step), '\\0', key, '\\0', payload)), 'FixedString(32)') as leaf
from plan_targets where draft = {draft:UUID} and step = {step:UInt16}
order by key`;

export const STEP_COUNTS = `
select step, count() as targets, uniqExact(subject) as people, countIf(JSONExtractString(payload, 'to') = '') as without_address
from plan_targets where draft = {draft:UUID} group by step`;
