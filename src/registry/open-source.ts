import { resolve } from "node:path";
import type { RegistrySource } from "../config/registry-schema.ts";
import type { Context } from "../db/context.ts";
import { openCsv } from "./read-csv.ts";
import { openMysqlSource } from "./read-mysql.ts";
import { openNdjson } from "./read-ndjson.ts";
import { openParquet } from "./read-parquet.ts";
import { openPostgresSource } from "./read-postgres.ts";
import type { Source } from "./source.ts";

/** Paths are relative to tocsin.yaml. Connects when it is first asked for something. */
export async function openSource(
  ctx: Context,
  registry: string,
  { from }: RegistrySource,
): Promise<Source> {
  const who = `registry ${registry}`;
  if ("postgres" in from)
    return openPostgresSource({ address: from.postgres.reveal(), query: from.query, who });
  if ("mysql" in from) return openMysqlSource({ address: from.mysql.reveal(), query: from.query });
  const path = (name: string): string => resolve(ctx.folder.root, name);
  if ("csv" in from) return openCsv(path(from.csv));
  if ("ndjson" in from) return openNdjson(path(from.ndjson));
  return openParquet(await ctx.click(), path(from.parquet));
}
