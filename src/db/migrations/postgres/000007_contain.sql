-- What others were asked to do, and what they said: vendors, people with a checklist, and planted accounts that tried to sign in.

create table vendor_requests (
  id uuid primary key,
  incident text not null,
  connector text not null,
  action text not null,
  vendor text not null,
  asks text not null,
  -- The step that waits for it. Asked once a step, however many workers prepare it.
  run uuid,
  step int,
  count int not null check (count >= 0),
  -- Stands in every subject, so that an answer finds its request.
  reference text not null unique,
  state text not null check (state in ('due', 'asked', 'answered', 'carried-out', 'declined')),
  ticket text,
  made_at timestamptz not null,
  asked_at timestamptz,
  chase_at timestamptz,
  settled_at timestamptz,
  unique (run, step)
);
create index on vendor_requests (incident);

-- The exact text, written down before it is handed over. A crash in between hands it over again under the same Message-ID.
create table vendor_mails (
  request uuid not null references vendor_requests,
  number int not null,
  kind text not null check (kind in ('ask', 'chase')),
  recipient text not null,
  subject text not null,
  body text not null,
  message_id text not null unique,
  made_at timestamptz not null,
  trying_until timestamptz not null default '-infinity',
  handed text check (handed in ('accepted', 'refused', 'unknown')),
  handed_at timestamptz,
  trouble text,
  primary key (request, number)
);
create index on vendor_mails (made_at) where handed is null;

create table vendor_answers (
  request uuid not null references vendor_requests,
  number int not null,
  ticket text,
  says text not null,
  evidence text,
  carried_out text not null check (carried_out in ('all', 'some', 'none')),
  declined boolean not null,
  answered_at timestamptz not null,
  recorded_by text not null,
  primary key (request, number)
);

create table vendor_carried_out (
  request uuid not null references vendor_requests,
  key text not null,
  answer int not null,
  primary key (request, key)
);

-- A tick of one step of a checklist. An empty key is for all targets of the run.
create table manual_ticks (
  run uuid not null,
  action text not null,
  key text not null,
  step int not null check (step >= 1),
  incident text not null,
  note text,
  ticked_by text not null,
  ticked_at timestamptz not null,
  primary key (run, action, key, step)
);

-- `before` is written once and stays; `after` is the latest.
create table canary_probes (
  incident text not null,
  connector text not null,
  key text not null,
  phase text not null check (phase in ('before', 'after')),
  verdict text not null check (verdict in ('accepted', 'refused', 'unclear')),
  reason text,
  at timestamptz not null,
  primary key (incident, connector, key, phase)
);
