-- Made by tools/dump-schema.ts from the migrations: do not edit.

-- Postgres

create table activity_searches (
  id uuid not null,
  incident text,
  span_from timestamp with time zone not null,
  span_to timestamp with time zone not null,
  verdict text not null,
  result text not null,
  searched_at timestamp with time zone not null,
  searched_by text not null,
  constraint activity_searches_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(name),
  constraint activity_searches_pkey PRIMARY KEY (id)
);
CREATE INDEX activity_searches_by_time ON public.activity_searches USING btree (searched_at);

create table approvals (
  plan text not null,
  person text not null,
  key_fingerprint text not null,
  signature text not null,
  approved_at timestamp with time zone not null,
  constraint approvals_pkey PRIMARY KEY (plan, person),
  constraint approvals_plan_fkey FOREIGN KEY (plan) REFERENCES plans(digest),
  constraint approvals_plan_key_fingerprint_key UNIQUE (plan, key_fingerprint)
);

create table canary_probes (
  incident text not null,
  connector text not null,
  key text not null,
  phase text not null,
  verdict text not null,
  reason text,
  at timestamp with time zone not null,
  constraint canary_probes_phase_check CHECK ((phase = ANY (ARRAY['before'::text, 'after'::text]))),
  constraint canary_probes_pkey PRIMARY KEY (incident, connector, key, phase),
  constraint canary_probes_verdict_check CHECK ((verdict = ANY (ARRAY['accepted'::text, 'refused'::text, 'unclear'::text])))
);

create table decisions (
  incident text not null,
  number integer not null,
  what text not null,
  effective_at timestamp with time zone not null,
  because text not null,
  facts jsonb not null,
  decided_by text not null,
  seconded_by text,
  decided_at timestamp with time zone not null,
  ended_by integer,
  constraint decisions_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(name),
  constraint decisions_pkey PRIMARY KEY (incident, number)
);

create table detect_position (
  one boolean not null default true,
  batch bigint not null,
  constraint detect_position_one_check CHECK (one),
  constraint detect_position_pkey PRIMARY KEY (one)
);

create table evidence (
  incident text not null,
  key text not null,
  sha256 text not null,
  bytes bigint not null,
  kind text not null,
  name text not null,
  added_at timestamp with time zone not null,
  added_by text not null,
  constraint evidence_pkey PRIMARY KEY (incident, key),
  constraint evidence_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
CREATE INDEX evidence_by_content ON public.evidence USING btree (sha256);

create table evidence_logs (
  incident text not null,
  evidence text not null,
  inputs text not null,
  format text not null,
  records bigint not null,
  broken bigint not null,
  timeless bigint not null,
  first timestamp with time zone,
  last timestamp with time zone,
  damage text,
  findings integer not null,
  read_at timestamp with time zone not null,
  constraint evidence_logs_incident_evidence_fkey FOREIGN KEY (incident, evidence) REFERENCES evidence(incident, key),
  constraint evidence_logs_pkey PRIMARY KEY (incident, evidence)
);

create table finding_suppressions (
  id uuid not null,
  rule text not null,
  entities jsonb not null,
  until timestamp with time zone not null,
  because text not null,
  made_by text not null,
  made_at timestamp with time zone not null,
  findings bigint not null default 0,
  events bigint not null default 0,
  last_at timestamp with time zone,
  constraint finding_suppressions_pkey PRIMARY KEY (id)
);
CREATE INDEX finding_suppressions_rule_until_idx ON public.finding_suppressions USING btree (rule, until);

create table findings (
  uid text not null,
  rule text not null,
  title text not null,
  level text not null,
  tags jsonb not null,
  file text not null,
  entities jsonb not null,
  fold text not null,
  state text not null,
  first timestamp with time zone not null,
  last timestamp with time zone not null,
  count bigint not null,
  value double precision,
  events jsonb not null,
  incident text,
  evidence text,
  found_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  closed_by text,
  closed_because text,
  constraint findings_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(name),
  constraint findings_level_check CHECK ((level = ANY (ARRAY['informational'::text, 'low'::text, 'medium'::text, 'high'::text, 'critical'::text]))),
  constraint findings_pkey PRIMARY KEY (uid),
  constraint findings_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text, 'suppressed'::text])))
);
CREATE INDEX findings_by_change ON public.findings USING btree (changed_at);
CREATE INDEX findings_by_incident ON public.findings USING btree (incident) WHERE (incident IS NOT NULL);
CREATE INDEX findings_by_rule ON public.findings USING btree (rule, changed_at);
CREATE UNIQUE INDEX findings_open ON public.findings USING btree (fold) WHERE (state = 'open'::text);

create table handovers (
  incident text not null,
  number integer not null,
  from_lead text not null,
  to_lead text not null,
  handed_at timestamp with time zone not null,
  page jsonb not null,
  constraint handovers_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(name),
  constraint handovers_pkey PRIMARY KEY (incident, number)
);

create table incident_links (
  incident text not null,
  other text not null,
  because text not null,
  linked_by text not null,
  linked_at timestamp with time zone not null,
  constraint incident_links_check CHECK ((incident < other)),
  constraint incident_links_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(name),
  constraint incident_links_other_fkey FOREIGN KEY (other) REFERENCES incidents(name),
  constraint incident_links_pkey PRIMARY KEY (incident, other)
);

create table incidents (
  name text not null,
  title text not null,
  state text not null,
  lead text not null,
  opened_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  constraint incidents_pkey PRIMARY KEY (name),
  constraint incidents_state_check CHECK ((state = ANY (ARRAY['suspected'::text, 'declared'::text, 'contained'::text, 'closed'::text, 'refuted'::text])))
);

