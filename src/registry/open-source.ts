import { resolve } from "node:path";
import type { RegistrySource } from "../config/registry-schema.ts";
import type { Context } from "../db/context.ts";
import { openCsv } from "./read-csv.ts";
import { openPostgresSource } from "./read-postgres.ts";
import type { Source } from "./source.ts";

/** Paths are relative to tocsin.yaml. Connects when it is first asked for something. */
export function openSource(ctx: Context, registry: string, { from }: RegistrySource): Source {
  const who = `registry ${registry}`;
  if ("postgres" in from) return openPostgresSource({ address: from.postgres.reveal(), query: from.query, who });
  if ("csv" in from) return openCsv(resolve(ctx.folder.root, from.csv));
  throw new Error("no source");
}
