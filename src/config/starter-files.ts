// What `tocsin init` and `tocsin new` write. Every one is valid as it stands; what is behind # is there to be taken.

export const TOCSIN_YAML = `# yaml-language-server: $schema=schemas/tocsin.schema.json
# The organisation, once. \${NAME} is taken from the environment, *_file from a file (chmod 600): keep secrets out of here.
# Paths are relative to this file. tocsin check tells what is wrong, and tries every connection without changing anything.

organisation:
  name: Example Cloud
  domain: example.cloud
  languages: [en]                # the first is written to who has none of them
  contact: privacy@example.cloud

# Whose data you hold: read from your own database or files, never the master copy.
registry: {}
#   customers:
#     from: { postgres: "\${ACCOUNTS_URL}", query: "select id, email, username, country, locale, updated_at from accounts" }
#     key: id                    # or: from: { csv: customers.csv }
#     changed: updated_at        # makes refreshes incremental
#     identifiers: { email: email, username: username }
#     country: country
#     language: locale

# Where which data lies: the data map.
holdings: {}
#   accounts-db: { of: customers, data: [user.contact.email, user.account.username, user.authorization.password] }

# What can be done to contain a breach. \`left\` is the proof: it is asked after every batch.
connectors: {}
#   accounts:
#     sql: "\${ACCOUNTS_URL}"
#     actions:
#       invalidate-password:
#         do: update accounts set password_hash = null where id = any(:targets)
#         left: select id from accounts where id = any(:targets) and password_hash is not null
#         ends: [user.authorization.password]
#   github: { github: {} }

# Who carries messages to people.
# mail:
#   from: { name: Example Cloud security, address: security@example.cloud }
#   providers:
#     main: { smtp: "\${SMTP_URL}", streams: [notices] }

# Who may approve plans, and when one approval is not enough.
approvals:
  signers: allowed_signers       # ssh-keygen's format: one line a person and key
  over: 1000                     # more targets than this need \`people\` approvers
  people: 2
`;

export const ALLOWED_SIGNERS = `# Who may approve plans: a name, and a public key (ssh-keygen's ALLOWED SIGNERS; sk- keys are hardware keys).
# security-on-call namespaces="tocsin" sk-ssh-ed25519@openssh.com AAAA…
# privacy          namespaces="tocsin" ssh-ed25519 AAAA…
`;

export const GITIGNORE = `.tocsin/
secrets/
incidents/*/evidence/
`;

export function incidentYaml({
  incident,
  title,
  lead,
}: {
  incident: string;
  title: string;
  lead: string;
}): string {
  return `# yaml-language-server: $schema=../../schemas/incident.schema.json
# One breach. Decisions (aware, declare, …) are recorded with tocsin decide, not here.

incident: ${incident}
title: ${JSON.stringify(title)}
lead: ${JSON.stringify(lead)}
# window: { from: 2019-04-25T16:40:00Z, to: 2019-04-25T17:10:00Z }
# summary: What happened, in a sentence or two.
# involved: [name]               # staff named in the incident: they cannot approve

# What you have. Files lie beside this one; tocsin plan takes them in: hashed, sealed, with their chain of custody.
evidence: {}
#   dump: { file: evidence/rows.csv.zst, kind: records }

# Who is affected. Cohorts overlap; a text is an expression: a + b, a - b (with spaces), a & b, ( ).
cohorts: {}
#   affected: { in: dump }
#   hashed: { in: dump, with: user.authorization.password }
#   others: affected - hashed

# What is done to contain it: connector.action of tocsin.yaml.
actions: []
#   - { do: accounts.invalidate-password, to: hashed }

# What people are told, once contained: notices/affected.en.md and one file a language.
notices: []
#   - { to: affected, text: notices/affected, after: [invalidate-password] }

obligations: []                  # gdpr, uk-gdpr, us-ca
`;
}

export const NOTICE_EN = `# Your {{ organisation.name }} account: what happened and what to do

{{ greeting }}

Somebody got into one of our systems ({{ window }}). Data of {{ accounts }} was in it.

**What they had:**

{{ exposed }}

**What you can do:**

{{ advice }}

{{ reference }}

{{ organisation.name }} · {{ organisation.contact }}
`;
