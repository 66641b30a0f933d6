import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { testContext, type TestContext } from "../../test/support/context.ts";
import { refreshRegistry } from "./refresh-registry.ts";

const CUSTOMERS = { from: { csv: "customers.csv" }, key: "id", identifiers: { email: "email", username: "username", phone: "phone" }, name: "name", country: "country", attributes: ["plan"] };

function put(t: TestContext, text: string): void {
  writeFileSync(join(t.dir, "customers.csv"), text);
}

const Row = z.object({ account: z.string(), address: z.string(), username: z.string(), phone: z.string(), contact_address: z.string(), subject: z.string(), attributes: z.record(z.string(), z.string()) });

async function accounts(t: TestContext) {
  const click = await t.ctx.click();
  return await click.query(Row, "select account, address, username, phone, contact_address, subject, attributes from current_accounts order by account");
}

test("a CSV file becomes accounts with comparable identifiers", async () => {
  await using t = await testContext({ organisation: { registry: { customers: CUSTOMERS } } });
  put(t, "id,email,username,phone,name,country,plan\n1,Jo.Doe+x@Gmail.com,JoDoe,030 901820,Jo,de,pro\n2,nobody,Ann,+44 20 7946 0018,Ann,GB,free\n");
  const [done] = await refreshRegistry(t.ctx, {});
  console.log(done);
  console.log(await accounts(t));
});
