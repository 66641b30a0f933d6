// What one worker has open: a desk for each step that it works on, and the lanes at each.
import type { OpenStep } from "../store/open-steps.ts";
import type { Bell } from "./bell.ts";
import { type Desk, openDesk } from "./desk.ts";
import { runLane } from "./run-lane.ts";
import type { Worker, WorkOptions } from "./worker.ts";

export type Floor = {
  readonly worker: Worker;
  readonly options: WorkOptions;
  readonly bell: Bell;
  readonly places: Map<string, Place>;
  /** What ends the worker: a bug of the engine, or a crash that a test put in. */
  readonly failed: unknown[];
};

/** Without a desk: prepared in vain, to be tried again at `again` of the monotonic clock. */
type Place = {
  desk: Desk | undefined;
  again: number;
  tries: number;
  readonly lanes: Set<Promise<void>>;
};

const MOST_LANES = 16;
const LONGEST_RETRY_MS = 30_000;

export function fail(floor: Floor, error: unknown): void {
  floor.failed.push(error);
  for (const lane of floor.worker.lanes) lane.halt();
  floor.bell.ring();
}

export function lanesInAll(floor: Floor): number {
  return floor.places.values().reduce((sum, place) => sum + place.lanes.size, 0);
}

export function isReady(step: OpenStep): boolean {
  if (step.ended || !step.free || !step.loaded || step.open_chunks === 0) return false;
  if ((step.next_ms ?? Infinity) > 0 && step.run_state !== "aborting") return false;
  return step.run_state === "aborting" || !step.paused;
}

/** One lane a step first, then as many as each can use: no step starves another. Desks of steps that are over are closed. */
export async function openLanes(floor: Floor, steps: readonly OpenStep[]): Promise<void> {
  await closeDesks(floor, steps);
  const ready = steps.filter(isReady);
  for (let round = 0, added = true; added; round += 1) {
    added = false;
    for (const step of ready) {
      const place = await placeOf(floor, step);
      const most = Math.min(place.desk?.lanes ?? 0, step.open_chunks);
      if (!place.desk || place.lanes.size > round || place.lanes.size >= most) continue;
      if (lanesInAll(floor) >= MOST_LANES) return;
      openLane(floor, place.desk, place.lanes);
      added = true;
    }
  }
}

function keyOf(step: OpenStep): string {
  return `${step.id}/${step.step}`;
}

async function placeOf(floor: Floor, step: OpenStep): Promise<Place> {
  const known = floor.places.get(keyOf(step));
  const place = known ?? { desk: undefined, again: -Infinity, tries: 0, lanes: new Set() };
  floor.places.set(keyOf(step), place);
  if (place.desk || place.again > performance.now()) return place;
  place.desk = await openDesk(floor.worker, step);
  place.tries += 1;
  const { baseMs } = floor.worker.timing.retry;
  place.again =
    performance.now() + Math.min(baseMs * 2 ** Math.min(place.tries, 20), LONGEST_RETRY_MS);
  return place;
}

function openLane(floor: Floor, desk: Desk, lanes: Set<Promise<void>>): void {
  const lane = runLane(floor.worker, desk)
    .then((chunks) => {
      lanes.delete(lane);
      if (chunks > 0) floor.bell.ring();
    })
    .catch((error: unknown) => {
      lanes.delete(lane);
      fail(floor, error);
    });
  lanes.add(lane);
}

async function closeDesks(floor: Floor, steps: readonly OpenStep[]): Promise<void> {
  const open = new Set(steps.filter((step) => !step.ended && !step.paused).map(keyOf));
  for (const [key, place] of floor.places) {
    if (open.has(key) || place.lanes.size > 0) continue;
    floor.places.delete(key);
    await place.desk?.prepared[Symbol.asyncDispose]();
  }
}

/** Waits for the lanes to finish and closes all desks. */
export async function closeFloor(floor: Floor): Promise<void> {
  await Promise.all(floor.places.values().flatMap((place) => place.lanes));
  for (const { desk } of floor.places.values()) await desk?.prepared[Symbol.asyncDispose]();
  floor.places.clear();
}
