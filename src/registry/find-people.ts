import { z } from "zod";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { emailKey } from "./email-key.ts";
import { phoneKey } from "./phone-key.ts";
import { usernameKey } from "./username-key.ts";

export const FindPeopleInput = z.strictObject({
  who: z
    .string()
    .min(1)
    .max(500)
    .describe(
      "an e-mail address, a user name, a phone number or an account's id, written in any way",
    ),
  why: z.string().max(500).optional(),
  limit: z.int().min(1).max(1_000).default(100),
});

const PersonRow = z.object({
  registry: z.string(),
  account: z.string(),
  subject: z.string(),
  tenant: z.string(),
  email: z.string(),
  username: z.string(),
  phone: z.string(),
  name: z.string(),
  country: z.string(),
  region: z.string(),
  language: z.string(),
  contact_role: z.string(),
  contact_address: z.string(),
  do_not_contact: z.string(),
  minor: z.boolean(),
  estate: z.boolean(),
});
export type FoundPerson = z.output<typeof PersonRow>;

/** Accounts with that identifier, and the same people's other accounts. Each use is in the ledger, also one that finds nobody. */
export async function findPeople(
  ctx: Context,
  input: z.input<typeof FindPeopleInput>,
): Promise<FoundPerson[]> {
  requireScope(ctx.actor, "people:read");
  const { who, why, limit } = parse(FindPeopleInput, input);
  const click = await ctx.click();
  const found = await click.query(
    PersonRow,
    `select ${Object.keys(PersonRow.shape).join(", ")} from current_accounts
     where subject in (
       select subject from current_identifiers
       where (kind, value) in (('email', {email:String}), ('username', {username:String}), ('phone', {phone:String}), ('key', {key:String})))
     order by registry, account limit {limit:UInt32}`,
    {
      email: emailKey(who) ?? "",
      username: usernameKey(who) ?? "",
      phone: phoneKey(who) ?? "",
      key: who.trim(),
      limit,
    },
  );
  await write(ctx, "people:read", async () => ({
    result: undefined,
    entry: { kind: "people.read", body: { who, why: why ?? null, found: found.length } },
  }));
  return found;
}
