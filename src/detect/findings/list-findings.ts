import { z } from "zod";
import { Name } from "../../config/words.ts";
import { parse } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { LEVELS } from "../sigma/rule.ts";
import { FindingRow, findingColumns } from "./finding-row.ts";

export const ListFindingsInput = z.strictObject({
  rule: z.string().min(1).optional().describe("its id or its title"),
  since: z.iso.datetime({ offset: true }).optional().describe("changed since then"),
  incident: Name.optional(),
  level: z.enum(LEVELS).optional().describe("this one and above"),
  all: z.stringbool().default(false).describe("also closed and suppressed ones"),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, "write a number up to 9999")
    .transform(Number)
    .default(200),
});

/** Findings, the last changed first. */
export async function listFindings(
  ctx: Context,
  input: z.input<typeof ListFindingsInput>,
): Promise<FindingRow[]> {
  requireScope(ctx.actor, "findings:read");
  const { rule, since, incident, level, all, limit } = parse(ListFindingsInput, input);
  const levels = level === undefined ? LEVELS : LEVELS.slice(LEVELS.indexOf(level));
  const sql = ctx.db.read;
  const rows = await sql`
    select ${findingColumns(sql)} from findings
    where (${all} or state = 'open') and level = any(${[...levels]})
      and ${rule === undefined ? sql`true` : sql`(rule = ${rule} or title = ${rule})`}
      and ${since === undefined ? sql`true` : sql`changed_at >= ${since}`}
      and ${incident === undefined ? sql`true` : sql`incident = ${incident}`}
    order by changed_at desc, uid limit ${limit}`;
  return rows.map((row) => FindingRow.parse(row));
}

export type FindingFigures = {
  readonly open: number;
  readonly suppressions: {
    readonly rule: string;
    readonly entities: Readonly<Record<string, string>>;
    readonly until: string;
    readonly because: string;
    readonly madeBy: string;
    readonly findings: number;
    readonly events: number;
  }[];
};

const Suppressed = z.object({
  rule: z.string(),
  entities: z.record(z.string(), z.string()),
  until: z.date().transform((at) => at.toISOString()),
  because: z.string(),
  madeBy: z.string(),
  findings: z.coerce.number(),
  events: z.coerce.number(),
});

/** How many are open, and what is not shown and why. */
export async function findingFigures(ctx: Context): Promise<FindingFigures> {
  requireScope(ctx.actor, "findings:read");
  const [open] = await ctx.db.read<{ open: number }[]>`
    select count(*)::int as open from findings where state = 'open'`;
  const rows = await ctx.db.read`
    select rule, entities, until, because, made_by as "madeBy", findings, events
    from finding_suppressions where until > ${ctx.clock.now()} order by made_at`;
  return { open: open?.open ?? 0, suppressions: rows.map((row) => Suppressed.parse(row)) };
}
