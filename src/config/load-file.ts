import { open } from "node:fs/promises";
import type { z } from "zod";
import { TocsinError, type Problem } from "../core/errors.ts";
import { explainIssue } from "./explain-issue.ts";
import { interpolate, type Environment } from "./interpolate.ts";
import { publishedSchema, type SchemaName } from "./published-schema.ts";
import { readYamlTree, type YamlTree } from "./yaml-tree.ts";

const MOST_BYTES = 2_000_000;

export type FileToCheck<Schema extends z.ZodType> = {
  /** What problems call it. */
  readonly name: string;
  readonly text: string;
  readonly schema: Schema;
  readonly published: SchemaName;
  /** Without it `${…}` is plain text. */
  readonly environment?: Environment;
  /** Looks at the raw value: it also runs where the schema found something, so that all is told at once. */
  readonly references: (tree: YamlTree, value: unknown) => Problem[];
};

/** @throws TocsinError `invalid` with every problem of the file, each as `file:line:column` */
export function checkFile<Schema extends z.ZodType>(file: FileToCheck<Schema>): z.output<Schema> {
  const tree = readYamlTree(file.name, file.text);
  if (!tree.isWhole) throw invalid(file.name, tree.problems);
  const value = file.environment ? interpolate(tree, file.environment) : tree.value;
  const result = file.schema.safeParse(value ?? {});
  const issues = result.error?.issues ?? [];
  const schema = issues.length === 0 ? {} : publishedSchema(file.published);
  const explained = issues
    .flatMap((issue) => explainIssue(issue, value, schema))
    .map(({ path, atKey = false, message }) => ({ at: tree.at(path, { key: atKey }), message }));
  const problems = [...tree.problems, ...explained, ...file.references(tree, value)];
  if (result.success && problems.length === 0) return result.data;
  throw invalid(file.name, problems);
}

/** @throws TocsinError `not_found`, `invalid` */
export async function readText(path: string, absent: string): Promise<string> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size > MOST_BYTES)
      throw new TocsinError("invalid", `${path} is larger than ${MOST_BYTES / 1e6} MB`);
    const bytes = await file.readFile();
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TocsinError) throw error;
    if (error instanceof TypeError)
      throw new TocsinError("invalid", `${path} is not UTF-8: save it as UTF-8`);
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") throw new TocsinError("not_found", `${path} is not there: ${absent}`);
    if (code === "EISDIR" || code === "EACCES" || code === "EPERM")
      throw new TocsinError("invalid", `${path} cannot be read (${code})`);
    throw error;
  }
}

function invalid(name: string, found: readonly Problem[]): TocsinError {
  const problems = [
    ...new Map(found.map((one) => [`${one.at} ${one.message}`, one])).values(),
  ].toSorted(byPlace);
  const [first] = problems;
  const rest = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  return new TocsinError(
    "invalid",
    first ? `${first.at}: ${first.message}${rest}` : `${name} is not valid`,
    { problems },
  );
}

function byPlace(a: Problem, b: Problem): number {
  const [, aLine, aColumn] = /:(\d+):(\d+)$/.exec(a.at) ?? [];
  const [, bLine, bColumn] = /:(\d+):(\d+)$/.exec(b.at) ?? [];
  return Number(aLine) - Number(bLine) || Number(aColumn) - Number(bColumn);
}
