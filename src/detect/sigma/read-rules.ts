// Reads Sigma 2.1: detection rules, correlation rules and filters, from YAML to what src/detect/compile and
// src/detect/correlate run (rule.ts). It knows nothing of logs and runs nothing.
import { readFile, stat } from "node:fs/promises";
import type { Draft } from "./draft.ts";
import { link } from "./link.ts";
import { Notes } from "../rule-file/notes.ts";
import type { Placeholders } from "./placeholders.ts";
import { readDocument } from "./read-document.ts";
import { readYaml } from "../rule-file/read-yaml.ts";
import type { Rule, RuleProblem, RuleSet } from "./rule.ts";
import { findRuleFiles, type RuleFile } from "./rule-files.ts";
import { SourceText } from "../rule-file/source-text.ts";

const MOST_BYTES = 33_554_432;

export type ReadOptions = {
  /** The values of each `%name%`. */
  readonly placeholders?: Placeholders;
};

/**
 * Reads files and folders (recursively `.yml` and `.yaml`), in the order given and by name. What is wrong in one rule leaves
 * that rule out, and correlations that need it. Never throws for what stands in a file.
 */
export async function readRules(
  paths: readonly string[],
  options: ReadOptions = {},
): Promise<RuleSet> {
  const { files, missing } = await findRuleFiles(paths);
  const reading = new Reading(options);
  for (const { file, message } of missing) reading.refuse({ file, name: file }, message);
  for (const file of files) {
    const text = await readText(file);
    if (typeof text === "string") reading.add(file, text);
    else reading.refuse(file, text.message);
  }
  return reading.end();
}

/** The same of texts that are in no file. `name`: what problems call it. */
export function readRuleTexts(
  texts: readonly { readonly name: string; readonly text: string }[],
  options: ReadOptions = {},
): RuleSet {
  const reading = new Reading(options);
  for (const { name, text } of texts) reading.add({ file: name, name }, text);
  return reading.end();
}

/**
 * The rules whose hits are findings by themselves: those that no correlation refers to, and those that one refers to with
 * `generate: true`. The others only serve correlations.
 */
export function standAlone({ rules }: Pick<RuleSet, "rules">): readonly Rule[] {
  const correlations = rules.filter((rule) => rule.kind === "correlation");
  const referred = new Set(correlations.flatMap((rule) => rule.rules));
  const generated = new Set(correlations.flatMap((rule) => (rule.generate ? rule.rules : [])));
  return rules.filter(({ id }) => !referred.has(id) || generated.has(id));
}

class Reading {
  readonly #placeholders: Placeholders;
  readonly #notes: Notes[] = [];
  readonly #drafts: Draft[] = [];

  constructor({ placeholders = new Map() }: ReadOptions) {
    this.#placeholders = placeholders;
  }

  add(file: RuleFile, text: string): void {
    for (const document of readYaml(new SourceText(file, text))) {
      this.#notes.push(document.notes);
      const draft = readDocument(document, this.#placeholders);
      if (draft) this.#drafts.push(draft);
    }
  }

  refuse(file: RuleFile, message: string): void {
    const notes = new Notes(new SourceText(file, ""));
    notes.error(0, message);
    this.#notes.push(notes);
  }

  end(): RuleSet {
    const rules = link(this.#drafts);
    const problems: RuleProblem[] = this.#notes.flatMap((notes) => notes.problems);
    return { rules, problems, documents: this.#drafts.length };
  }
}

async function readText({ file }: RuleFile): Promise<string | { readonly message: string }> {
  const { size } = await stat(file);
  if (size > MOST_BYTES) return { message: `larger than ${MOST_BYTES / 1_048_576} MiB: split it` };
  const bytes = await readFile(file);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { message: "not UTF-8: save it as UTF-8" };
  }
}