create table ingest_batches (
  batch bigint not null,
  stream text not null,
  state text not null,
  owner uuid not null,
  first_place bigint not null,
  records integer not null,
  bytes bigint not null,
  arrived_at timestamp with time zone not null,
  constraint ingest_batches_pkey PRIMARY KEY (batch),
  constraint ingest_batches_state_check CHECK ((state = ANY (ARRAY['writing'::text, 'taken'::text, 'dropped'::text]))),
  constraint ingest_batches_stream_fkey FOREIGN KEY (stream) REFERENCES ingest_streams(name)
);
CREATE INDEX ingest_batches_by_arrival ON public.ingest_batches USING btree (arrived_at);
CREATE INDEX ingest_batches_unfinished ON public.ingest_batches USING btree (batch) WHERE (state = 'writing'::text);

create table ingest_position (
  one boolean not null default true,
  batch bigint not null,
  constraint ingest_position_one_check CHECK (one),
  constraint ingest_position_pkey PRIMARY KEY (one)
);

create table ingest_requests (
  stream text not null,
  id text not null,
  digest text not null,
  batch bigint not null,
  records integer not null,
  rejected integer not null,
  at timestamp with time zone not null,
  constraint ingest_requests_pkey PRIMARY KEY (stream, id),
  constraint ingest_requests_stream_fkey FOREIGN KEY (stream) REFERENCES ingest_streams(name)
);
CREATE INDEX ingest_requests_by_age ON public.ingest_requests USING btree (at);
CREATE INDEX ingest_requests_by_batch ON public.ingest_requests USING btree (batch);

create table ingest_streams (
  name text not null,
  places bigint not null,
  records bigint not null default 0,
  rejected bigint not null default 0,
  too_late bigint not null default 0,
  last_at timestamp with time zone,
  constraint ingest_streams_pkey PRIMARY KEY (name)
);

create table intakes (
  id uuid not null,
  incident text not null,
  reporter text not null,
  reporter_name text,
  contact text,
  says text not null,
  received_at timestamp with time zone not null,
  taken_by text not null,
  answered_at timestamp with time zone,
  constraint intakes_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(name),
  constraint intakes_pkey PRIMARY KEY (id),
  constraint intakes_reporter_check CHECK ((reporter = ANY (ARRAY['customer'::text, 'researcher'::text, 'vendor'::text, 'extortionist'::text, 'staff'::text, 'authority'::text])))
);
CREATE INDEX intakes_incident_received_at_idx ON public.intakes USING btree (incident, received_at);

create table ledger_answers (
  actor text not null,
  key text not null,
  number integer not null,
  scope text not null,
  request_digest text not null,
  answer text not null,
  at timestamp with time zone not null,
  constraint ledger_answers_pkey PRIMARY KEY (actor, key, number)
);
CREATE INDEX ledger_answers_at_idx ON public.ledger_answers USING btree (at);

create table ledger_batches (
  entry bigint not null,
  incident text,
  size integer not null,
  commitments bytea not null,
  salts bytea not null,
  tags bytea not null,
  members text not null,
  erased_by bigint[] not null default '{}'::bigint[],
  constraint ledger_batches_check CHECK ((length(commitments) = (32 * size))),
  constraint ledger_batches_check1 CHECK ((length(salts) = (16 * size))),
  constraint ledger_batches_check2 CHECK ((length(tags) = (4 * size))),
  constraint ledger_batches_entry_fkey FOREIGN KEY (entry) REFERENCES ledger_entries(id),
  constraint ledger_batches_pkey PRIMARY KEY (entry),
  constraint ledger_batches_size_check CHECK (((size >= 1) AND (size <= 10000)))
);
CREATE INDEX ledger_batches_incident_entry_idx ON public.ledger_batches USING btree (incident, entry);

create table ledger_bodies (
  entry bigint not null,
  salt bytea,
  body text,
  erased_by bigint,
  constraint ledger_bodies_check CHECK (((body IS NULL) = (salt IS NULL))),
  constraint ledger_bodies_check1 CHECK (((body IS NULL) = (erased_by IS NOT NULL))),
  constraint ledger_bodies_entry_fkey FOREIGN KEY (entry) REFERENCES ledger_entries(id),
  constraint ledger_bodies_erased_by_fkey FOREIGN KEY (erased_by) REFERENCES ledger_entries(id),
  constraint ledger_bodies_pkey PRIMARY KEY (entry),
  constraint ledger_bodies_salt_check CHECK ((length(salt) = 16))
);

create table ledger_checkpoints (
  size bigint not null,
  made_at timestamp with time zone not null,
  root bytea not null,
  note text not null,
  constraint ledger_checkpoints_pkey PRIMARY KEY (size, made_at),
  constraint ledger_checkpoints_root_check CHECK ((length(root) = 32))
);

create table ledger_entries (
  id bigint not null generated as identity,
  kind text not null,
  at timestamp with time zone not null,
  actor text not null,
  incident text,
  commitment bytea not null,
  constraint ledger_entries_commitment_check CHECK ((length(commitment) = 32)),
  constraint ledger_entries_pkey PRIMARY KEY (id)
);
CREATE INDEX ledger_entries_incident_id_idx ON public.ledger_entries USING btree (incident, id);

create table ledger_nodes (
  level smallint not null,
  place bigint not null,
  hash bytea not null,
  constraint ledger_nodes_hash_check CHECK ((length(hash) = 32)),
  constraint ledger_nodes_level_check CHECK (((level >= 0) AND (level <= 62))),
  constraint ledger_nodes_pkey PRIMARY KEY (level, place),
  constraint ledger_nodes_place_check CHECK ((place >= 0))
);

