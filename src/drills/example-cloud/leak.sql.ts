// What is stolen from Example Cloud, and the credentials that go with it. Positions (`pos`) in the first dump decide who
// lost what, so that the counts are exact at every scale.

/** How many of each there are. At scale 1 the figures of 2019, and of what came later. */
export type LeakSizes = {
  readonly affected: number;
  readonly hashed: number;
  readonly github: number;
  readonly bitbucket: number;
  /** Accounts with both a GitHub and a Bitbucket token. */
  readonly both: number;
  readonly malformed: number;
  readonly canaries: number;
  readonly doNotContact: number;
  /** Closed since the dump was taken. */
  readonly deleted: number;
  readonly secondNew: number;
  readonly secondMore: number;
  readonly withdrawn: number;
  readonly relinked: number;
};

/** @param scale of 3.8 million customers; at least one of each small group is kept */
export function leakSizes(scale: number): LeakSizes {
  const at = (count: number, least = 1): number => Math.max(least, Math.round(count * scale));
  const hashed = at(60_000);
  return {
    affected: at(190_000),
    hashed,
    github: at(45_000),
    bitbucket: at(9_000),
    both: at(2_800),
    malformed: at(9),
    canaries: Math.min(40, Math.floor(hashed / 3)),
    doNotContact: at(12, 2),
    deleted: at(412),
    secondNew: at(1_500),
    secondMore: at(700, 2),
    withdrawn: at(200),
    relinked: at(310),
  };
}

/** First positions of the groups: hashes, then tokens overlapping them, then accounts that lost their user name only. */
function positions(size: LeakSizes) {
  const github = size.hashed - Math.round(size.hashed / 3);
  const bitbucket = github + size.github - size.both;
  const plain = Math.max(size.hashed, bitbucket + size.bitbucket);
  const more = plain + size.deleted;
  return {
    github,
    bitbucket,
    plain,
    more,
    withdrawn: more + size.secondMore,
    special: size.affected - size.doNotContact - 2,
  };
}

/** A step that visits every position once: the people of one household would else lose the same. */
function stepOver(count: number): number {
  return [48_271, 69_621, 39_373].find((prime) => count % prime !== 0) ?? 1;
}

/** Who is in which dump, with what. Neighbours in rank are one person's accounts, so people leak whole. */
export const makeLeak = (seed: number, size: LeakSizes): string => {
  const at = positions(size);
  return `
create table truth.leak as
with ranked as (
  select id, truth.person(id, ${seed}) as person, row_number() over (order by h(truth.person(id, ${seed}), ${seed + 11}), id) - 1 as rank
  from (select id from accounts order by h(truth.person(id, ${seed}), ${seed + 11}), id limit ${size.affected + size.secondNew}) a
),
placed as (
  select id as account, person, rank >= ${size.affected} as second_new, rank - ${size.affected} as later,
    case when rank < ${size.affected} then rank * ${stepOver(size.affected)} % ${size.affected} end as pos
  from ranked
)
select account, person, pos, not second_new as first,
  second_new or coalesce(pos >= ${at.more} and pos < ${at.more + size.secondMore}, false) as second,
  coalesce(pos < ${size.hashed}, false) as hash1,
  coalesce(pos >= ${at.github} and pos < ${at.github + size.github}, false) as github1,
  coalesce(pos >= ${at.bitbucket} and pos < ${at.bitbucket + size.bitbucket}, false) as bitbucket1,
  case when second_new then later % 3 = 0 else coalesce((pos - ${at.more}) % 7 < 5 and pos >= ${at.more} and pos < ${at.more + size.secondMore}, false) end as hash2,
  case when second_new then later % 5 = 1 else coalesce((pos - ${at.more}) % 7 >= 5 and pos >= ${at.more} and pos < ${at.more + size.secondMore}, false) end as github2,
  coalesce(pos >= ${at.plain} and pos < ${at.plain + size.deleted}, false) as deleted,
  coalesce(pos < ${size.canaries}, false) as canary,
  coalesce(pos >= ${at.github + size.github - size.both - size.malformed} and pos < ${at.github + size.github - size.both}, false) as malformed,
  case when pos >= ${at.special + 2} then 'asked not to be written to' when pos = ${at.special} then 'minor' when pos = ${at.special + 1} then 'estate' end as special,
  false as withdrawn
from placed;
alter table truth.leak add primary key (account);`;
};

/** The people who are special in the dump: do-not-contacts, one minor and one estate at least. */
export const markPeople = (seed: number): string => `
update accounts a set
  do_not_contact = case when l.special like 'asked%' then l.special end,
  minor = a.minor or l.special = 'minor',
  guardian_email = coalesce(a.guardian_email, case when l.special = 'minor' then 'parent.of.' || regexp_replace(a.username, 'x[12]$', '') || '@freemail.example' end),
  estate_email = coalesce(a.estate_email, case when l.special = 'estate' and not a.minor then 'estate.of.' || regexp_replace(a.username, 'x[12]$', '') || '@notary.example' end)
from (select person, min(special) as special from truth.leak where special is not null group by person) l
where truth.person(a.id, ${seed}) = l.person and a.id in (
  select p + d from (select distinct person as p from truth.leak where special is not null) x, generate_series(0, 2) d);
update accounts set do_not_contact = 'asked not to be written to' where id % 31607 = 5 and id not in (select account from truth.leak);
`;

/** Addresses that no longer exist: 12 of 1,000 people. */
export const makeDeadAddresses = (seed: number): string => `
create table truth.dead_address as
select distinct truth.mailbox_key(email) as address from accounts
where h(truth.person(id, ${seed}), ${seed + 5}) % 1000 < 12 and not shared_mailbox
  and id not in (select account from truth.leak where canary);
alter table truth.dead_address add primary key (address);`;

