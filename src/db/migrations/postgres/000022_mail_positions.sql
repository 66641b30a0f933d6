-- How far each mailbox was read. It moves after the messages are in, so a crash reads some again, which are known then.
create table mail_positions (
  mailbox text primary key, -- of tocsin.yaml: bounces, reports
  uid_validity text not null,
  uid bigint not null,
  read_at timestamptz not null
);