create table ledger_pending (
  entry bigint not null,
  constraint ledger_pending_entry_fkey FOREIGN KEY (entry) REFERENCES ledger_entries(id),
  constraint ledger_pending_pkey PRIMARY KEY (entry)
);

create table ledger_places (
  place bigint not null,
  entry bigint not null,
  constraint ledger_places_entry_fkey FOREIGN KEY (entry) REFERENCES ledger_entries(id),
  constraint ledger_places_entry_key UNIQUE (entry),
  constraint ledger_places_pkey PRIMARY KEY (place),
  constraint ledger_places_place_check CHECK ((place >= 0))
);

create table log_sources (
  source text not null,
  log text,
  format text not null,
  zone text not null,
  bytes bigint not null,
  sha256 text not null,
  records bigint not null,
  broken bigint not null,
  repaired bigint not null,
  timeless bigint not null,
  first timestamp with time zone,
  last timestamp with time zone,
  damage text,
  read_at timestamp with time zone not null,
  read_by text not null,
  looked_at timestamp with time zone,
  constraint log_sources_pkey PRIMARY KEY (source)
);
CREATE INDEX log_sources_to_look_at ON public.log_sources USING btree (read_at) WHERE (looked_at IS NULL);

create table mail_positions (
  mailbox text not null,
  uid_validity text not null,
  uid bigint not null,
  read_at timestamp with time zone not null,
  constraint mail_positions_pkey PRIMARY KEY (mailbox)
);

create table mail_received (
  identity text not null,
  message_id text not null,
  source text not null,
  kind text not null,
  notices integer not null default 0,
  trouble text,
  bytes bigint not null,
  received_at timestamp with time zone not null,
  received_by text not null,
  constraint mail_received_identity_check CHECK ((identity ~ '^[0-9a-f]{64}$'::text)),
  constraint mail_received_kind_check CHECK ((kind = ANY (ARRAY['bounce'::text, 'complaint'::text, 'auto-reply'::text, 'dmarc'::text, 'dmarc-failure'::text, 'tls'::text, 'letter'::text, 'unread'::text]))),
  constraint mail_received_pkey PRIMARY KEY (identity)
);
CREATE INDEX mail_received_by_time ON public.mail_received USING btree (received_at);

create table mail_reports (
  kind text not null,
  reporter text not null,
  report_id text not null,
  domain text not null,
  mail text not null,
  begin_at timestamp with time zone not null,
  end_at timestamp with time zone not null,
  messages bigint not null,
  failed bigint not null,
  records integer not null,
  bad integer not null,
  constraint mail_reports_kind_check CHECK ((kind = ANY (ARRAY['dmarc'::text, 'dmarc-failure'::text, 'tls'::text]))),
  constraint mail_reports_pkey PRIMARY KEY (kind, reporter, report_id, domain)
);
CREATE INDEX mail_reports_by_domain ON public.mail_reports USING btree (domain, begin_at);

create table mail_sources (
  domain text not null,
  sender text not null,
  standing text not null,
  learnt boolean not null,
  messages bigint not null,
  addresses text[] not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  constraint mail_sources_pkey PRIMARY KEY (domain, sender),
  constraint mail_sources_standing_check CHECK ((standing = ANY (ARRAY['aligned'::text, 'authenticated'::text, 'unauthenticated'::text])))
);

create table manual_ticks (
  run uuid not null,
  action text not null,
  key text not null,
  step integer not null,
  incident text not null,
  note text,
  ticked_by text not null,
  ticked_at timestamp with time zone not null,
  constraint manual_ticks_pkey PRIMARY KEY (run, action, key, step),
  constraint manual_ticks_step_check CHECK ((step >= 1))
);

create table notes (
  id uuid not null,
  incident text not null,
  says text not null,
  written_by text not null,
  written_at timestamp with time zone not null,
  constraint notes_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(name),
  constraint notes_pkey PRIMARY KEY (id)
);
CREATE INDEX notes_incident_written_at_idx ON public.notes USING btree (incident, written_at);

create table notice_fates (
  run uuid not null,
  step smallint not null,
  key text not null,
  incident text not null,
  fate text,
  hard boolean not null default false,
  reason text,
  status text,
  reply text,
  complained boolean not null default false,
  answered boolean not null default false,
  reports integer not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  constraint notice_fates_fate_check CHECK ((fate = ANY (ARRAY['deferred'::text, 'delivered'::text, 'refused'::text, 'unreachable'::text]))),
  constraint notice_fates_pkey PRIMARY KEY (run, step, key)
);
CREATE INDEX notice_fates_by_incident ON public.notice_fates USING btree (incident);

create table notice_keys (
  incident text not null,
  key bytea not null,
  made_at timestamp with time zone not null default clock_timestamp(),
  constraint notice_keys_key_check CHECK ((length(key) = 32)),
  constraint notice_keys_pkey PRIMARY KEY (incident)
);

create table plan_runs (
  run uuid not null,
  incident text not null,
  number integer not null,
  plan text not null,
  applied_by text not null,
  applied_at timestamp with time zone not null,
  constraint plan_runs_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(name),
  constraint plan_runs_incident_number_key UNIQUE (incident, number),
  constraint plan_runs_pkey PRIMARY KEY (run),
  constraint plan_runs_plan_fkey FOREIGN KEY (plan) REFERENCES plans(digest)
);

