// What the tests of this folder share: a context with one registry, and what its readers see.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { testContext, type TestContext } from "../../test/support/context.ts";

export const CUSTOMERS = {
  key: "id",
  identifiers: { email: "email", username: "username", phone: "phone" },
  name: "name",
  country: "country",
  attributes: ["plan"],
};

/** One registry, `customers`, read from customers.csv unless `more` says otherwise. */
export async function registryContext(
  more: Readonly<Record<string, unknown>> = {},
): Promise<TestContext> {
  return await testContext({
    organisation: {
      registry: { customers: { from: { csv: "customers.csv" }, ...CUSTOMERS, ...more } },
    },
  });
}

export function put(t: TestContext, text: string | Uint8Array, file = "customers.csv"): void {
  writeFileSync(join(t.dir, file), text);
}

/** Rows of a select as text, for comparing. */
export async function rows(t: TestContext, sql: string): Promise<Record<string, unknown>[]> {
  const click = await t.ctx.click();
  return await click.query(z.record(z.string(), z.unknown()), sql);
}

export async function accounts(
  t: TestContext,
  columns: string,
): Promise<Record<string, unknown>[]> {
  return await rows(t, `select ${columns} from current_accounts order by account`);
}

export async function asideOf(t: TestContext): Promise<string[]> {
  const found = await rows(
    t,
    "select row, account, reason, effect from current_set_aside order by row, reason",
  );
  return found.map(
    ({ row, account, reason, effect }) =>
      `${String(row)} ${String(account)} ${String(reason)} ${String(effect)}`,
  );
}
