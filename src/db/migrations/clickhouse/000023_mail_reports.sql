-- Records of DMARC and TLS reports. A report that is written twice, after a crash, counts once. Not partitioned: a report says of itself when it was.
create table if not exists dmarc_records (
  domain LowCardinality(String),
  reporter LowCardinality(String),
  report_id String,
  place UInt32,
  begin DateTime('UTC'),
  end DateTime('UTC'),
  source String,
  messages UInt64,
  sender String, -- who sends as the domain: src/mail/reports/sender-of.ts
  standing LowCardinality(String),
  disposition LowCardinality(String),
  dkim_aligned Bool,
  spf_aligned Bool,
  header_from String,
  envelope_from String,
  dkim Array(String),
  spf Array(String),
  overrides Array(LowCardinality(String)),
  mail String
) engine = ReplacingMergeTree order by (domain, reporter, report_id, place);

create table if not exists tls_results (
  domain LowCardinality(String),
  reporter LowCardinality(String),
  report_id String,
  place UInt32,
  begin DateTime('UTC'),
  end DateTime('UTC'),
  policy LowCardinality(String),
  failure LowCardinality(String),
  succeeded UInt64,
  failed UInt64,
  sender String,
  mx String,
  mail String
) engine = ReplacingMergeTree order by (domain, reporter, report_id, place);