create table plans (
  digest text not null,
  incident text not null,
  part text not null,
  wave integer not null,
  form jsonb not null,
  view jsonb not null,
  draft uuid not null,
  planned_by text not null,
  planned_at timestamp with time zone not null,
  state text not null,
  cancelled_by text,
  not_before timestamp with time zone,
  run uuid,
  constraint plans_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text)),
  constraint plans_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(name),
  constraint plans_part_check CHECK ((part = ANY (ARRAY['contain'::text, 'notify'::text, 'all'::text]))),
  constraint plans_pkey PRIMARY KEY (digest),
  constraint plans_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'applied'::text, 'cancelled'::text])))
);
CREATE INDEX plans_incident_planned_at_idx ON public.plans USING btree (incident, planned_at);

create table registry_refreshes (
  registry text not null,
  refresh bigint not null,
  published_at timestamp with time zone not null,
  mode text not null,
  figures jsonb not null,
  constraint registry_refreshes_mode_check CHECK ((mode = ANY (ARRAY['full'::text, 'changes'::text]))),
  constraint registry_refreshes_pkey PRIMARY KEY (registry, refresh)
);

create table scopings (
  incident text not null,
  evidence text not null,
  inputs text not null,
  figures jsonb not null,
  at timestamp with time zone not null,
  constraint scopings_incident_evidence_fkey FOREIGN KEY (incident, evidence) REFERENCES evidence(incident, key),
  constraint scopings_pkey PRIMARY KEY (incident, evidence)
);

create table vendor_answers (
  request uuid not null,
  number integer not null,
  ticket text,
  says text not null,
  evidence text,
  carried_out text not null,
  declined boolean not null,
  answered_at timestamp with time zone not null,
  recorded_by text not null,
  constraint vendor_answers_carried_out_check CHECK ((carried_out = ANY (ARRAY['all'::text, 'some'::text, 'none'::text]))),
  constraint vendor_answers_pkey PRIMARY KEY (request, number),
  constraint vendor_answers_request_fkey FOREIGN KEY (request) REFERENCES vendor_requests(id)
);

create table vendor_carried_out (
  request uuid not null,
  key text not null,
  answer integer not null,
  constraint vendor_carried_out_pkey PRIMARY KEY (request, key),
  constraint vendor_carried_out_request_fkey FOREIGN KEY (request) REFERENCES vendor_requests(id)
);

create table vendor_mails (
  request uuid not null,
  number integer not null,
  kind text not null,
  recipient text not null,
  subject text not null,
  body text not null,
  message_id text not null,
  made_at timestamp with time zone not null,
  trying_until timestamp with time zone not null default '-infinity'::timestamp with time zone,
  handed text,
  handed_at timestamp with time zone,
  trouble text,
  constraint vendor_mails_handed_check CHECK ((handed = ANY (ARRAY['accepted'::text, 'refused'::text, 'unknown'::text]))),
  constraint vendor_mails_kind_check CHECK ((kind = ANY (ARRAY['ask'::text, 'chase'::text]))),
  constraint vendor_mails_message_id_key UNIQUE (message_id),
  constraint vendor_mails_pkey PRIMARY KEY (request, number),
  constraint vendor_mails_request_fkey FOREIGN KEY (request) REFERENCES vendor_requests(id)
);
CREATE INDEX vendor_mails_made_at_idx ON public.vendor_mails USING btree (made_at) WHERE (handed IS NULL);

create table vendor_requests (
  id uuid not null,
  incident text not null,
  connector text not null,
  action text not null,
  vendor text not null,
  asks text not null,
  run uuid,
  step integer,
  count integer not null,
  reference text not null,
  state text not null,
  ticket text,
  made_at timestamp with time zone not null,
  asked_at timestamp with time zone,
  chase_at timestamp with time zone,
  settled_at timestamp with time zone,
  constraint vendor_requests_count_check CHECK ((count >= 0)),
  constraint vendor_requests_pkey PRIMARY KEY (id),
  constraint vendor_requests_reference_key UNIQUE (reference),
  constraint vendor_requests_run_step_key UNIQUE (run, step),
  constraint vendor_requests_state_check CHECK ((state = ANY (ARRAY['due'::text, 'asked'::text, 'answered'::text, 'carried-out'::text, 'declined'::text])))
);
CREATE INDEX vendor_requests_incident_idx ON public.vendor_requests USING btree (incident);

create table work_batches (
  run integer not null,
  step smallint not null,
  at timestamp with time zone not null default clock_timestamp(),
  entry bigint not null,
  outcomes integer not null,
  constraint work_batches_pkey PRIMARY KEY (run, step, at, entry)
);

create table work_begun (
  run integer not null,
  step smallint not null,
  chunk integer not null,
  id bigint not null generated as identity,
  lease bigint not null,
  tasks integer[] not null,
  constraint work_begun_pkey PRIMARY KEY (run, step, chunk, id)
);

create table work_buckets (
  bucket text not null,
  next_at timestamp with time zone not null default '-infinity'::timestamp with time zone,
  held_until timestamp with time zone not null default '-infinity'::timestamp with time zone,
  failures integer not null default 0,
  opened integer not null default 0,
  open_until timestamp with time zone,
  probe_until timestamp with time zone not null default '-infinity'::timestamp with time zone,
  constraint work_buckets_pkey PRIMARY KEY (bucket)
) with (fillfactor=50);

create table work_chunks (
  run integer not null,
  step smallint not null,
  chunk integer not null,
  first integer not null,
  last integer not null,
  remaining integer not null,
  done integer not null default 0,
  refused integer not null default 0,
  unreachable integer not null default 0,
  gone integer not null default 0,
  unknown integer not null default 0,
  waits integer not null default 0,
  lease bigint not null default 0,
  holder text,
  leased_until timestamp with time zone not null default '-infinity'::timestamp with time zone,
  due_at timestamp with time zone not null default '-infinity'::timestamp with time zone,
  ended_at timestamp with time zone,
  constraint work_chunks_pkey PRIMARY KEY (run, step, chunk)
) with (fillfactor=50);

