import { z } from "zod";
import { Name } from "../config/words.ts";
import { plainJson } from "../core/canonical.ts";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import type { Tx } from "../db/postgres.ts";
import { write } from "../ledger/write.ts";
import { DECISIONS } from "./decisions.ts";
import type { IncidentState } from "./incident.ts";
import { goingRun } from "./going-run.ts";
import { samePerson } from "./same-person.ts";

export const DecideInput = z.strictObject({
  incident: Name,
  what: z.enum(DECISIONS),
  because: z.string().trim().min(1).describe("why: facts get their weight from this"),
  at: z.iso.datetime({ offset: true }).optional().describe("since when it holds; now by default"),
  facts: z.array(z.string()).default([]).describe("what it rests on: evidence, findings, reports"),
  second: z.string().trim().min(1).optional().describe("the second person; needed to refute"),
  ends: z.int().optional().describe("lift: the number of the hold"),
  to: z.string().trim().min(1).optional().describe("lead: who leads from now on"),
});
type Decision = z.output<typeof DecideInput>;

export type Decided = { incident: string; number: number; what: string; state: string };

/** States that a decision leads to, and from which. Others change nothing but the record. */
const MOVES: Partial<
  Record<Decision["what"], { from: readonly IncidentState[]; to: IncidentState }>
> = {
  declare: { from: ["suspected"], to: "declared" },
  contained: { from: ["declared"], to: "contained" },
  refute: { from: ["suspected", "declared"], to: "refuted" },
};

/**
 * Records who decided what, since when, why, on which facts. A later *aware* or *lead* ends the one before; nothing is overwritten.
 * @throws TocsinError `refused` where a second person is missing, `conflict` where the incident's state does not allow it
 */
export async function decide(ctx: Context, input: z.input<typeof DecideInput>): Promise<Decided> {
  const decision = parse(DecideInput, input);
  requireWhole(ctx, decision);
  const { incident, what } = decision;
  return await write(ctx, "incidents:decide", async (tx) => {
    const state = await lockIncident(tx, incident);
    const move = MOVES[what];
    if (move && !move.from.includes(state)) {
      throw new TocsinError(
        "conflict",
        `${incident} is ${state}: ${what} is decided of an incident that is ${move.from.join(" or ")}`,
      );
    }
    const number = await insertDecision(tx, ctx, decision);
    await endEarlier(tx, decision, number);
    if (what === "refute") await requireNothingGoing(ctx, incident);
    if (move) await tx`update incidents set state = ${move.to} where name = ${incident}`;
    if (what === "lead")
      await tx`update incidents set lead = ${decision.to ?? ""} where name = ${incident}`;
    const { incident: _incident, ...body } = { ...decision, number };
    return {
      result: { incident, number, what, state: move?.to ?? state },
      entry: { kind: "decision.made", incident, body: plainJson(body) },
    };
  });
}

/** Notices of a breach that was none must not go on. */
async function requireNothingGoing(ctx: Context, incident: string): Promise<void> {
  const going = await goingRun(ctx, incident);
  if (going)
    throw new TocsinError(
      "refused",
      `run ${going.number} of ${incident} is ${going.state}: abort it, then refute`,
    );
}

function requireWhole(ctx: Context, { what, second, ends, to, at }: Decision): void {
  // Clocks run from *aware*: a date to come would hand out time that no law gives.
  if (at !== undefined && Date.parse(at) > ctx.clock.now().getTime())
    throw new TocsinError("invalid", `it cannot hold since ${at}: that is yet to come`);
  if (what === "refute" && (second === undefined || samePerson(second, ctx.actor.name))) {
    throw new TocsinError(
      "refused",
      "to refute takes a second person: --second NAME, not yourself",
    );
  }
  if (what === "lift" && ends === undefined)
    throw new TocsinError("invalid", "say which hold is lifted: --ends NUMBER");
  if (what === "lead" && to === undefined)
    throw new TocsinError("invalid", "say who leads from now on: --to NAME");
}

/** Decisions on one incident come one after the other. @throws TocsinError `not_found` */
export async function lockIncident(tx: Tx, incident: string): Promise<IncidentState> {
  const [row] = await tx<
    { state: IncidentState }[]
  >`select state from incidents where name = ${incident} for update`;
  if (!row)
    throw new TocsinError("not_found", `there is no incident ${incident}: tocsin new ${incident}`);
  return row.state;
}

async function insertDecision(tx: Tx, ctx: Context, of: Decision): Promise<number> {
  const now = ctx.clock.now();
  const [row] = await tx<{ number: number }[]>`
    insert into decisions (incident, number, what, effective_at, because, facts, decided_by, seconded_by, decided_at)
    select ${of.incident}, coalesce(max(number), 0) + 1, ${of.what}, ${of.at ?? now}, ${of.because}, ${tx.json(of.facts)},
      ${ctx.actor.name}, ${of.second ?? null}, ${now}
    from decisions where incident = ${of.incident}
    returning number`;
  if (!row) throw new Error("the insert returned no number");
  return row.number;
}

async function endEarlier(
  tx: Tx,
  { incident, what, ends }: Decision,
  number: number,
): Promise<void> {
  if (what === "aware" || what === "lead") {
    await tx`
      update decisions set ended_by = ${number}
      where incident = ${incident} and what = ${what} and number < ${number} and ended_by is null`;
  }
  if (what !== "lift" || ends === undefined) return;
  const [row] = await tx`
    update decisions set ended_by = ${number}
    where incident = ${incident} and what = 'hold' and number = ${ends} and ended_by is null returning number`;
  if (!row) throw new TocsinError("conflict", `decision ${ends} is no hold that stands`);
}
