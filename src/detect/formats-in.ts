import { z } from "zod";
import type { Click } from "../db/click.ts";
import type { Format } from "../logs/format.ts";
import { FORMATS } from "../logs/formats.ts";
import { type EventScope, scopeSql } from "./compile/scope-sql.ts";

/** Formats that events of the scope are in: a statement over all that Tocsin knows takes longer to understand than a small log to read. */
export async function formatsIn(click: Click, scope: EventScope): Promise<Format[]> {
  const where = ["true", ...scopeSql(scope)].join(" and ");
  const found = await click.query(
    z.object({ format: z.string() }),
    `select distinct toString(format) as format from events where ${where}`,
  );
  const names = new Set(found.map(({ format }) => format));
  return FORMATS.filter(({ name }) => names.has(name));
}