create table work_outcomes (
  run integer not null,
  step smallint not null,
  n integer not null,
  state text not null,
  reason text,
  detail json,
  at timestamp with time zone not null,
  entry bigint not null,
  constraint work_outcomes_pkey PRIMARY KEY (run, step, n)
);

create table work_retries (
  run integer not null,
  step smallint not null,
  n integer not null,
  attempts integer not null,
  first_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  reason text not null,
  lease bigint not null,
  constraint work_retries_pkey PRIMARY KEY (run, step, n)
) with (fillfactor=70);

create table work_runs (
  id integer not null generated as identity,
  run uuid not null,
  incident text not null,
  plan text not null,
  state text not null default 'running'::text,
  started_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone,
  inputs text,
  constraint work_runs_pkey PRIMARY KEY (id),
  constraint work_runs_run_key UNIQUE (run),
  constraint work_runs_state_check CHECK ((state = ANY (ARRAY['loading'::text, 'running'::text, 'paused'::text, 'aborting'::text, 'aborted'::text, 'watching'::text, 'complete'::text])))
);
CREATE UNIQUE INDEX work_runs_loading_idx ON public.work_runs USING btree (plan) WHERE (state = 'loading'::text);

create table work_sealed (
  run integer not null,
  step smallint not null,
  chunk integer not null,
  sealed bytea not null,
  constraint work_sealed_pkey PRIMARY KEY (run, step, chunk)
);

create table work_steps (
  run integer not null,
  step smallint not null,
  name text not null,
  kind text not null,
  settings json not null,
  after smallint[] not null,
  chunk_size integer not null,
  watching boolean not null,
  tasks integer not null default 0,
  loaded boolean not null default false,
  ended_at timestamp with time zone,
  paused_because text,
  bucket text,
  interval_ms double precision,
  per_target boolean,
  batch integer,
  trouble text,
  constraint work_steps_chunk_size_check CHECK (((chunk_size >= 1) AND (chunk_size <= 10000))),
  constraint work_steps_pkey PRIMARY KEY (run, step),
  constraint work_steps_run_fkey FOREIGN KEY (run) REFERENCES work_runs(id)
);

create table work_tasks (
  run integer not null,
  step smallint not null,
  n integer not null,
  gone boolean not null,
  key text not null,
  payload json not null,
  constraint work_tasks_pkey PRIMARY KEY (run, step, n),
  constraint work_tasks_run_step_key_key UNIQUE (run, step, key)
);

create table work_tokened (
  run integer not null,
  step smallint not null,
  constraint work_tokened_pkey PRIMARY KEY (run, step)
);

create table work_tokens (
  token text not null,
  run integer not null,
  step smallint not null,
  n integer not null,
  constraint work_tokens_pkey PRIMARY KEY (token),
  constraint work_tokens_token_check CHECK ((token ~ '^[0-9a-f]{40}$'::text))
);

CREATE TRIGGER append_only BEFORE DELETE ON public.ledger_batches FOR EACH ROW EXECUTE FUNCTION ledger_refuse()

CREATE TRIGGER append_only BEFORE DELETE ON public.ledger_bodies FOR EACH ROW EXECUTE FUNCTION ledger_refuse()

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.ledger_checkpoints FOR EACH ROW EXECUTE FUNCTION ledger_refuse()

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.ledger_entries FOR EACH ROW EXECUTE FUNCTION ledger_refuse()

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.ledger_nodes FOR EACH ROW EXECUTE FUNCTION ledger_refuse()

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.ledger_places FOR EACH ROW EXECUTE FUNCTION ledger_refuse()

CREATE TRIGGER erasure_only BEFORE UPDATE ON public.ledger_batches FOR EACH ROW EXECUTE FUNCTION ledger_refuse_unless_erasure()

CREATE TRIGGER erasure_only BEFORE UPDATE ON public.ledger_bodies FOR EACH ROW EXECUTE FUNCTION ledger_refuse_unless_erasure()

CREATE OR REPLACE FUNCTION public.ledger_refuse()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the ledger is append-only: % of % refused', lower(tg_op), tg_table_name using errcode = 'insufficient_privilege';
end $function$

CREATE OR REPLACE FUNCTION public.ledger_refuse_unless_erasure()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$

CREATE TRIGGER never_emptied BEFORE TRUNCATE ON public.ledger_batches FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()

CREATE TRIGGER never_emptied BEFORE TRUNCATE ON public.ledger_bodies FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()

CREATE TRIGGER never_emptied BEFORE TRUNCATE ON public.ledger_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()

CREATE TRIGGER never_emptied BEFORE TRUNCATE ON public.ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()

CREATE TRIGGER never_emptied BEFORE TRUNCATE ON public.ledger_nodes FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()

CREATE TRIGGER never_emptied BEFORE TRUNCATE ON public.ledger_pending FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()

CREATE TRIGGER never_emptied BEFORE TRUNCATE ON public.ledger_places FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()

-- ClickHouse

CREATE TABLE accounts
(
    `registry` LowCardinality(String),
    `layer` UInt64,
    `row` UInt64,
    `account` String,
    `subject` UUID,
    `tenant` String,
    `email` String,
    `address` String,
    `username` String,
    `phone` String,
    `name` String,
    `country` LowCardinality(String),
    `region` LowCardinality(String),
    `language` LowCardinality(String),
    `contact_role` LowCardinality(String),
    `contact_address` String,
    `do_not_contact` String,
    `minor` Bool,
    `estate` Bool,
    `attributes` Map(LowCardinality(String), String),
    `changed` String,
    `state` LowCardinality(String),
    `notes` Array(LowCardinality(String)),
    `row_hash` UInt64
)
ENGINE = MergeTree
PARTITION BY (registry, layer)
ORDER BY (registry, account)
SETTINGS index_granularity = 8192;

