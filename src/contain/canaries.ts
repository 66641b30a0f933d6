// Planted accounts of the organisation's own, in the breached data like any customer's. They try to sign in with the secret that
// was exposed: before, they must get in, or the probe proves nothing; afterwards they must be refused.
import { readFile } from "node:fs/promises";
import { resolve as resolvePath } from "node:path";
import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import type { Canaries } from "../config/connectors-schema.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { openOutgoing, type Outgoing } from "./connectors/outgoing.ts";
import { escapeFor, requestTemplate } from "./connectors/request-template.ts";
import { csvRows } from "./csv-rows.ts";

export const VERDICTS = ["accepted", "refused", "unclear"] as const;
/** `unclear`: neither the answer of a sign-in that works nor of one that does not. */
export type Verdict = (typeof VERDICTS)[number];

export type Probe = { readonly key: string; readonly verdict: Verdict; readonly reason?: string };

export type Prober = Disposable & {
  readonly keys: ReadonlySet<string>;
  /** Signs in as those of `keys` that are planted; by default all. */
  probe(keys?: readonly string[]): Promise<Probe[]>;
};

/** @throws TocsinError `invalid` where the file cannot be read, has no column `key`, or a template does not parse */
export async function openProber(ctx: Context, canaries: Canaries): Promise<Prober> {
  const rows = await readCanaries(ctx, canaries.accounts);
  const outgoing = openOutgoing({
    internalHost: canaries.allow_internal ? new URL(canaries.url).hostname : undefined,
    timeoutMs: 15_000,
    connections: 4,
  });
  const signIn = signInWith(canaries, outgoing);
  return {
    keys: new Set(rows.keys()),
    probe: async (keys = [...rows.keys()]) => {
      const planted = keys.flatMap((key) => [rows.get(key) ?? []].flat());
      return await Promise.all(planted.map(signIn));
    },
    [Symbol.dispose]: () => outgoing[Symbol.dispose](),
  };
}

type CanaryRow = Readonly<Record<string, string>> & { readonly key: string };

async function readCanaries(ctx: Context, file: string): Promise<ReadonlyMap<string, CanaryRow>> {
  const text = await readFile(resolvePath(ctx.folder.root, file), "utf8").catch(
    (error: unknown) => {
      throw new TocsinError("invalid", `the canaries in ${file} cannot be read`, { cause: error });
    },
  );
  const rows = csvRows(text).map((row) => {
    const { key } = row;
    if (!key)
      throw new TocsinError("invalid", `${file}: every canary needs a value in the column key`);
    return [key, { ...row, key }] as const;
  });
  return new Map(rows);
}

function signInWith(canaries: Canaries, outgoing: Outgoing): (row: CanaryRow) => Promise<Probe> {
  const body =
    canaries.body === undefined
      ? undefined
      : requestTemplate(canaries.body, escapeFor(canaries.content_type));
  const headers = Object.entries(canaries.headers).map(
    ([name, value]) => [name, requestTemplate(value)] as const,
  );
  return async (row) => {
    const answered = await outgoing.request({
      method: canaries.method,
      url: new URL(canaries.url),
      headers: {
        ...(body && { "content-type": canaries.content_type }),
        ...Object.fromEntries(headers.map(([name, template]) => [name, template(row)])),
      },
      ...(body && { body: body(row) }),
    });
    if (answered.kind !== "answer")
      return { key: row.key, verdict: "unclear", reason: answered.reason };
    if (canaries.accepted.includes(answered.status)) return { key: row.key, verdict: "accepted" };
    if (canaries.refused.includes(answered.status)) return { key: row.key, verdict: "refused" };
    return { key: row.key, verdict: "unclear", reason: `http-${answered.status}` };
  };
}

export type ProbesOf = {
  readonly incident: string;
  readonly connector: string;
  readonly phase: "before" | "after";
};

/** The first `before` of a canary stays, because later ones may already stand after the act; of `after`, the latest. */
export async function recordProbes(
  ctx: Context,
  of: ProbesOf,
  probes: readonly Probe[],
): Promise<void> {
  if (probes.length === 0) return;
  await write(ctx, "work:run", async (tx) => {
    for (const { key, verdict, reason = null } of probes) {
      await tx`
        insert into canary_probes (incident, connector, key, phase, verdict, reason, at)
        values (${of.incident}, ${of.connector}, ${key}, ${of.phase}, ${verdict}, ${reason}, ${ctx.clock.now()})
        on conflict (incident, connector, key, phase) do update
          set verdict = excluded.verdict, reason = excluded.reason, at = excluded.at
          where canary_probes.phase = 'after'`;
    }
    const body = {
      connector: of.connector,
      phase: of.phase,
      probes: probes.map((probe) => ({ ...probe })),
    };
    return { result: undefined, entry: { kind: "canaries.probed", incident: of.incident, body } };
  });
}

const Row = z.object({
  key: z.string(),
  phase: z.enum(["before", "after"]),
  verdict: z.enum(VERDICTS),
});

/** What was found of each canary, per phase. */
export async function probesOf(
  ctx: Context,
  of: Omit<ProbesOf, "phase">,
): Promise<z.output<typeof Row>[]> {
  const rows = await ctx.db.read`
    select key, phase, verdict from canary_probes
    where incident = ${of.incident} and connector = ${of.connector} order by key, phase`;
  return rows.map((row) => Row.parse(row));
}
