// The `sql` connector: the organisation's own database, by its own statements. Set-based: one statement does a batch.
import { TocsinError } from "../../core/errors.ts";
import type { SqlAction, SqlConnector } from "../../config/connectors-schema.ts";
import type {
  Batch,
  Ended,
  Prepared,
  Reconciled,
  TaskOutcome,
  Traits,
} from "../../work/handler.ts";
import { openMysqlFarSide } from "./mysql-far-side.ts";
import { openPostgresFarSide } from "./postgres-far-side.ts";
import {
  fits,
  type KeyType,
  type SqlFailure,
  type SqlFarSide,
  type SqlResult,
} from "./sql-far-side.ts";
import { parseStatement, type SqlDialect, type SqlStatement } from "./sql-statement.ts";

/** Statements of one action, parsed. */
export type SqlWork = {
  readonly do?: SqlStatement;
  readonly left: SqlStatement;
  readonly found?: SqlStatement;
  readonly undo?: SqlStatement;
};

const CONNECTIONS = 2;

/** @throws TocsinError `invalid` where the address names neither database */
export function openSqlFarSide(connector: SqlConnector): SqlFarSide {
  const options = {
    address: connector.sql.reveal(),
    timeoutMs: connector.timeout,
    connections: CONNECTIONS,
  };
  return dialectOf(connector) === "mysql"
    ? openMysqlFarSide(options)
    : openPostgresFarSide(options);
}

function dialectOf(connector: SqlConnector): SqlDialect {
  return /^(mysql|mariadb):/.test(connector.sql.reveal()) ? "mysql" : "postgres";
}

/** @throws TocsinError `invalid`, naming the statement that is wrong */
export function sqlWork(connector: SqlConnector, action: SqlAction): SqlWork {
  const dialect = dialectOf(connector);
  const { do: does, found, undo } = action;
  return {
    left: parseNamed("left", action.left, dialect),
    ...(does !== undefined && { do: parseNamed("do", does, dialect) }),
    ...(found !== undefined && { found: parseNamed("found", found, dialect) }),
    ...(undo !== undefined && { undo: parseNamed("undo", undo, dialect) }),
  };
}

function parseNamed(name: string, sql: string, dialect: SqlDialect): SqlStatement {
  try {
    return parseStatement(sql, dialect);
  } catch (error) {
    if (error instanceof TocsinError) throw new TocsinError("invalid", `${name}: ${error.message}`);
    throw error;
  }
}

export type SqlStep = {
  readonly connector: SqlConnector;
  readonly action: SqlAction;
  readonly traits: Traits;
  /** Nothing is done; what the customer has done is read. */
  readonly watching: boolean;
  readonly undo: boolean;
};

/** @throws TocsinError as `orThrow` */
export async function prepareSql(step: SqlStep): Promise<Prepared> {
  const work = sqlWork(step.connector, step.action);
  const statement = step.undo ? work.undo : work.do;
  if (!statement && !step.watching) throw new TocsinError("invalid", "the action has no `undo`");
  await using opened = new AsyncDisposableStack();
  const farSide = opened.use(openSqlFarSide(step.connector));
  const type = orThrow(await farSide.describe(work.left));
  for (const other of [statement, work.found]) if (other) orThrow(await farSide.parses(other));
  const side: Side = { farSide, work, type, undo: step.undo };
  const kept = opened.move();
  return {
    traits: step.traits,
    act: async (batch) =>
      statement && !step.watching ? await act(side, batch, statement) : await watch(side, batch),
    ...(!step.watching && {
      verify: async (batch: Batch) => await verify(side, batch),
      reconcile: async (batch: Batch) => await reconcile(side, batch),
    }),
    [Symbol.asyncDispose]: async () => await kept.disposeAsync(),
  };
}

type Side = {
  readonly farSide: SqlFarSide;
  readonly work: SqlWork;
  readonly type: KeyType;
  readonly undo: boolean;
};

const DONE: Ended = { state: "done" };

async function act(side: Side, batch: Batch, statement: SqlStatement): Promise<TaskOutcome[]> {
  const known = await sortOut(side, keysOf(batch));
  const outcomes = await runBisecting(side.farSide, statement, known.there);
  return batch.tasks.map(({ key }) => known.ended.get(key) ?? outcomes.get(key) ?? DONE);
}

/** The customer acts; whoever is still left is waited for. */
async function watch(side: Side, batch: Batch): Promise<TaskOutcome[]> {
  const known = await sortOut(side, keysOf(batch));
  const left = await leftOf(side, known.there);
  return batch.tasks.map(({ key }): TaskOutcome => {
    const ended = known.ended.get(key);
    if (ended) return ended;
    return left.has(key)
      ? { waiting: true, reason: "waits-for-customer" }
      : { state: "done", reason: "by-customer" };
  });
}