CREATE VIEW closed_accounts
(
    `registry` LowCardinality(String),
    `account` String,
    `subject` UUID,
    `layer` UInt64,
    `row` UInt64
)
AS SELECT
    registry,
    account,
    subject,
    layer,
    row
FROM accounts
WHERE (state = 'closed') AND (layer IN (
    SELECT layer
    FROM registry_layers
)) AND ((layer, row) NOT IN (
    SELECT
        layer,
        row
    FROM registry_dead_rows
));

CREATE VIEW current_accounts
(
    `registry` LowCardinality(String),
    `account` String,
    `subject` UUID,
    `tenant` String,
    `email` String,
    `address` String,
    `username` String,
    `phone` String,
    `name` String,
    `country` LowCardinality(String),
    `region` LowCardinality(String),
    `language` LowCardinality(String),
    `contact_role` LowCardinality(String),
    `contact_address` String,
    `do_not_contact` String,
    `minor` Bool,
    `estate` Bool,
    `attributes` Map(LowCardinality(String), String),
    `changed` String,
    `layer` UInt64,
    `row` UInt64
)
AS SELECT
    registry,
    account,
    subject,
    tenant,
    email,
    address,
    username,
    phone,
    name,
    country,
    region,
    language,
    contact_role,
    contact_address,
    do_not_contact,
    minor,
    estate,
    attributes,
    changed,
    layer,
    row
FROM accounts
WHERE (state = 'current') AND (layer IN (
    SELECT layer
    FROM registry_layers
)) AND ((layer, row) NOT IN (
    SELECT
        layer,
        row
    FROM registry_dead_rows
));

CREATE VIEW current_identifiers
(
    `kind` LowCardinality(String),
    `value` String,
    `registry` LowCardinality(String),
    `account` String,
    `subject` UUID,
    `layer` UInt64,
    `row` UInt64
)
AS SELECT
    kind,
    value,
    registry,
    account,
    subject,
    layer,
    row
FROM identifiers
WHERE (layer IN (
    SELECT layer
    FROM registry_layers
)) AND ((layer, row) NOT IN (
    SELECT
        layer,
        row
    FROM registry_dead_rows
));

CREATE VIEW current_set_aside
(
    `registry` LowCardinality(String),
    `row` UInt64,
    `account` String,
    `reason` LowCardinality(String),
    `effect` LowCardinality(String),
    `layer` UInt64
)
AS SELECT
    registry,
    row,
    account,
    reason,
    effect,
    layer
FROM registry_set_aside
WHERE (layer IN (
    SELECT layer
    FROM registry_layers
)) AND ((layer, row) NOT IN (
    SELECT
        layer,
        row
    FROM registry_dead_rows
    WHERE by != intDiv(layer, 1000000)
));

CREATE TABLE dmarc_records
(
    `domain` LowCardinality(String),
    `reporter` LowCardinality(String),
    `report_id` String,
    `place` UInt32,
    `begin` DateTime('UTC'),
    `end` DateTime('UTC'),
    `source` String,
    `messages` UInt64,
    `sender` String,
    `standing` LowCardinality(String),
    `disposition` LowCardinality(String),
    `dkim_aligned` Bool,
    `spf_aligned` Bool,
    `header_from` String,
    `envelope_from` String,
    `dkim` Array(String),
    `spf` Array(String),
    `overrides` Array(LowCardinality(String)),
    `mail` String
)
ENGINE = ReplacingMergeTree
ORDER BY (domain, reporter, report_id, place)
SETTINGS index_granularity = 8192;

