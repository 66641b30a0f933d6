// Who must have which message, from Example Cloud's own truth. A person is who reads a mailbox; where several read one,
// each account is a person.

/**
 * One row a person and wave: `address` as `mailbox_key` has it, the user names that something new was exposed of with
 * its categories, and what must happen: 'message', 'correction', or none because of 'do-not-contact' or 'dead'.
 */
export const EXPECTED_MESSAGES = `
with exposed as (
  select account, 1 as wave, hash1 as hash, github1 as github, bitbucket1 as bitbucket, true as whole
  from truth.leak where first and not deleted
  union all
  select account, 2, hash2, github2, false, not first from truth.leak where second
),
named as (
  select e.account, e.wave, a.username, a.language, a.shared_mailbox, a.do_not_contact, a.minor, a.guardian_email, a.estate_email, a.email,
    case when a.shared_mailbox then 'a' || a.id else 'p' || l.person end as person,
    array_remove(array[case when whole then 'username' end, case when whole then 'email' end, case when hash then 'password' end,
      case when github then 'github' end, case when bitbucket then 'bitbucket' end], null) as categories
  from exposed e join truth.leak l using (account) join accounts a on a.id = e.account
),
people as (
  select person, wave, min(account) as first_account, min(language) as language,
    min(truth.mailbox_key(case when minor then guardian_email when estate_email is not null then estate_email else email end)) as address,
    bool_or(do_not_contact is not null) as silent,
    json_agg(json_build_object('username', username, 'categories', categories) order by account) as accounts
  from named group by person, wave
)
select person, wave, language, address, accounts,
  case when silent then 'do-not-contact' when d.address is not null then 'dead' else 'message' end as fate
from people p left join truth.dead_address d using (address)
union all
select 'p' || l.person, 2, a.language, truth.mailbox_key(a.email),
  json_build_array(json_build_object('username', a.username, 'categories', array['username', 'email'])), 'correction'
from truth.leak l join accounts a on a.id = l.account where l.withdrawn`;

/** Accounts whose password must be invalid, and those whose builds must be unlinked. */
export const HASHED = "select account from truth.leak where (hash1 or hash2) and not deleted";
export const LINKED =
  "select account from truth.leak where (github1 or github2 or bitbucket1) and not deleted";
export const TOKENS = `
select sha256(convert_to(token, 'UTF8')) from links
where host = 'github' and account_id in (select account from truth.leak where (github1 or github2) and not malformed)`;

/**
 * What a careful reader of the first dump finds: accounts that are in it, and those that share the mailbox of a row whose
 * own account is closed (they may be meant, so they are counted and not told); and rows that lead to nobody.
 */
export const FOUND_IN_DUMP = `
with near as materialized (
  select a.id, c.id as closed from accounts a join truth.closed c on truth.mailbox_key(a.email) = truth.mailbox_key(c.email)
)
select
  (select count(*)::int from (select account from truth.leak where first and not deleted union select id from near) a) as accounts,
  (select count(*)::int from truth.closed where id not in (select closed from near)) as unregistered`;
