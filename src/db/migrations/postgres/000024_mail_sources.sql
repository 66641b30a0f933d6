-- Who sends as us, as DMARC reports say it. What is counted here commits with the message that said it.
create table mail_reports (
  kind text not null check (kind in ('dmarc', 'dmarc-failure', 'tls')),
  reporter text not null,
  report_id text not null, -- of a failure report, which has none: the message's identity
  domain text not null,
  mail text not null,
  begin_at timestamptz not null,
  end_at timestamptz not null,
  messages bigint not null, -- of TLS: sessions
  failed bigint not null,
  records int not null,
  bad int not null, -- records that made no sense
  primary key (kind, reporter, report_id, domain)
);
create index mail_reports_by_domain on mail_reports (domain, begin_at);

create table mail_sources (
  domain text not null,
  sender text not null,
  standing text not null check (standing in ('aligned', 'authenticated', 'unauthenticated')),
  learnt boolean not null, -- it was there when watching began
  messages bigint not null,
  addresses text[] not null, -- the last few
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (domain, sender)
);
