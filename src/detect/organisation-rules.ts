import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { sha256Hex } from "../core/digest.ts";
import type { Context } from "../db/context.ts";
import { type PreparedRules, prepareRules } from "./prepare-rules.ts";
import { findRuleFiles } from "./sigma/rule-files.ts";
import { readRules } from "./sigma/read-rules.ts";

export type OrganisationRules = {
  /** Names the rules' files as they are now, and the placeholders. */
  readonly digest: string;
  readonly read: () => Promise<PreparedRules>;
};

/** The rules of `detect` in tocsin.yaml; undefined where it names none. */
export async function organisationRules(
  ctx: Pick<Context, "organisation" | "folder" | "click">,
): Promise<OrganisationRules | undefined> {
  const { detect } = ctx.organisation;
  if (detect === undefined) return undefined;
  const paths = detect.rules.map((path) => resolve(ctx.folder.root, path));
  const placeholders = new Map(Object.entries(detect.placeholders));
  return {
    digest: sha256Hex(await filesAsTheyAre(paths), JSON.stringify(detect.placeholders)),
    read: async () =>
      await prepareRules(await ctx.click(), await readRules(paths, { placeholders })),
  };
}

/** Names, sizes and times of change, as one text. */
async function filesAsTheyAre(paths: readonly string[]): Promise<string> {
  const { files } = await findRuleFiles(paths);
  const seen: string[] = [];
  for (const { file } of files) {
    const found = await stat(file).catch(() => undefined);
    seen.push(JSON.stringify([file, found?.size, found?.mtimeMs]));
  }
  return seen.join("\n");
}
