// The end of a refresh in steps that are done once: a process that dies every few seconds must get through it too.
import { z } from "zod";
import type { Json } from "../core/canonical.ts";
import type { Click } from "../db/click.ts";
import { notePage, STEP_PAGES } from "./refresh-cursor.ts";

export type Steps = {
  /** True where no step was done yet. */
  readonly fresh: boolean;
  /**
   * The step's result, of an earlier process where that one noted it. If we crash within the work or before the note, the work
   * is done again: it must come to the same then.
   */
  once(name: string, work: () => Promise<Json | void>): Promise<Json>;
};

const StepRow = z.object({ detail: z.string() });
const Step = z.object({ step: z.string(), result: z.json().transform((value): Json => value) });

export async function openSteps(click: Click, registry: string, refresh: number): Promise<Steps> {
  const rows = await click.query(
    StepRow,
    `select detail from registry_pages
     where registry = {registry:String} and refresh = {refresh:UInt64} and page >= {from:UInt32} order by page`,
    { registry, refresh, from: STEP_PAGES },
  );
  const done = new Map(
    rows
      .map(({ detail }) => Step.parse(JSON.parse(detail)))
      .map(({ step, result }) => [step, result]),
  );
  return {
    fresh: done.size === 0,
    once: async (step, work) => {
      const known = done.get(step);
      if (known !== undefined) return known;
      const result = (await work()) ?? null;
      const page = STEP_PAGES + done.size;
      await notePage(click, {
        registry,
        refresh,
        page,
        cursor: "",
        rows: 0,
        detail: { step, result },
      });
      done.set(step, result);
      return result;
    },
  };
}