/** Those whom the first dump named in error: alone in it, reachable, and with nothing but a user name there. */
export const chooseWithdrawn = (seed: number, size: LeakSizes): string => `
update truth.leak set withdrawn = true where account in (
  select l.account from truth.leak l join accounts a on a.id = l.account
  where l.pos >= ${positions(size).withdrawn} and l.first and not l.second and not l.hash1 and not l.github1 and not l.bitbucket1
    and not l.deleted and l.special is null
    and not a.shared_mailbox and not a.minor and a.estate_email is null and a.do_not_contact is null
    and not exists (select from truth.leak o where o.person = l.person and o.account <> l.account)
    and not exists (select from truth.dead_address d where d.address = truth.mailbox_key(a.email))
  order by l.pos limit ${size.withdrawn})
  and ${seed} is not null;`;

const base62 = (crc: string, place: number): string =>
  `substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', (${crc} / ${62 ** place} % 62)::int + 1, 1)`;
const checksum = (crc: string): string =>
  [5, 4, 3, 2, 1, 0].map((place) => base62(crc, place)).join(" || ");

/**
 * Links to source hosts. GitHub's tokens are `gho_` (nine of ten) or `ghp_`, 30 characters and the CRC-32 of these in
 * base 62 (https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/).
 */
export const insertLinks = (seed: number): string => `
insert into links
select id, 'github', username, case when malformed then left(token, 20) else token end, created_at + interval '40 days'
from (
  select id, username, created_at, malformed, case when h(id, ${seed + 7}) % 10 = 0 then 'ghp_' else 'gho_' end || random || ${checksum("crc")} as token
  from (
    select *, crc32(convert_to(random, 'UTF8')) as crc
    from (
      select a.id, a.username, a.created_at, coalesce(l.malformed, false) as malformed,
        left(translate(encode(sha512(convert_to('${seed}:github:' || a.id, 'UTF8')), 'base64'), E'+/=\\n', ''), 30) as random
      from accounts a left join truth.leak l on l.account = a.id
      where case when l.account is null then h(a.id, ${seed + 8}) % 100 < 2 else l.github1 or l.github2 end
      offset 0 -- or each use of the text computes its digest anew
    ) drawn
    offset 0
  ) summed
) made;
insert into links
select a.id, 'bitbucket', a.username,
  'ATBB' || left(translate(encode(sha512(convert_to('${seed}:bitbucket:' || a.id, 'UTF8')), 'base64'), E'+/=\\n', ''), 24) || upper(left(md5(a.id::text), 8)),
  a.created_at + interval '50 days'
from accounts a left join truth.leak l on l.account = a.id
where case when l.account is null then h(a.id, ${seed + 9}) % 1000 < 4 else l.bitbucket1 end;
create index links_account on links (account_id);
insert into github.token
select sha256(convert_to(token, 'UTF8')), login, null from links
where host = 'github' and account_id not in (select account from truth.leak where malformed)
on conflict do nothing;
insert into builds
select row_number() over (order by account_id, n), account_id, 'repository-' || n, true, null, null
from (select distinct account_id from links) l, generate_series(1, 1 + (h(account_id, ${seed + 10}) % 3)::int) n
where account_id in (select account from truth.leak) or h(account_id, ${seed + 10}) % 10 < 7;
create index builds_account on builds (account_id);
grant select on links to example_access;
`;

/** One row a leaked account, as the thief copied it. Read by COPY. */
export const firstDump = (from: number, to: number): string => `
select a.username as user_name, a.email, case when l.hash1 then a.password_hash end as password_hash,
  case when l.github1 then g.token end as github_access_token, case when l.bitbucket1 then b.token end as bitbucket_access_token,
  to_char(a.created_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as date_joined
from truth.leak l join accounts a on a.id = l.account
left join links g on g.account_id = a.id and g.host = 'github' and l.github1
left join links b on b.account_id = a.id and b.host = 'bitbucket' and l.bitbucket1
where l.first and l.pos >= ${from} and l.pos < ${to} order by l.pos`;

export const secondDump = `
select a.username as user_name, a.email, case when l.hash2 then a.password_hash end as password_hash,
  case when l.github2 then g.token end as github_access_token
from truth.leak l join accounts a on a.id = l.account
left join links g on g.account_id = a.id and g.host = 'github' and l.github2
where l.second order by a.id`;

export const withdrawnRows = `
select a.username as user_name, a.email from truth.leak l join accounts a on a.id = l.account where l.withdrawn order by a.id`;

/** Two hashes of an account's row. */
export const ROW_HASHES = `
  hashtextextended(row(username, email, name, phone, country, region, language, tenant, minor, guardian_email, estate_email,
    shared_mailbox, do_not_contact, two_factor, plan, created_at)::text, 0) as rest,
  hashtextextended(row(password_hash, must_reset, changed_at)::text, 0) as credential`;

/**
 * Closes accounts, keeping what was theirs as truth, and remembers every row as it is. `rest` is what nothing may
 * change; `credential` is what ending a password changes.
 */
export const closeAndRemember = `
create table truth.closed as select a.id, a.username, a.email, a.language from accounts a join truth.leak l on l.account = a.id where l.deleted;
delete from sessions where account_id in (select id from truth.closed);
delete from accounts where id in (select id from truth.closed);
create table truth.before as
select id, ${ROW_HASHES} from accounts;
create table truth.links_before as select count(*) as n, sum(hashtextextended(l::text, 0)::numeric) as sum from links l;
`;
