import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { claimsOf, type EventRow, readLines } from "../../test/support/read-lines.ts";
import { sharedData } from "../../test/support/shared-data.ts";
import type { FieldPlace, Format } from "./format.ts";
import { SERVICE_FORMATS } from "./service-formats.ts";

// Every field that SigmaHQ's rules of these log sources name must be found in an event of ours: in a fixture, or in a real event
// where those are here. What is found in none stands below, with the reason.
const rules = sharedData("sigma");
const skip = rules === undefined ? "the shared data is not here" : false;

/** product/category/service of the rules → formats whose events they are run on. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  "aws//cloudtrail": ["cloudtrail"],
  "azure//activitylogs": ["azure-activity"],
  "azure//auditlogs": ["entra-audit"],
  "azure//signinlogs": ["entra-sign-in"],
  "azure//pim": ["entra-pim"],
  "azure//riskdetection": ["entra-risk"],
  "bitbucket//audit": ["bitbucket-audit"],
  "cisco//duo": ["duo"],
  "gcp//gcp.audit": ["gcp-audit"],
  "gcp//google_workspace.admin": ["google-workspace"],
  "gcp//google_workspace.login": ["google-workspace", "gcp-audit"],
  "github//audit": ["github-audit"],
  "kubernetes/application/audit": ["kubernetes-audit"],
  "kubernetes//audit": ["kubernetes-audit"],
  "m365//audit": ["m365-audit"],
  "m365//exchange": ["m365-audit"],
  "m365//threat_detection": ["m365-audit"],
  "m365//threat_management": ["m365-audit"],
  "okta//okta": ["okta"],
  "onelogin//onelogin.events": ["onelogin"],
  "zeek//dce_rpc": ["zeek"],
  "zeek//dns": ["zeek"],
  "zeek//http": ["zeek"],
  "zeek//kerberos": ["zeek"],
  "zeek//rdp": ["zeek"],
  "zeek//smb_files": ["zeek"],
  "zeek//x509": ["zeek"],
};

/** `product//service field` → why no event has it. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "azure//signinlogs ActivityDetails": "a column of the portal's list, in no exported sign-in",
};

for (const [source, names] of Object.entries(SOURCES))
  test(`fields of ${source} are found in its events`, { skip }, async (t) => {
    const fields = fieldsOf(source);
    assert.ok(fields.size > 0 || source === "");
    for (const name of names) {
      const format = SERVICE_FORMATS.find((each) => each.name === name);
      assert.ok(format);
      const rows = await events(format);
      const missing = [...fields].filter(
        ([field]) => !rows.some((row) => found(row, format.fieldPlaces(field))),
      );
      t.diagnostic(
        `${source} in ${name}: ${fields.size - missing.length} of ${fields.size} fields`,
      );
      assert.deepEqual(
        missing.map(([field]) => `${source} ${field}`),
        Object.keys(EXCEPTIONS).filter((key) => key.startsWith(`${source} `)),
      );
    }
  });

function found(row: EventRow, places: readonly FieldPlace[]): boolean {
  return places.some((place) => {
    if (place.in === "fields") return (row.fields[place.key] ?? "") !== "";
    if (place.in === "column") return row[place.column] !== "" && row[place.column] !== null;
    return values(JSON.parse(row.raw), place.path).length > 0;
  });
}

// An array on the way stands for each of its elements.
function values(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => values(each, path));
  const [first, ...others] = path;
  if (first === undefined) return value === undefined || value === null ? [] : [value];
  return typeof value === "object" && value !== null
    ? values(Reflect.get(value, first), others)
    : [];
}

const known = new Map<string, EventRow[]>();

async function events(format: Format): Promise<EventRow[]> {
  const before = known.get(format.name);
  if (before) return before;
  const file = join(import.meta.dirname, "service-formats", "fixtures", `${format.name}.ndjson`);
  const fixture = readFileSync(file, "utf8").trimEnd().split("\n");
  const claimed = await claimsOf([format], real());
  const own = real().filter((_, index) => claimed[index]?.length === 1);
  const rows = await readLines({ format, lines: [...fixture, ...own] });
  known.set(format.name, rows);
  return rows;
}

let lines: string[] | undefined;

function real(): readonly string[] {
  const audit = sharedData("saas-audit-events.jsonl");
  lines ??= audit === undefined ? [] : readFileSync(audit, "utf8").trimEnd().split("\n").map(logOf);
  return lines;
}

function logOf(line: string): string {
  return JSON.stringify(Object(JSON.parse(line)).log);
}

/** Field → the rules that name it. */
function fieldsOf(source: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const { file, rule } of everyRule()) {
    const { product = "", category = "", service = "" } = Object(rule.logsource);
    if (`${product}/${category}/${service}` !== source) continue;
    for (const [name, part] of Object.entries(Object(rule.detection)))
      if (name !== "condition" && name !== "timeframe")
        for (const field of namesIn(part)) fields.set(field, [...(fields.get(field) ?? []), file]);
  }
  return fields;
}

function namesIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(namesIn);
  if (typeof part !== "object" || part === null) return [];
  return Object.keys(part)
    .map((key) => key.split("|")[0] ?? "")
    .filter((name) => name !== "");
}

type Rule = { readonly logsource?: unknown; readonly detection?: unknown };

let all: { readonly file: string; readonly rule: Rule }[] | undefined;

function everyRule(): NonNullable<typeof all> {
  const folders = "rules*/{cloud,application,identity,network,category,web}/**/*.yml";
  all ??= [
    ...globSync(folders, { cwd: rules ?? "" }),
    ...globSync("rules-emerging-threats/**/*.yml", { cwd: rules ?? "" }).filter((file) =>
      /product: (aws|azure|gcp|m365|okta|github|kubernetes|zeek)/.test(
        readFileSync(join(rules ?? "", file), "utf8"),
      ),
    ),
  ].flatMap((file) =>
    parseAllDocuments(readFileSync(join(rules ?? "", file), "utf8")).map((document) => ({
      file,
      rule: Object(document.toJS()),
    })),
  );
  return all;
}
