import { z } from "zod";
import { Name } from "../../config/words.ts";
import { columnWords, factsOf } from "../../core/categories.ts";
import { parse } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { write } from "../../ledger/write.ts";
import { notReached, type NotReached } from "../../notices/fates/not-reached.ts";
import { incidentRow } from "../incident.ts";

export const PeopleNotReachedInput = z.strictObject({
  incident: Name,
  only: z.enum(["unreachable", "refused"]).optional(),
});

export type PersonNotReached = Omit<NotReached, "person"> & {
  readonly name: string;
  readonly to: string;
  readonly language: string;
  readonly country: string;
  readonly phone: string;
  readonly accounts: readonly string[];
  /** What the registry keeps of a postal address, by its own names of columns. */
  readonly postal: Readonly<Record<string, string>>;
};

const Registered = z.object({
  subject: z.string(),
  name: z.string(),
  phone: z.string(),
  country: z.string(),
  attributes: z.record(z.string(), z.string()),
});
type Registered = z.output<typeof Registered>;

/**
 * The cohort *unreachable*: people whom an incident's notices did not reach, with what another channel needs. Personal data: that somebody
 * looked is in the ledger, also when nobody is found.
 */
export async function peopleNotReached(
  ctx: Context,
  input: z.input<typeof PeopleNotReachedInput>,
): Promise<PersonNotReached[]> {
  requireScope(ctx.actor, "people:read");
  const { incident, only } = parse(PeopleNotReachedInput, input);
  await incidentRow(ctx, incident);
  const all = await notReached(ctx, incident);
  const found = only === undefined ? all : all.filter(({ fate }) => fate === only);
  const registered = await registeredOf(
    ctx,
    found.map(({ subject }) => subject),
  );
  await write(ctx, "people:read", async () => ({
    result: undefined,
    entry: {
      kind: "people.read",
      incident,
      body: { cohort: "unreachable", only: only ?? null, found: found.length },
    },
  }));
  return found.map((one) => shown(one, registered.get(one.subject)));
}

async function registeredOf(
  ctx: Context,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, Registered>> {
  const known = new Map<string, Registered>();
  if (subjects.length === 0) return known;
  const click = await ctx.click();
  for (let from = 0; from < subjects.length; from += ROWS) {
    const rows = await click.query(
      Registered,
      `select toString(subject) as subject, any(name) as name, any(phone) as phone, any(country) as country, any(attributes) as attributes
       from current_accounts where toString(subject) in {subjects:Array(String)} group by subject`,
      { subjects: subjects.slice(from, from + ROWS) },
    );
    for (const row of rows) known.set(row.subject, row);
  }
  return known;
}

const ROWS = 10_000;

function shown(
  { person, ...own }: NotReached,
  registered: Registered | undefined,
): PersonNotReached {
  return {
    ...own,
    name: person.name || (registered?.name ?? ""),
    to: person.to,
    language: person.language,
    country: registered?.country ?? "",
    phone: registered?.phone ?? "",
    accounts: person.accounts.map(({ username, account }) => username || account),
    postal: postalOf(registered?.attributes ?? {}),
  };
}

function postalOf(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const postal = factsOf("user.contact.address")?.columns;
  return Object.fromEntries(
    Object.entries(attributes).filter(([name]) => postal?.test(columnWords(name)) === true),
  );
}
