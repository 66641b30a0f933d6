-- Mail that comes in: each message once, and what it says of our notices.

-- A task's name in the world outside, made of its run, step and key (work/find-by-token.ts). Filled a step at a time, when it is first asked for.
create table work_tokens (
  token text primary key check (token ~ '^[0-9a-f]{40}$'),
  run int not null,
  step smallint not null,
  n int not null
);
create table work_tokened (
  run int not null,
  step smallint not null,
  primary key (run, step)
);

create table mail_received (
  identity text primary key check (identity ~ '^[0-9a-f]{64}$'),
  message_id text not null,
  source text not null,
  kind text not null check (kind in ('bounce', 'complaint', 'auto-reply', 'dmarc', 'dmarc-failure', 'tls', 'letter', 'unread')),
  notices int not null default 0, -- of ours that it is about
  trouble text, -- why it is set aside
  bytes bigint not null,
  received_at timestamptz not null,
  received_by text not null
);
create index mail_received_by_time on mail_received (received_at);

-- What became of a notice after the provider had taken it. Outcomes of work stay as they are: the provider did take it.
create table notice_fates (
  run uuid not null,
  step smallint not null,
  key text not null,
  incident text not null,
  fate text check (fate in ('deferred', 'delivered', 'refused', 'unreachable')),
  hard boolean not null default false,
  reason text,
  status text,
  reply text,
  complained boolean not null default false,
  answered boolean not null default false, -- by a machine: somebody is away
  reports int not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (run, step, key)
);
create index notice_fates_by_incident on notice_fates (incident);
