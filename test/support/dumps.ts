// A small registry and dumps against it, for tests of scoping.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { IncidentFile } from "../../src/config/incident-file.ts";
import { addEvidence } from "../../src/evidence/add-evidence.ts";
import { refreshRegistry } from "../../src/registry/refresh-registry.ts";
import { scopeEvidence } from "../../src/scope/scope-evidence.ts";
import type { Scoped } from "../../src/scope/scoping.ts";
import { testContext, type TestContext } from "./context.ts";

const REGISTRY = {
  customers: {
    from: { csv: "customers.csv" },
    key: "id",
    identifiers: { email: "email", username: "username", phone: "phone" },
  },
};

export const CUSTOMERS = `id,email,username,phone
1,ann@example.org,ann,+442079460018
2,bob@example.org,bob,
3,carol@example.org,carol,
4,dave@example.org,dave,
`;

/** The columns are at least id, email, username and phone. */
export async function withCustomers(
  customers = CUSTOMERS,
  source: Readonly<Record<string, unknown>> = {},
): Promise<TestContext> {
  const t = await testContext({
    organisation: { registry: { customers: { ...REGISTRY.customers, ...source } } },
  });
  await writeFile(join(t.dir, "customers.csv"), customers);
  await refreshRegistry(t.ctx, {});
  return t;
}

/** An incident.yaml with one piece of evidence, `dump`. */
export function fileOf(
  evidence: Readonly<Record<string, unknown>> = {},
  rest: Readonly<Record<string, unknown>> = {},
): IncidentFile {
  return IncidentFile.parse({
    incident: "inc",
    title: "t",
    lead: "l",
    evidence: { dump: { file: "dump.csv", kind: "records", ...evidence } },
    ...rest,
  });
}

/** Takes the dump in as `dump` and scopes it. */
export async function scoped(
  t: TestContext,
  dump: string | Buffer,
  evidence: Readonly<Record<string, unknown>> = {},
): Promise<Scoped> {
  return await scopedAs(t, { key: "dump", dump, file: fileOf(evidence) });
}

export async function scopedAs(
  t: TestContext,
  { key, dump, file }: { key: string; dump: string | Buffer; file: IncidentFile },
): Promise<Scoped> {
  const path = join(t.dir, `${file.incident}-${key}`);
  await writeFile(path, dump);
  await addEvidence(t.ctx, { incident: file.incident, key, path, kind: "records" });
  return await scopeEvidence(t.ctx, { incident: file.incident, file, key });
}

const Line = z.object({ line: z.string() });

/** One line an exposure: `1 user.name confirmed row 1 by email`, with detail and grade where there are any. */
export async function exposuresOf(t: TestContext, incident = "inc"): Promise<string[]> {
  const click = await t.ctx.click();
  const rows = await click.query(
    Line,
    `select concat(account, ' ', category, ' ', sureness, ' row ', toString(locator), ' by ', matched_by,
       if(detail = '', '', concat(' ', detail)), if(grade = '', '', concat(' ', grade))) as line
     from exposures where incident = {incident:String} order by locator, account, category, detail`,
    { incident },
  );
  return rows.map((row) => row.line);
}
