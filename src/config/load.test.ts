import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { TocsinError } from "../core/errors.ts";
import { parseIncident } from "./load-incident.ts";
import { parseOrganisation } from "./load-organisation.ts";

const ORGANISATION = `organisation: { name: Example Cloud, domain: example.cloud, languages: [en, fr], contact: privacy@example.cloud }
registry:
  customers:
    from: { postgres: "\${ACCOUNTS_URL}", query: "select id, email from accounts" }
    key: id
    identifiers: { email: email }
connectors:
  accounts:
    sql: "\${ACCOUNTS_URL}"
    actions:
      invalidate-password: { do: "update accounts set p = null where id = any(:targets)", left: "select id from accounts where id = any(:targets) and p is not null" }
  github: { github: {} }
  vendor: { vendor: { name: Atlassian, address: security@example.com } }
mail:
  from: { name: Example Cloud, address: security@example.cloud }
  providers:
    main: { smtp: "smtp://127.0.0.1", streams: [notices] }
    other: { smtp: "smtp://127.0.0.1", streams: [transactional] }
`;
const environment = { ACCOUNTS_URL: "postgres://user:hunter2@db/accounts" };
const organisation = parseOrganisation(ORGANISATION, { name: "tocsin.yaml", environment });

const INCIDENT = `incident: docker-hub-2019
title: Unauthorised access to one Hub database
lead: security-on-call
window: { from: 2019-04-25T16:40:00Z, to: 2019-04-25T17:10:00Z }
evidence:
  dump: { file: evidence/rows.csv, kind: records }
cohorts:
  affected: { in: dump }
  hashed: { in: dump, with: user.authorization.password }
  both: hashed & affected
actions:
  - { do: accounts.invalidate-password, to: hashed }
  - { do: github.revoke-token, to: affected - hashed, after: [invalidate-password] }
  - { do: vendor.request, to: both, of: Atlassian }
notices:
  - { to: affected, text: notices/affected, after: [invalidate-password, github.revoke-token], provider: main }
`;

const problemsOf = (parse: () => unknown): string[] => {
  try {
    parse();
  } catch (error) {
    if (error instanceof TocsinError)
      return error.problems.map(({ at, message }) => `${at}: ${message}`);
    throw error;
  }
  return [];
};
const inOrganisation = (text: string): string[] =>
  problemsOf(() => parseOrganisation(text, { name: "tocsin.yaml", environment }));
const inIncident = (text: string): string[] =>
  problemsOf(() => parseIncident(text, { name: "incident.yaml", organisation }));

test("both files are read, with secrets that do not print", () => {
  assert.equal(organisation.organisation.name, "Example Cloud");
  assert.ok(!JSON.stringify(organisation).includes("hunter2"));
  const accounts = organisation.connectors["accounts"];
  assert.ok(accounts && "sql" in accounts);
  assert.equal(accounts.sql.reveal(), environment.ACCOUNTS_URL);
  const file = parseIncident(INCIDENT, { name: "incident.yaml", organisation });
  assert.deepEqual(file.cohorts["both"], "hashed & affected");
});

test("a byte order mark and windows line ends are no matter", () => {
  const text = `\u{FEFF}${INCIDENT.replaceAll("\n", "\r\n")}`;
  assert.deepEqual(inIncident(text), []);
  assert.deepEqual(inIncident(text.replace("lead:", "laed:")), [
    "incident.yaml:1:1: lead is missing: a text",
    "incident.yaml:3:1: unknown key laed: did you mean lead?",
  ]);
});

