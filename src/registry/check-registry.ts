import { TocsinError, type Problem } from "../core/errors.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { readColumns } from "./columns.ts";
import { openSource } from "./open-source.ts";
import { unknownColumns } from "./refuse-unknown-columns.ts";

export type RegistryCheck = {
  readonly registry: string;
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  /** What the source has. */
  readonly columns: readonly string[];
};

/** Connects, looks at the columns and reads a few rows. Changes nothing, here or there. */
export async function checkRegistry(ctx: Context, registry: string): Promise<RegistryCheck> {
  requireScope(ctx.actor, "registry:read");
  const source = ctx.organisation.registry[registry];
  if (!source) throw new TocsinError("not_found", `tocsin.yaml has no registry ${registry}`);
  let columns: readonly string[] = [];
  try {
    await using opened = await openSource(ctx, registry, source);
    columns = await opened.columns();
    const problems = unknownColumns(registry, source, columns);
    if (problems.length === 0) {
      await opened.probe({
        from: undefined,
        since: undefined,
        columns: readColumns(source),
        key: source.key,
        changed: source.changed,
        pageRows: 10,
        signal: ctx.signal,
      });
    }
    return { registry, ok: problems.length === 0, problems, columns };
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    return {
      registry,
      ok: false,
      problems: [{ at: `registry.${registry}.from`, message: error.message }],
      columns,
    };
  }
}
