import { test } from "node:test";
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { IncidentFile } from "../config/incident-file.ts";
import { testContext, type TestContext } from "../../test/support/context.ts";
import { addEvidence } from "../evidence/add-evidence.ts";
import { refreshRegistry } from "../registry/refresh-registry.ts";
import { scopeEvidence } from "./scope-evidence.ts";

const REGISTRY = {
  customers: { from: { csv: "customers.csv" }, key: "id", identifiers: { email: "email", username: "username", phone: "phone" } },
};

const CUSTOMERS = `id,email,username,phone
1,ann@example.org,ann,+442079460018
2,bob@example.org,bob,
3,shared@example.org,carol,
4,shared@example.org,dave,
`;

async function withCustomers(customers = CUSTOMERS): Promise<TestContext> {
  const t = await testContext({ organisation: { registry: REGISTRY } });
  await writeFile(join(t.dir, "customers.csv"), customers);
  await refreshRegistry(t.ctx, {});
  return t;
}

async function scoped(t: TestContext, dump: string | Buffer, evidence: Record<string, unknown> = {}) {
  const path = join(t.dir, "dump.csv");
  await writeFile(path, dump);
  const file = IncidentFile.parse({ incident: "inc", title: "t", lead: "l", evidence: { dump: { file: "dump.csv", kind: "records", ...evidence } } });
  await addEvidence(t.ctx, { incident: "inc", key: "dump", path, kind: "records" });
  return await scopeEvidence(t.ctx, { incident: "inc", file, key: "dump" });
}

const Exposure = z.object({ account: z.string(), category: z.string(), sureness: z.string(), locator: z.number(), matched_by: z.string(), detail: z.string(), grade: z.string() });

async function exposures(t: TestContext) {
  const click = await t.ctx.click();
  return await click.query(Exposure, "select account, category, sureness, locator, matched_by, detail, grade from exposures order by locator, account, category, detail");
}

test("a dump becomes exposures of whom its rows point to, each value told by its form", async () => {
  await using t = await withCustomers();
  const dump = `username,email,password_hash,github_token
ann,Ann@Example.org,$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy,
BOB,bob@example.org,5f4dcc3b5aa765d61d8327deb882cf99,ghp_bad
`;
  const result = await scoped(t, dump);
  console.log(result);
  console.log(await exposures(t));
});
