import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import type { Handler, Prepared, StepOf, Traits } from "../work/handler.ts";
import type { Action } from "./action.ts";
import { actionOf } from "./action-of.ts";
import { githubControl } from "./github-control.ts";
import { prepareGithubCheck, prepareGithubRevoke } from "./connectors/github.ts";
import { prepareHttp } from "./connectors/http.ts";
import { prepareManual } from "./connectors/manual.ts";
import { prepareSql } from "./connectors/sql.ts";
import { prepareVendor } from "./connectors/vendor.ts";
import type { SendToVendor } from "./vendor-mail.ts";
import { withCanaries } from "./with-canaries.ts";

const Settings = z.object({
  /** `accounts.invalidate-password` */
  action: z.string(),
  of: z.string().optional(),
  /** How many targets the step has, for the letter to a vendor. */
  count: z.int().min(0).optional(),
  undo: z.boolean().default(false),
});
type Settings = z.output<typeof Settings>;

type Step = StepOf & {
  readonly action: Action;
  readonly wants: Settings;
  readonly traits: Traits;
};

/** Containment as a kind of work. A vendor is only put down as to be asked: `chaseVendors` sends what is due. */
export const containHandler: Handler = containHandlerWith({});

/** As `containHandler`; with `send`, a vendor is asked at once. */
export function containHandlerWith(given: { readonly send?: SendToVendor }): Handler {
  return {
    kind: "contain",
    prepare: async (ctx, settings, of) => {
      const wants = parse(Settings, settings);
      const action = actionOf(ctx.organisation, wants.action);
      const step = { ...of, action, wants, traits: traitsOf(ctx, action) };
      return await prepareStep(ctx, step, given.send);
    },
  };
}

async function prepareStep(
  ctx: Context,
  step: Step,
  send: SendToVendor | undefined,
): Promise<Prepared> {
  const { action, traits, wants } = step;
  const connector = ctx.organisation.connectors[action.connector];
  if (!connector)
    throw new TocsinError("not_found", `tocsin.yaml has no connector ${action.connector}`);
  if (wants.undo && !("sql" in connector))
    throw new TocsinError("invalid", `${action.name} cannot be taken back`);
  if ("github" in connector) {
    const control = githubControl(ctx, { incident: step.incident, connector: action.connector });
    const prepare = action.key === "check-token" ? prepareGithubCheck : prepareGithubRevoke;
    return await prepare(ctx, { connector, traits, control });
  }
  if ("vendor" in connector)
    return await prepareVendor(ctx, { connector, step, ...(send && { send }) });
  if ("manual" in connector) return prepareManual(ctx, { connector, action, traits });
  const watched = {
    incident: step.incident,
    action,
    canaries: wants.undo ? undefined : connector.canaries,
  };
  const prepared =
    "sql" in connector ? await sqlStep(connector, step) : await httpStep(ctx, connector, step);
  return watched.canaries
    ? await withCanaries(ctx, prepared, { ...watched, canaries: watched.canaries })
    : prepared;
}

async function sqlStep(
  connector: Parameters<typeof prepareSql>[0]["connector"],
  step: Step,
): Promise<Prepared> {
  const action = connector.actions[step.action.key];
  if (!action) throw new TypeError(`no action ${step.action.name}`);
  return await prepareSql({
    connector,
    action,
    traits: step.traits,
    watching: step.action.watching,
    undo: step.wants.undo,
  });
}

async function httpStep(
  ctx: Context,
  connector: Parameters<typeof prepareHttp>[1]["connector"],
  step: Step,
): Promise<Prepared> {
  const action = connector.actions[step.action.key];
  if (!action) throw new TypeError(`no action ${step.action.name}`);
  return await prepareHttp(ctx, {
    connector,
    action,
    traits: step.traits,
    watching: step.action.watching,
  });
}

/** The pace is the connector's account's, shared by all its actions. */
function traitsOf(ctx: Context, action: Action): Traits {
  const { idempotent, batch, pace } = action.traits;
  const bucket = `contain:${action.connector}${action.key === "check-token" ? ":check" : ""}`;
  const concurrency = concurrencyOf(ctx, action);
  return { idempotent, batch, concurrency, ...(pace ? { pace: { ...pace, bucket } } : { bucket }) };
}

function concurrencyOf(ctx: Context, action: Action): number {
  const connector = ctx.organisation.connectors[action.connector];
  if (connector && "http" in connector) return connector.http.connections;
  return { sql: 2, http: 8, github: 4, vendor: 1, manual: 1 }[action.kind];
}
