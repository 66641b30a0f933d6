// Which findings open or join an incident, by `detect.opens` of tocsin.yaml. What an incident is, is not ours: whoever puts the process
// together says how a finding comes to one.
import { z } from "zod";
import type { Opens } from "../../config/detect-schema.ts";
import type { Context } from "../../db/context.ts";
import { LEVELS } from "../sigma/rule.ts";

export type FindingForIncident = {
  readonly uid: string;
  readonly title: string;
  readonly level: string;
  readonly incident: string;
};

/** Puts the finding into the incident, once, whoever else does the same at the same time. */
export type TakeFinding = (ctx: Context, finding: FindingForIncident) => Promise<unknown>;

const Row = z.object({
  uid: z.string(),
  rule: z.string(),
  title: z.string(),
  level: z.enum(LEVELS),
  tags: z.array(z.string()),
});
type Row = z.output<typeof Row>;

/** Every open finding that is in no incident and belongs into one. What a crash left is found here by the next. */
export async function openIncidents(
  ctx: Context,
  { opens, take }: { opens: readonly Opens[]; take: TakeFinding },
): Promise<number> {
  if (opens.length === 0) return 0;
  const rules = opens.flatMap((one) => ("rule" in one ? [one.rule] : []));
  const tags = opens.flatMap((one) => ("tag" in one ? [one.tag] : []));
  const levels = opens.flatMap((one) => ("level" in one ? atLeast(one.level) : []));
  const rows = await ctx.db.read`
    select uid, rule, title, level, tags from findings
    where state = 'open' and incident is null and evidence is null
      and (rule = any(${rules}) or title = any(${rules}) or level = any(${levels}) or jsonb_exists_any(tags, ${tags}))
    order by found_at, uid limit 1000`;
  for (const row of rows) {
    const finding = Row.parse(row);
    const incident = opens.find((one) => fits(one, finding))?.incident;
    const { uid, title, level } = finding;
    if (incident !== undefined) await take(ctx, { uid, title, level, incident });
  }
  return rows.length;
}

function atLeast(level: string): string[] {
  return LEVELS.slice(LEVELS.findIndex((one) => one === level));
}

function fits(opens: Opens, { rule, title, level, tags }: Row): boolean {
  if ("rule" in opens) return opens.rule === rule || opens.rule === title;
  if ("tag" in opens) return tags.includes(opens.tag);
  return atLeast(opens.level).includes(level);
}
