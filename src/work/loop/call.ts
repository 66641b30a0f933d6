import { TocsinError, type ErrorCode } from "../../core/errors.ts";
import type { Json } from "../../core/canonical.ts";
import type { Batch, Prepared, TaskOutcome } from "../handler.ts";
import type { Lesson } from "../store/bucket.ts";

/** What one call came to: an outcome a task, or nothing at all (`unanswered`), and what it taught of the far side. */
export type Called = {
  readonly outcomes: readonly (TaskOutcome | "unanswered")[];
  readonly lesson: Lesson;
  /** A bug, or what only a person can put right: the step pauses. */
  readonly fault?: unknown;
};

// What is wrong with the connector and not with its targets.
const FOR_A_PERSON: ReadonlySet<ErrorCode> = new Set([
  "unauthenticated",
  "forbidden",
  "incompatible",
]);

/** Acts, reads back, and turns whatever is thrown into an outcome or a fault. Never throws. */
export async function call(prepared: Prepared, batch: Batch): Promise<Called> {
  const acted = await answered(() => prepared.act(batch), batch, prepared.traits.idempotent);
  if (!prepared.verify || acted.fault !== undefined) return acted;
  const said = acted.outcomes
    .map((one, place) => ({ one, place }))
    .filter(({ one }) => isDone(one));
  if (said.length === 0) return acted;
  const tasks = said.map(({ place }) => batch.tasks[place]).filter((task) => task !== undefined);
  const read = await answered(
    () => readBack(prepared, { ...batch, tasks }),
    { ...batch, tasks },
    true,
  );
  const outcomes = [...acted.outcomes];
  said.forEach(({ place }, n) => {
    outcomes[place] = judged(outcomes[place], read.outcomes[n], prepared.traits.idempotent);
  });
  return { ...acted, outcomes, ...(read.fault === undefined ? {} : { fault: read.fault }) };
}

async function readBack(prepared: Prepared, batch: Batch): Promise<readonly TaskOutcome[]> {
  return (await prepared.verify?.(batch)) ?? [];
}

async function answered(
  act: () => Promise<readonly TaskOutcome[]>,
  batch: Batch,
  idempotent: boolean,
): Promise<Called> {
  try {
    const outcomes = await act();
    if (outcomes.length !== batch.tasks.length) {
      throw new RangeError(`${outcomes.length} outcomes for ${batch.tasks.length} tasks`);
    }
    return { outcomes, lesson: lessonOf(outcomes) };
  } catch (error) {
    return thrown(error, batch, idempotent);
  }
}

function thrown(error: unknown, batch: Batch, idempotent: boolean): Called {
  const all = (outcome: TaskOutcome | "unanswered") => batch.tasks.map(() => outcome);
  if (!(error instanceof TocsinError) || FOR_A_PERSON.has(error.code)) {
    return { outcomes: all("unanswered"), lesson: { kind: "well" }, fault: error };
  }
  const retry: TaskOutcome = { retry: true, reason: error.code, ...afterOf(error) };
  const lesson = error.retryable ? lessonOf([retry]) : ({ kind: "well" } as const);
  if (!idempotent) return { outcomes: all("unanswered"), lesson };
  return {
    outcomes: all(error.retryable ? retry : { state: "refused", reason: error.code }),
    lesson,
  };
}

function afterOf(error: TocsinError): { afterMs?: number } {
  return error.retryAfterMs === undefined ? {} : { afterMs: error.retryAfterMs };
}

const LIMITED_FOR_MS = 10_000;

// The far side is down where nothing of a call got through; it is limited where a single answer says so.
function lessonOf(outcomes: readonly TaskOutcome[]): Lesson {
  let down = true;
  let afterMs = -1;
  for (const one of outcomes) {
    if (!("retry" in one) || one.reason !== "unavailable") down = false;
    if ("retry" in one && one.reason === "limited")
      afterMs = Math.max(afterMs, one.afterMs ?? LIMITED_FOR_MS);
  }
  if (afterMs >= 0) return { kind: "limited", afterMs };
  return { kind: down ? "down" : "well" };
}

function isDone(outcome: TaskOutcome | "unanswered"): boolean {
  return outcome !== "unanswered" && "state" in outcome && outcome.state === "done";
}

// Where it is not idempotent, acting again to be sure is not open to us: then the failed read-back itself is the outcome.
function judged(
  acted: TaskOutcome | "unanswered" | undefined,
  read: TaskOutcome | "unanswered" | undefined,
  idempotent: boolean,
): TaskOutcome | "unanswered" {
  if (acted === undefined || read === undefined) return "unanswered";
  if (read === "unanswered") return idempotent ? read : { state: "unknown", reason: "not-proved" };
  if (!("state" in read)) return idempotent ? read : { state: "unknown", reason: "not-proved" };
  if (read.state === "done")
    return read.detail === undefined ? acted : withDetail(acted, read.detail);
  if (read.state === "gone") return read;
  const detail: Json = {
    found: read.state,
    ...(read.reason === undefined ? {} : { reason: read.reason }),
  };
  return { state: "refused", reason: "not-proved", detail };
}

function withDetail(acted: TaskOutcome | "unanswered", detail: Json): TaskOutcome | "unanswered" {
  if (acted === "unanswered" || !("state" in acted)) return acted;
  return {
    ...acted,
    detail: acted.detail === undefined ? detail : { acted: acted.detail, readBack: detail },
  };
}
