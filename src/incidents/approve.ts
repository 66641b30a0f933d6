import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { raiseAlarm } from "./alarm-handler.ts";
import { parseAllowedSigners, requireSigner } from "./signing/allowed-signers.ts";
import { approvalMessage, SIGNING_NAMESPACE } from "./plan/plan-form.ts";
import { type PlanRow, planRow } from "./plan/plan-row.ts";
import { samePerson } from "./same-person.ts";
import { type SshSignature, verifySshSignature } from "./signing/ssh-signature.ts";

export const ApproveInput = z.strictObject({
  plan: z.string().describe("the digest, or enough of its start"),
  person: z.string().min(1).describe("who signs: the name in the allowed signers"),
  signature: z
    .string()
    .describe("an armoured SSH signature of the plan's approval message, namespace tocsin"),
});

export type Approval = {
  plan: string;
  person: string;
  approvals: number;
  needed: number;
  notBefore?: string;
};

/**
 * Takes one person's signature of the plan's digest. Twice by one person is a conflict; neither the planner nor anybody named in
 * the incident may approve; one key approves once. Above the ceiling the last approval starts the delay.
 * @throws TocsinError `refused`, `conflict`, `not_found`, `invalid`
 */
export async function approve(
  ctx: Context,
  input: z.input<typeof ApproveInput>,
): Promise<Approval> {
  requireScope(ctx.actor, "plans:approve");
  const { plan: prefix, person, signature } = parse(ApproveInput, input);
  const plan = await planRow(ctx, prefix);
  const signed = verifySshSignature(signature, approvalMessage(plan), SIGNING_NAMESPACE);
  await requireApprover(ctx, { plan, person, signed });
  return await write(ctx, "plans:approve", async (tx) => {
    const at = ctx.clock.now();
    // One after the other: two last approvals at once would each count one short, and neither would start the delay.
    await tx`select from plans where digest = ${plan.digest} for update`;
    const [row] = await tx`
      insert into approvals (plan, person, key_fingerprint, signature, approved_at)
      select p.digest, ${person}, ${signed.fingerprint}, ${signature}, ${at}
      from plans p
      where p.digest = ${plan.digest} and p.state = 'planned'
      on conflict do nothing returning plan`;
    if (!row) throw await whyNot(ctx, { plan, person });
    const [count] = await tx<
      { n: number }[]
    >`select count(*)::int as n from approvals where plan = ${plan.digest}`;
    const approvals = count?.n ?? 0;
    const needed = plan.form.approvals.people;
    const waits = approvals >= needed && plan.form.approvals.over_ceiling;
    const notBefore = waits
      ? new Date(at.getTime() + ctx.organisation.approvals.ceiling.delay)
      : undefined;
    if (notBefore) {
      await tx`update plans set not_before = coalesce(not_before, ${notBefore}) where digest = ${plan.digest}`;
      if (approvals === needed) await raiseAlarm(tx, ctx, { plan, notBefore });
    }
    const body = {
      plan: plan.digest,
      person,
      key: signed.fingerprint,
      touched: signed.touched ?? false,
    };
    return {
      result: {
        plan: plan.digest,
        person,
        approvals,
        needed,
        ...(notBefore ? { notBefore: notBefore.toISOString() } : {}),
      },
      entry: { kind: "plan.approved", incident: plan.incident, body },
    };
  });
}

type Claim = { plan: PlanRow; person: string; signed: SshSignature };

async function requireApprover(ctx: Context, { plan, person, signed }: Claim): Promise<void> {
  const path = resolve(ctx.folder.root, ctx.organisation.approvals.signers);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new TocsinError(
      "not_found",
      `no allowed signers at ${path}: list who may approve there`,
      { cause },
    );
  });
  const { signers } = parseAllowedSigners(text, path);
  const at = ctx.clock.now();
  requireSigner(signers, { person, publicKey: signed.publicKey, namespace: SIGNING_NAMESPACE, at });
  if (samePerson(person, plan.planned_by))
    throw new TocsinError("refused", `${person} made this plan: somebody else must approve it`);
  if (plan.form.approvals.involved.some((one) => samePerson(one, person))) {
    throw new TocsinError("refused", `${person} is named in the incident and cannot approve`);
  }
}

async function whyNot(
  ctx: Context,
  { plan, person }: { plan: PlanRow; person: string },
): Promise<TocsinError> {
  const now = await planRow(ctx, plan.digest);
  if (now.state !== "planned")
    return new TocsinError("conflict", `the plan ${plan.digest} is ${now.state} already`);
  return new TocsinError("conflict", `${person}, or this key, has approved ${plan.digest} already`);
}
