import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { TocsinError, type Problem } from "../core/errors.ts";
import { requireScope } from "../core/scope.ts";
import type { OrganisationContext } from "./organisation-context.ts";
import { loadIncident } from "./load-incident.ts";
import { entriesOf, itemsOf, textOf } from "./raw.ts";

/** A connection to try. `run` changes nothing at the far side and says in a few words what it found. */
export type Check = {
  readonly name: string;
  readonly run: (signal: AbortSignal) => Promise<string>;
};

export type CheckResult = {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, or what is wrong and what to do. */
  readonly says: string;
  readonly problems: readonly Problem[];
  readonly ms: number;
};

export type CheckedOrganisation = {
  readonly ok: boolean;
  readonly results: readonly CheckResult[];
  /** Nothing that stops work: secrets that others on the machine can read. */
  readonly warnings: readonly string[];
};

const LONGEST_MS = 20_000;

/**
 * Checks every incident's file, who can read the secrets, and tries every connection at once, each for 20 seconds at most.
 * tocsin.yaml itself was checked when the context was made.
 */
export async function checkOrganisation(
  ctx: OrganisationContext,
  { checks }: { checks: readonly Check[] },
): Promise<CheckedOrganisation> {
  requireScope(ctx.actor, "incidents:read");
  const files = await Promise.all(
    (await incidentNames(ctx)).map(async (name) => await tryOne(ctx, incidentCheck(ctx, name))),
  );
  const connections = await Promise.all(checks.map(async (check) => await tryOne(ctx, check)));
  const results = [...files, ...connections];
  return { ok: results.every(({ ok }) => ok), results, warnings: await openSecrets(ctx) };
}

function incidentCheck(ctx: OrganisationContext, name: string): Check {
  return {
    name: `incidents/${name}/incident.yaml`,
    run: async () => {
      const file = await loadIncident(
        join(ctx.folder.root, "incidents", name, "incident.yaml"),
        ctx,
      );
      if (file.incident !== name)
        throw new TocsinError(
          "invalid",
          `it says incident: ${file.incident}, and its folder is ${name}`,
        );
      return "valid";
    },
  };
}

async function tryOne(ctx: OrganisationContext, { name, run }: Check): Promise<CheckResult> {
  const started = performance.now();
  const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(LONGEST_MS)]);
  const late = Promise.withResolvers<never>();
  const onAbort = (): void => late.reject(new TocsinError("unavailable", "no answer in time"));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const says = await Promise.race([run(signal), late.promise]);
    return { name, ok: true, says, problems: [], ms: Math.round(performance.now() - started) };
  } catch (error) {
    ctx.signal.throwIfAborted();
    if (!(error instanceof TocsinError)) throw error;
    return {
      name,
      ok: false,
      says: error.message,
      problems: error.problems,
      ms: Math.round(performance.now() - started),
    };
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function incidentNames(ctx: OrganisationContext): Promise<string[]> {
  try {
    const entries = await readdir(join(ctx.folder.root, "incidents"), { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .toSorted();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** Every `*_file` of tocsin.yaml that is not its owner's alone, or is not there. */
async function openSecrets(ctx: OrganisationContext): Promise<string[]> {
  const found = secretFiles(ctx.organisation).map(async (path) => {
    const mode = await stat(resolve(ctx.folder.root, path)).then(
      (file) => file.mode,
      () => undefined,
    );
    if (mode === undefined) return [`${path} is not there`];
    return (mode & 0o077) === 0
      ? []
      : [`${path} can be read by others on this machine: chmod 600 ${path}`];
  });
  return (await Promise.all(found)).flat();
}

function secretFiles(value: unknown): string[] {
  if (Array.isArray(value)) return itemsOf(value).flatMap(secretFiles);
  return entriesOf(value).flatMap(([key, one]) => {
    const path = textOf(one);
    return key.endsWith("_file") && path !== undefined ? [path] : secretFiles(one);
  });
}
