// Example Cloud's accounts database, made set-based from a seed. `h(x, s)` is Postgres's own 64-bit hash, the same on
// every machine, and every choice is made from it: the same seed makes the same company.

/** Tables of the company, which Tocsin's user may see, and of the drill (`truth`, `github`), which it may not. */
export const SCHEMA = `
create extension if not exists pgcrypto;
create schema truth;
create schema github;

create function h(x bigint, s bigint) returns bigint language sql immutable parallel safe
  return hashint8extended(x, s) & 4611686018427387903;

-- Of 40 accounts in a row the 9th, and sometimes the 10th, belong to the person of the 8th.
create function truth.person(id bigint, s bigint) returns bigint language sql immutable parallel safe
  return case id % 40 when 8 then id - 1 when 9 then id - case when h(id, s) % 3 = 0 then 2 else 0 end else id end;

-- One mailbox, one text: what the mailbox's provider does with case and dots.
create function truth.mailbox_key(email text) returns text language sql immutable parallel safe
  return case when lower(email) like '%@gmail.com'
    then replace(split_part(lower(email), '@', 1), '.', '') || '@gmail.com' else lower(email) end;

create table truth.culture_word (culture int, part text, n int, word text, typed text, primary key (culture, part, n));
create table truth.country_bucket (n int primary key, country text, culture int, family_first boolean, language text,
  region text, phone text, digits int);
create table truth.mailbox (n int primary key, domain text);
create table truth.password_pool (n int primary key, hash text);

create table tenants (id text primary key, name text not null, domain text not null, security_email text not null);
create table accounts (
  id bigint not null,
  username text not null,
  email text not null,
  name text not null,
  phone text,
  country text not null,
  region text,
  language text not null,
  tenant text,
  minor boolean not null,
  guardian_email text,
  estate_email text,
  shared_mailbox boolean not null,
  do_not_contact text,
  two_factor boolean not null,
  plan text not null,
  password_hash text,
  must_reset boolean not null,
  created_at timestamptz not null,
  changed_at timestamptz not null
);
create table sessions (id uuid not null, account_id bigint not null, begun_at timestamptz not null, ended_at timestamptz);
create table links (account_id bigint not null, host text not null, login text not null, token text not null,
  linked_at timestamptz not null);
create table builds (id bigint not null, account_id bigint not null, repository text not null, linked boolean not null,
  unlinked_at timestamptz, relinked_at timestamptz);
create table truth.canary (account_id bigint primary key, username text not null, password text not null);
create table github.token (digest bytea primary key, login text not null, revoked_at timestamptz);
`;

type Range = {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly all: number;
};

/** Accounts `from` to `to` of `all`. Three of every 200 share one mailbox; 4 in 1,000 are minors, 5 in 10,000 estates. */
export const insertAccounts = ({ seed, from, to, all }: Range): string => `
insert into accounts
select id, handle || case when id = person then '' else 'x' || (id - person) end,
  case
    when id % 200 in (11, 12, 13) then 'it' || (id / 200) || '@kunde' || (id / 200 % 5000) || '.example'
    when id = person then local || '@' || domain
    when domain = 'gmail.com' then initcap(replace(local, '_', '._')) || '@GMail.com'
    else initcap(local) || '@' || domain
  end,
  case when family_first then family || given else given || ' ' || family end,
  case when h1 / 7 % 100 < 31 then phone || lpad((h1 / 701 % (10 ^ digits)::bigint)::text, digits, '0') end,
  country, region, language,
  case when h2 % 100 < 3 then 't' || (h2 / 101 % ${tenants(all)}) end,
  minor,
  case when minor then 'parent.of.' || handle || '@freemail.example' end,
  case when not minor and h1 / 31 % 10000 < 5 then 'estate.of.' || handle || '@notary.example' end,
  id % 200 in (11, 12, 13), null,
  h2 / 17 % 100 < 12,
  (array['free', 'free', 'free', 'free', 'pro', 'team'])[1 + h2 / 19 % 6],
  hash, false, created_at, created_at
from (
  select p.id, p.person, p.h1, p.h2, b.country, b.region, b.language, b.phone, b.digits, b.family_first,
    g.word as given, f.word as family, m.domain, w.hash,
    left(g.typed, 1) || f.typed || p.number as handle,
    g.typed || '.' || f.typed || '_' || p.number as local,
    p.h1 / 29 % 1000 < 4 as minor,
    timestamptz '2013-03-01 00:00Z' + (p.id::float8 / ${all} * 190000000) * interval '1 second' as created_at
  from (
    select id, person, h(person, ${seed}) as h1, h(id, ${seed + 1}) as h2, (person * 7919 + ${seed % 7919}) % ${numbers(all)} as number
    from (select id, truth.person(id, ${seed}) as person from generate_series(${from}::bigint, ${to}::bigint) id) ids
  ) p
  join truth.country_bucket b on b.n = p.h1 % 10000
  join truth.culture_word g on g.culture = b.culture and g.part = 'given' and g.n = p.h1 / 10007 % 64
  join truth.culture_word f on f.culture = b.culture and f.part = 'family' and f.n = p.h1 / 100003 % 64
  join truth.mailbox m on m.n = p.h1 / 37 % 100
  join truth.password_pool w on w.n = p.h2 % 1000
) made`;

/** A prime above the number of people, so that each has a number of his own in his names. */
const numbers = (all: number): number => (all < 9_999_991 ? 9_999_991 : 999_999_937);

/** One tenant for 1,900 accounts. */
export const tenants = (all: number): number => Math.max(2, Math.round(all / 1_900));

export const insertTenants = (all: number): string => `
insert into tenants
select 't' || n, 'Kunde ' || n || ' GmbH', 'kunde' || n || '.example', 'security@kunde' || n || '.example'
from generate_series(0, ${tenants(all) - 1}) n`;

export const INDEXES = [
  "alter table accounts add primary key (id)",
  "create unique index accounts_username on accounts (username)",
] as const;

export const insertSessions = (seed: number): string => `
insert into sessions
select md5('${seed}:session:' || id)::uuid, id, timestamptz '2019-04-01 00:00Z' + (h(id, ${seed + 3}) % 2000000) * interval '1 second', null
from accounts where h(id, ${seed + 3}) % 4 = 0`;

/** What Tocsin is let in with: it reads accounts, ends passwords and sessions, and sees builds. */
export const ACCESS = `
do $$ begin create role example_access login; exception when duplicate_object then null; end $$;
grant select on accounts, sessions, builds, tenants to example_access;
grant update (password_hash, must_reset, changed_at) on accounts to example_access;
grant update (ended_at) on sessions to example_access;
`;