CREATE TABLE events
(
    `source` LowCardinality(String),
    `place` UInt64,
    `batch` UInt64,
    `time` DateTime64(6, 'UTC'),
    `time_known` Bool,
    `format` LowCardinality(String),
    `broken` LowCardinality(String),
    `product` LowCardinality(String),
    `category` LowCardinality(String),
    `service` LowCardinality(String),
    `class_uid` UInt32,
    `activity_id` UInt8,
    `activity_name` LowCardinality(String),
    `status_id` UInt8,
    `status_detail` LowCardinality(String),
    `metadata_uid` String,
    `actor_user_name` String,
    `actor_user_uid` String,
    `user_name` String,
    `user_uid` String,
    `user_email_addr` String,
    `session_uid` String,
    `is_mfa` Nullable(Bool),
    `auth_protocol` LowCardinality(String),
    `src_endpoint_ip` String,
    `src_endpoint_port` UInt16,
    `src_endpoint_hostname` String,
    `dst_endpoint_ip` String,
    `dst_endpoint_port` UInt16,
    `dst_endpoint_hostname` String,
    `device_hostname` LowCardinality(String),
    `http_request_method` LowCardinality(String),
    `http_request_url_path` String,
    `http_request_url_query` String,
    `http_request_user_agent` String,
    `http_request_referrer` String,
    `http_response_code` UInt16,
    `traffic_bytes_out` UInt64,
    `api_service_name` LowCardinality(String),
    `api_operation` LowCardinality(String),
    `api_response_error` LowCardinality(String),
    `resource_type` LowCardinality(String),
    `resource_uid` String,
    `process_name` LowCardinality(String),
    `process_pid` UInt32,
    `process_cmd_line` String,
    `cloud_account_uid` LowCardinality(String),
    `cloud_region` LowCardinality(String),
    `message` String,
    `fields` Map(LowCardinality(String), String),
    `raw` String CODEC(ZSTD(1)),
    `brackets` Bool MATERIALIZED position(raw, '[') > 0,
    INDEX by_actor (actor_user_name, actor_user_uid) TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_user (user_name, user_uid, user_email_addr) TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_address src_endpoint_ip TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_time time TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY source
ORDER BY (format, category, service, batch, place)
SETTINGS index_granularity = 8192, min_bytes_for_wide_part = 256000000, max_parts_in_total = 1000000, min_columns_to_activate_adaptive_write_buffer = 1, max_parts_to_merge_at_once = 8;

CREATE TABLE events_dated
(
    `source` LowCardinality(String),
    `place` UInt64,
    `batch` UInt64,
    `time` DateTime64(6, 'UTC'),
    `time_known` Bool,
    `format` LowCardinality(String),
    `broken` LowCardinality(String),
    `product` LowCardinality(String),
    `category` LowCardinality(String),
    `service` LowCardinality(String),
    `class_uid` UInt32,
    `activity_id` UInt8,
    `activity_name` LowCardinality(String),
    `status_id` UInt8,
    `status_detail` LowCardinality(String),
    `metadata_uid` String,
    `actor_user_name` String,
    `actor_user_uid` String,
    `user_name` String,
    `user_uid` String,
    `user_email_addr` String,
    `session_uid` String,
    `is_mfa` Nullable(Bool),
    `auth_protocol` LowCardinality(String),
    `src_endpoint_ip` String,
    `src_endpoint_port` UInt16,
    `src_endpoint_hostname` String,
    `dst_endpoint_ip` String,
    `dst_endpoint_port` UInt16,
    `dst_endpoint_hostname` String,
    `device_hostname` LowCardinality(String),
    `http_request_method` LowCardinality(String),
    `http_request_url_path` String,
    `http_request_url_query` String,
    `http_request_user_agent` String,
    `http_request_referrer` String,
    `http_response_code` UInt16,
    `traffic_bytes_out` UInt64,
    `api_service_name` LowCardinality(String),
    `api_operation` LowCardinality(String),
    `api_response_error` LowCardinality(String),
    `resource_type` LowCardinality(String),
    `resource_uid` String,
    `process_name` LowCardinality(String),
    `process_pid` UInt32,
    `process_cmd_line` String,
    `cloud_account_uid` LowCardinality(String),
    `cloud_region` LowCardinality(String),
    `message` String,
    `fields` Map(LowCardinality(String), String),
    `raw` String CODEC(ZSTD(1)),
    `brackets` Bool MATERIALIZED position(raw, '[') > 0,
    INDEX by_actor (actor_user_name, actor_user_uid) TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_user (user_name, user_uid, user_email_addr) TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_address src_endpoint_ip TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_time time TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY source
ORDER BY (format, category, service, batch, place)
SETTINGS min_bytes_for_wide_part = 1000000000, max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1, parts_to_delay_insert = 20000, parts_to_throw_insert = 30000, max_parts_in_total = 1000000, index_granularity = 8192;

CREATE TABLE events_reading
(
    `source` LowCardinality(String),
    `place` UInt64,
    `batch` UInt64,
    `time` DateTime64(6, 'UTC'),
    `time_known` Bool,
    `format` LowCardinality(String),
    `broken` LowCardinality(String),
    `product` LowCardinality(String),
    `category` LowCardinality(String),
    `service` LowCardinality(String),
    `class_uid` UInt32,
    `activity_id` UInt8,
    `activity_name` LowCardinality(String),
    `status_id` UInt8,
    `status_detail` LowCardinality(String),
    `metadata_uid` String,
    `actor_user_name` String,
    `actor_user_uid` String,
    `user_name` String,
    `user_uid` String,
    `user_email_addr` String,
    `session_uid` String,
    `is_mfa` Nullable(Bool),
    `auth_protocol` LowCardinality(String),
    `src_endpoint_ip` String,
    `src_endpoint_port` UInt16,
    `src_endpoint_hostname` String,
    `dst_endpoint_ip` String,
    `dst_endpoint_port` UInt16,
    `dst_endpoint_hostname` String,
    `device_hostname` LowCardinality(String),
    `http_request_method` LowCardinality(String),
    `http_request_url_path` String,
    `http_request_url_query` String,
    `http_request_user_agent` String,
    `http_request_referrer` String,
    `http_response_code` UInt16,
    `traffic_bytes_out` UInt64,
    `api_service_name` LowCardinality(String),
    `api_operation` LowCardinality(String),
    `api_response_error` LowCardinality(String),
    `resource_type` LowCardinality(String),
    `resource_uid` String,
    `process_name` LowCardinality(String),
    `process_pid` UInt32,
    `process_cmd_line` String,
    `cloud_account_uid` LowCardinality(String),
    `cloud_region` LowCardinality(String),
    `message` String,
    `fields` Map(LowCardinality(String), String),
    `raw` String CODEC(ZSTD(1)),
    `brackets` Bool MATERIALIZED position(raw, '[') > 0,
    INDEX by_actor (actor_user_name, actor_user_uid) TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_user (user_name, user_uid, user_email_addr) TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_address src_endpoint_ip TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_time time TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY source
ORDER BY (format, category, service, batch, place)
SETTINGS min_bytes_for_wide_part = 1000000000, max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1, parts_to_delay_insert = 20000, parts_to_throw_insert = 30000, max_parts_in_total = 1000000, index_granularity = 8192;

CREATE TABLE evidence_places
(
    `incident` LowCardinality(String),
    `evidence` LowCardinality(String),
    `first` UInt64,
    `at` String,
    `unit` LowCardinality(String),
    `number` UInt64
)
ENGINE = MergeTree
PARTITION BY (incident, evidence)
ORDER BY first
SETTINGS index_granularity = 8192;

CREATE TABLE exposures
(
    `incident` LowCardinality(String),
    `evidence` LowCardinality(String),
    `registry` LowCardinality(String),
    `account` String,
    `subject` UUID,
    `category` LowCardinality(String),
    `act` LowCardinality(String),
    `sureness` LowCardinality(String),
    `locator` UInt64,
    `matched_by` LowCardinality(String),
    `detail` LowCardinality(String),
    `grade` LowCardinality(String),
    `mark` String
)
ENGINE = MergeTree
PARTITION BY (incident, evidence)
ORDER BY (registry, account, category)
SETTINGS index_granularity = 8192;

CREATE TABLE identifiers
(
    `kind` LowCardinality(String),
    `value` String,
    `registry` LowCardinality(String),
    `layer` UInt64,
    `row` UInt64,
    `account` String,
    `subject` UUID
)
ENGINE = MergeTree
PARTITION BY (registry, layer)
ORDER BY (kind, value)
SETTINGS index_granularity = 8192;

CREATE TABLE live_matches
(
    `relation` String,
    `batch` UInt64,
    `time` DateTime64(6, 'UTC'),
    `source` LowCardinality(String),
    `place` UInt64,
    `values` Array(Nullable(String)),
    `arrived` Date
)
ENGINE = ReplacingMergeTree
PARTITION BY arrived
ORDER BY (relation, time, source, place)
SETTINGS min_bytes_for_wide_part = 256000000, index_granularity = 8192;

CREATE TABLE plan_exposures
(
    `draft` UUID,
    `step` UInt16,
    `subject` UUID,
    `registry` LowCardinality(String),
    `account` String,
    `category` LowCardinality(String),
    `sureness` LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY draft
ORDER BY (subject, registry, account, category)
SETTINGS index_granularity = 8192;

CREATE TABLE plan_outcomes
(
    `draft` UUID,
    `earlier` UUID,
    `step` UInt16,
    `run_number` UInt32,
    `name` LowCardinality(String),
    `key` String,
    `state` LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY draft
ORDER BY (name, key)
SETTINGS index_granularity = 8192;

CREATE TABLE plan_progress
(
    `draft` UUID,
    `inputs` String,
    `number` UInt32,
    `part` String,
    `rows` Array(UInt64),
    `result` String
)
ENGINE = MergeTree
PARTITION BY draft
ORDER BY number
SETTINGS index_granularity = 8192;

CREATE TABLE plan_targets
(
    `draft` UUID,
    `step` UInt16,
    `key` String,
    `subject` UUID,
    `registry` LowCardinality(String),
    `account` String,
    `payload` String
)
ENGINE = MergeTree
PARTITION BY draft
ORDER BY (step, key)
SETTINGS index_granularity = 8192;

CREATE VIEW registry_dead_rows
(
    `registry` LowCardinality(String),
    `by` UInt64,
    `layer` UInt64,
    `row` UInt64
)
AS SELECT
    registry,
    by,
    layer,
    row
FROM registry_superseded
WHERE by IN (
    SELECT intDiv(layer, 1000000)
    FROM registry_layers
);

CREATE VIEW registry_layers
(
    `registry` LowCardinality(String),
    `layer` UInt64
)
AS SELECT
    registry,
    arrayJoin(layers) AS layer
FROM
(
    SELECT
        registry,
        argMax(layers, refresh) AS layers
    FROM registry_published
    GROUP BY registry
);

CREATE TABLE registry_pages
(
    `registry` LowCardinality(String),
    `refresh` UInt64,
    `page` UInt32,
    `layer` UInt64,
    `cursor` String,
    `rows` UInt64,
    `detail` String
)
ENGINE = MergeTree
PARTITION BY (registry, refresh)
ORDER BY page
SETTINGS index_granularity = 8192;

CREATE TABLE registry_phones
(
    `registry` LowCardinality(String),
    `layer` UInt64,
    `raw` String,
    `country` LowCardinality(String),
    `e164` Nullable(String)
)
ENGINE = MergeTree
PARTITION BY (registry, layer)
ORDER BY (raw, country)
SETTINGS index_granularity = 8192;

CREATE TABLE registry_published
(
    `registry` LowCardinality(String),
    `refresh` UInt64,
    `layers` Array(UInt64),
    `at` DateTime64(3, 'UTC'),
    `figures` String
)
ENGINE = MergeTree
ORDER BY (registry, refresh)
SETTINGS index_granularity = 8192;

CREATE TABLE registry_set_aside
(
    `registry` LowCardinality(String),
    `layer` UInt64,
    `row` UInt64,
    `account` String,
    `reason` LowCardinality(String),
    `effect` LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY (registry, layer)
ORDER BY (reason, row)
SETTINGS index_granularity = 8192;

CREATE TABLE registry_superseded
(
    `registry` LowCardinality(String),
    `by` UInt64,
    `layer` UInt64,
    `row` UInt64
)
ENGINE = MergeTree
PARTITION BY (registry, by)
ORDER BY (layer, row)
SETTINGS index_granularity = 8192;

CREATE TABLE tls_results
(
    `domain` LowCardinality(String),
    `reporter` LowCardinality(String),
    `report_id` String,
    `place` UInt32,
    `begin` DateTime('UTC'),
    `end` DateTime('UTC'),
    `policy` LowCardinality(String),
    `failure` LowCardinality(String),
    `succeeded` UInt64,
    `failed` UInt64,
    `sender` String,
    `mx` String,
    `mail` String
)
ENGINE = ReplacingMergeTree
ORDER BY (domain, reporter, report_id, place)
SETTINGS index_granularity = 8192;