async function verify(side: Side, batch: Batch): Promise<TaskOutcome[]> {
  const left = await leftOf(side, keysOf(batch));
  return batch.tasks.map(({ key }): TaskOutcome =>
    left.has(key) === side.undo ? DONE : NOT_PROVED,
  );
}

const NOT_PROVED: Ended = { state: "refused", reason: "not-proved", detail: { readBack: "left" } };

/** A transaction happened whole or not at all, so the read-back knows what a crash left open. */
async function reconcile(side: Side, batch: Batch): Promise<Reconciled[]> {
  const known = await sortOut(side, keysOf(batch));
  const left = await leftOf(side, known.there);
  return batch.tasks.map(({ key }) =>
    !known.ended.has(key) && left.has(key) === side.undo ? "taken" : "not-taken",
  );
}

type SortedOut = { readonly ended: ReadonlyMap<string, Ended>; readonly there: readonly string[] };

/** Before anything is changed: keys that the column cannot hold are refused, keys that nobody has any more are gone. */
async function sortOut(side: Side, keys: readonly string[]): Promise<SortedOut> {
  const ended = new Map<string, Ended>();
  for (const key of keys)
    if (!fits(key, side.type)) ended.set(key, { state: "refused", reason: "malformed-key" });
  const fitting = keys.filter((key) => !ended.has(key));
  if (!side.work.found || fitting.length === 0) return { ended, there: fitting };
  const found = new Set(orThrow(await side.farSide.select(side.work.found, fitting)));
  for (const key of fitting) if (!found.has(key)) ended.set(key, { state: "gone" });
  return { ended, there: fitting.filter((key) => found.has(key)) };
}

/**
 * A read-back that answers with a key we did not ask about cannot be trusted about the others either: a collation that
 * takes `Anna` for `anna`, or a statement that forgets `:targets` in one of its branches.
 */
async function leftOf(side: Side, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const asked = new Set(keys.filter((key) => fits(key, side.type)));
  if (asked.size === 0) return asked;
  const left = new Set(orThrow(await side.farSide.select(side.work.left, [...asked])));
  if (left.isSubsetOf(asked)) return left;
  throw new TocsinError(
    "incompatible",
    "`left` selects keys that are not among :targets, so it proves nothing: mend the query",
  );
}

/** One bad target must not spoil the other 999: where a batch fails because of what is in it, halves are tried. */
async function runBisecting(
  farSide: SqlFarSide,
  statement: SqlStatement,
  keys: readonly string[],
): Promise<Map<string, TaskOutcome>> {
  const outcomes = new Map<string, TaskOutcome>();
  const pending = keys.length === 0 ? [] : [keys];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    const ran = await farSide.run(statement, part);
    if (ran.ok) continue;
    if (ran.kind === "target" && part.length > 1) {
      const half = part.length >> 1;
      pending.push(part.slice(0, half), part.slice(half));
    } else {
      const outcome = outcomeOf(ran);
      for (const key of part) outcomes.set(key, outcome);
    }
  }
  return outcomes;
}

function outcomeOf(failure: SqlFailure): TaskOutcome {
  switch (failure.kind) {
    case "target":
      return { state: "refused", reason: failure.reason };
    case "later":
      return { retry: true, reason: failure.reason };
    case "unavailable":
      return { retry: true, reason: "unavailable" };
    case "forbidden":
    case "statement":
      throw errorOf(failure);
    default:
      return failure.kind satisfies never;
  }
}

/** @throws TocsinError `unavailable` (retryable), `forbidden` or `incompatible` (they pause the step: somebody must mend something) */
export function orThrow<Value>(result: SqlResult<Value>): Value {
  if (result.ok) return result.value;
  throw errorOf(result);
}

function errorOf(failure: SqlFailure): TocsinError {
  switch (failure.kind) {
    case "unavailable":
    case "later":
      return new TocsinError("unavailable", `the database does not answer (${failure.reason})`);
    case "forbidden":
      return new TocsinError(
        "forbidden",
        `the database user may not do this (${failure.reason}): grant it`,
      );
    case "statement":
    case "target":
      return new TocsinError(
        "incompatible",
        `the database cannot run the statement (${failure.reason}): mend it in tocsin.yaml`,
      );
    default:
      return failure.kind satisfies never;
  }
}

function keysOf(batch: Batch): string[] {
  return batch.tasks.map((task) => task.key);
}