test("every problem is told at once, each at its place, with what to do", () => {
  const text = `organisation: { name: "", domain: 3, contact: nobody, langauges: [en] }
registry:
  customers:
    from: { postgress: x, query: y }
    key: id
    identifiers: {}
connectors:
  accounts:
    sql: x
    actions:
      invalidate: { left: 1, by: custommer }
approvals: { over: -1, signers: [a] }
holdings: { db: { of: custumers, data: [user.contact.email] } }
`;
  assert.deepEqual(inOrganisation(text), [
    "tocsin.yaml:1:23: name: write something here",
    "tocsin.yaml:1:35: domain: write a text, not a number",
    "tocsin.yaml:1:47: contact: write an e-mail address",
    "tocsin.yaml:1:55: unknown key langauges: did you mean languages?",
    "tocsin.yaml:4:11: postgres is missing: a text",
    "tocsin.yaml:4:13: unknown key postgress: did you mean postgres?",
    "tocsin.yaml:6:18: name at least one: email, username or phone",
    "tocsin.yaml:11:27: left: write a text, not a number",
    "tocsin.yaml:11:34: write one of tocsin, customer: did you mean customer?",
    "tocsin.yaml:12:20: over: at least 0",
    "tocsin.yaml:12:33: signers: write a text, not a list",
    "tocsin.yaml:13:23: there is no registry custumers: did you mean customers?",
  ]);
});

test("what an incident names must be there", () => {
  const text = INCIDENT.replace("{ in: dump }", "{ in: dmup }")
    .replace("hashed & affected", "hashed & (affected - linked)")
    .replace("accounts.invalidate-password, to: hashed", "accounts.invalidate-pasword, to: hashd")
    .replace("vendor.request, to: both", 'nobody.request, to: "both +"')
    .replace("after: [invalidate-password]", "after: [invalidate-passwords]")
    .replace("provider: main", "provider: other")
    .replace("17:10", "15:10");
  assert.deepEqual(inIncident(text), [
    "incident.yaml:4:43: the window ends before it begins",
    "incident.yaml:8:19: there is no evidence called dmup: did you mean dump?",
    "incident.yaml:10:30: there is no cohort linked: there is affected, hashed, both",
    "incident.yaml:12:11: accounts in tocsin.yaml has no such action: did you mean accounts.invalidate-password?",
    "incident.yaml:12:44: there is no cohort hashd: did you mean hashed?",
    "incident.yaml:13:63: there is no action in this file called invalidate-passwords: did you mean invalidate-pasword?",
    "incident.yaml:14:11: tocsin.yaml has no connector nobody: there is accounts, github, vendor",
    "incident.yaml:14:38: a cohort's name is missing at the end",
    "incident.yaml:16:53: there is no action in this file called invalidate-password: did you mean invalidate-pasword?",
    "incident.yaml:16:106: there is no provider that carries notices in tocsin.yaml called other: there is main",
  ]);
});

test("cohorts and actions in circles are found", () => {
  const circle = INCIDENT.replace("affected: { in: dump }", "affected: both").replace(
    "accounts.invalidate-password, to: hashed",
    "accounts.invalidate-password, to: hashed, after: [revoke-token]",
  );
  assert.deepEqual(inIncident(circle), [
    "incident.yaml:8:13: cohorts in a circle: affected → both → affected",
    "incident.yaml:12:60: actions that wait for each other: accounts.invalidate-password → github.revoke-token → accounts.invalidate-password",
  ]);
});

test("a missing variable is named, at its place, and no value ever is", () => {
  const secretive = ORGANISATION.replace("smtp://127.0.0.1", "smtp://u:${MAIL_PASSWORD}@h").replace(
    "[notices]",
    '["${ACCOUNTS_URL}"]',
  );
  const problems = inOrganisation(secretive);
  assert.equal(
    problems[0],
    "tocsin.yaml:17:19: the environment has no MAIL_PASSWORD: set it, or write $${ for a plain ${",
  );
  assert.match(
    problems[1] ?? "",
    /^tocsin.yaml:17:\d+: write one of transactional, notices, marketing$/,
  );
  assert.ok(!problems.join("\n").includes("hunter2"));
});

test("an escaped variable stays, keys and comments are left alone", () => {
  const text = ORGANISATION.replace("select id, email", "select '$$$${X}' as id, email").replace(
    "registry:",
    "# ${NOWHERE}\nregistry:",
  );
  const { from } =
    parseOrganisation(text, { name: "tocsin.yaml", environment }).registry["customers"] ?? {};
  assert.ok(from && "postgres" in from);
  assert.equal(from.query, "select '${X}' as id, email from accounts");
});

