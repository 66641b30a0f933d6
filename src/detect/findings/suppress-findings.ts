import { randomUUID } from "node:crypto";
import { z } from "zod";
import { plainJson } from "../../core/canonical.ts";
import { TocsinError } from "../../core/errors.ts";
import { parse } from "../../core/parse.ts";
import type { Context } from "../../db/context.ts";
import type { Tx } from "../../db/postgres.ts";
import { write } from "../../ledger/write.ts";
import { covers } from "./store-findings.ts";

export const SuppressFindingsInput = z.strictObject({
  rule: z.string().min(1).max(500).describe("its id or its title"),
  entities: z
    .record(z.string().min(1), z.string())
    .default({})
    .describe("only findings that have all of them: src_endpoint.ip = 203.0.113.9"),
  until: z.iso.datetime({ offset: true }).describe("no suppression is for ever"),
  because: z.string().trim().min(1).max(10_000),
});

export type Suppressed = { id: string; rule: string; until: string; hidden: number };

/** Findings of the rule are counted and not shown until then; those that are open now are set aside. */
export async function suppressFindings(
  ctx: Context,
  input: z.input<typeof SuppressFindingsInput>,
): Promise<Suppressed> {
  const { rule, entities, until, because } = parse(SuppressFindingsInput, input);
  const now = ctx.clock.now();
  if (Date.parse(until) <= now.getTime())
    throw new TocsinError("invalid", `until ${until} is over: name a time to come`);
  return await write(ctx, "findings:write", async (tx) => {
    const id = randomUUID();
    await tx`
      insert into finding_suppressions (id, rule, entities, until, because, made_by, made_at)
      values (${id}, ${rule}, ${tx.json(entities)}, ${until}, ${because}, ${ctx.actor.name}, ${now})`;
    const hidden = await setAside(tx, { rule, entities, now });
    const body = plainJson({ suppression: id, rule, entities, until, because, hidden });
    return {
      result: { id, rule, until, hidden: hidden.length },
      entry: { kind: "findings.suppressed", body },
    };
  });
}

const Open = z.object({
  uid: z.string(),
  rule: z.string(),
  title: z.string(),
  entities: z.array(z.object({ name: z.string(), value: z.string() })),
});

async function setAside(
  tx: Tx,
  { rule, entities, now }: { rule: string; entities: Readonly<Record<string, string>>; now: Date },
): Promise<string[]> {
  const rows = await tx`
    select uid, rule, title, entities from findings
    where state = 'open' and (rule = ${rule} or title = ${rule}) for update`;
  const covered = rows
    .map((row) => Open.parse(row))
    .filter((one) =>
      covers(
        { rule, entities: { ...entities } },
        { ...one, rule: { id: one.rule, title: one.title, level: "low", tags: [], file: "" } },
      ),
    )
    .map(({ uid }) => uid);
  if (covered.length > 0)
    await tx`update findings set state = 'suppressed', changed_at = ${now} where uid = any(${covered})`;
  return covered;
}