test("duplicate keys, tabs, two documents and odd keys are refused at their place", () => {
  assert.match(
    inIncident(`${INCIDENT}title: again\n`).join(),
    /^incident.yaml:17:1: this key stands here twice/,
  );
  assert.match(
    inIncident("incident: a\ncohorts:\n\ta: b\n").join(),
    /^incident.yaml:3:1: a tab cannot indent/,
  );
  assert.match(inIncident(`${INCIDENT}---\na: b\n`).join(), /one file, one document/);
  assert.match(
    inIncident(`? [a]\n: b\n${INCIDENT}`).join(),
    /^incident.yaml:1:3: this cannot be a key/,
  );
  assert.match(inIncident(`__proto__: { title: x }\n${INCIDENT}`).join(), /this cannot be a key/);
});

test("an alias bomb, a deep nesting and a huge file end quickly", () => {
  const started = performance.now();
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${"bcdefghi"
    .split("")
    .map((name, n) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[n]}`).join(", ")}]`)
    .join("\n")}\n`;
  assert.match(inIncident(bomb).join(), /more than a file may/);
  assert.match(inIncident("[".repeat(50_000)).join(), /incident.yaml:\d+:\d+: /);
  assert.match(inIncident(`a: ${"- ".repeat(50_000)}`).join(), /incident.yaml:\d+:\d+: /);
  assert.match(
    inIncident(`a: "${"x".repeat(1_100_000)}"`).join(),
    /^incident.yaml:1:1: larger than 1024 KiB/,
  );
  assert.ok(performance.now() - started < 3_000);
});

test("an anchor that is used a few times is fine", () => {
  const text = INCIDENT.replace(
    "with: user.authorization.password",
    "with: &p user.authorization.password",
  ).replace("both: hashed & affected", "both: { in: dump, with: *p }");
  assert.deepEqual(inIncident(text), []);
});

test("whatever stands in a file, the answer is a value or problems with places", () => {
  const line = fc.tuple(
    fc.constantFrom("", " ", "  ", "    ", "- ", "\t"),
    fc.constantFrom(
      "incident",
      "cohorts",
      "evidence",
      "actions",
      "to",
      "in",
      "*a",
      "&a",
      "!x",
      "? ",
      "<<",
      "a b",
      "{",
      "[",
      "'",
    ),
    fc.constantFrom(": ", ":", " ", "- ", ": [", ": {", ": |", ": >-", ": &a ", ": *a"),
    fc.oneof(
      fc.string({ maxLength: 12, unit: "binary" }),
      fc.constantFrom("a + b", "}", "]", "x.y", "'", '"\\q', "2019", "~"),
    ),
  );
  const text = fc
    .array(line, { maxLength: 14 })
    .map((lines) => lines.map((parts) => parts.join("")).join("\n"));
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        text.map((more) => INCIDENT.slice(0, 300) + more),
        fc.string({ unit: "binary" }),
      ),
      (written) => {
        for (const problem of [...inIncident(written), ...inOrganisation(written)]) {
          assert.match(problem, /^(incident|tocsin)\.yaml:[1-9]\d*:[1-9]\d*: \S/);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test("a valid file in which one text is changed never passes for a broken reason", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: INCIDENT.length }),
      fc.string({ unit: "binary", maxLength: 3 }),
      (at, put) => {
        inIncident(INCIDENT.slice(0, at) + put + INCIDENT.slice(at + 1));
      },
    ),
    { numRuns: 300 },
  );
});

test("with two registries, a connector says whose accounts it acts on", () => {
  const staff = ORGANISATION.replace(
    "connectors:",
    `  staff: { from: { csv: staff.csv }, key: id, identifiers: { email: email } }
connectors:`,
  );
  assert.deepEqual(inOrganisation(staff), [
    "tocsin.yaml:10:5: say whose accounts it acts on: of: customers or staff",
    "tocsin.yaml:14:11: say whose accounts it acts on: of: customers or staff",
  ]);
  const said = staff
    .replace("accounts:\n", "accounts:\n    of: customer\n")
    .replace("{ vendor: {", "{ of: staff, vendor: {");
  assert.deepEqual(inOrganisation(said), [
    "tocsin.yaml:10:9: there is no registry customer: did you mean customers?",
  ]);
});
