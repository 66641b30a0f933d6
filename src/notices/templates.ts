// The templates of one notice: a file a language, `TEXT.en.md`, `TEXT.fr.md`. Read once, frozen into the plan, never read again.
import { readdir, readFile, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { LiquidError, type Template } from "liquidjs";
import { canonicalJson } from "../core/canonical.ts";
import { sha256Hex } from "../core/digest.ts";
import { TocsinError, type Problem } from "../core/errors.ts";
import { forbiddenIn } from "./forbidden.ts";
import { hasPrivateUse } from "./hole.ts";
import type { NoticeOrganisation } from "./settings.ts";
import { templateLanguage } from "./template-language.ts";

export type Templates = {
  /** Of all languages, canonical: part of what an approval signs. */
  readonly digest: string;
  /** Language → source. */
  readonly sources: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
};

export type ParsedTemplate = {
  readonly subject: Template[];
  readonly body: Template[];
  readonly variables: readonly string[];
};

const LONGEST_SOURCE = 100_000;

/** Objects that a template may name. Personal ones can be printed and asked for, not compared. */
export const PLACEHOLDERS = [
  "organisation",
  "incident",
  "window",
  "greeting",
  "name",
  "accounts",
  "exposed",
  "advice",
  "do",
  "need_not",
  "reference",
  "code",
  "correction",
  "wave",
  "role",
  "many",
] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** @throws TocsinError `not_found` without any template, `invalid` with each problem's file:line:column */
export async function readTemplates(
  folder: string,
  text: string,
  organisation: NoticeOrganisation,
): Promise<Templates> {
  const root = await realpath(folder);
  const wanted = resolve(root, text);
  const found = await filesBeside(wanted, text);
  const sources: Record<string, string> = {};
  const files: Record<string, string> = {};
  const problems: Problem[] = [];
  for (const { language, path, name } of found) {
    if (!(await realpath(path)).startsWith(root + sep)) {
      throw new TocsinError("invalid", `notice ${name} is outside the incident's folder`);
    }
    const source = (await readFile(path, "utf8"))
      .replaceAll("\r\n", "\n")
      .replace(/^\uFEFF/u, "")
      .normalize("NFC");
    problems.push(...problemsOf(source, name, organisation));
    sources[language] = source;
    files[language] = name;
  }
  const first = problems[0];
  if (first) throw new TocsinError("invalid", `${first.at}: ${first.message}`, { problems });
  return { digest: sha256Hex(canonicalJson(sources)), sources, files };
}

type Found = { readonly language: string; readonly path: string; readonly name: string };

async function filesBeside(wanted: string, text: string): Promise<Found[]> {
  const names = await readdir(dirname(wanted)).catch(() => []);
  const stem = `${basename(wanted)}.`;
  const found = names
    .toSorted((a, b) => (a < b ? -1 : 1))
    .flatMap((name) => {
      const language =
        name.startsWith(stem) && name.endsWith(".md") ? name.slice(stem.length, -3) : "";
      if (!/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(language)) return [];
      return [{ language, path: join(dirname(wanted), name), name: `${text}.${language}.md` }];
    });
  if (found.length === 0) {
    throw new TocsinError(
      "not_found",
      `no notice ${text}: write ${text}.en.md, one file a language`,
    );
  }
  return found;
}

function problemsOf(source: string, file: string, organisation: NoticeOrganisation): Problem[] {
  if (source.length > LONGEST_SOURCE)
    return [{ at: `${file}:1:1`, message: "longer than 100,000 characters" }];
  if (hasPrivateUse(source))
    return [{ at: `${file}:1:1`, message: "holds private-use characters; remove them" }];
  try {
    const parsed = parseTemplate(source);
    const unknown = parsed.variables.filter((name) => !isPlaceholder(name));
    return [
      ...forbiddenIn(source, file, organisation),
      ...unknown.map((name) => ({
        at: `${file}:1:1`,
        message: `no placeholder ${name}; there are ${PLACEHOLDERS.join(", ")}`,
      })),
    ];
  } catch (error) {
    return [liquidProblem(error, source, file)];
  }
}

function isPlaceholder(name: string): name is Placeholder {
  return PLACEHOLDERS.some((one) => one === name);
}

function liquidProblem(error: unknown, source: string, file: string): Problem {
  if (error instanceof TocsinError) return { at: `${file}:1:1`, message: error.message };
  if (!(error instanceof LiquidError)) throw error;
  const [line, column] = error.token.getPosition();
  const above = source.length === 0 ? 0 : bodyOf(source).linesAbove;
  return {
    at: `${file}:${(line ?? 1) + above}:${column ?? 1}`,
    message: error.originalError?.message ?? error.message,
  };
}

/** To be rendered by the same `language`, which it is bound to. @throws LiquidError, or TocsinError `invalid` without a subject */
export function parseTemplate(source: string, language = templateLanguage()): ParsedTemplate {
  const { subject, body } = bodyOf(source);
  const parsed = { subject: language.parse(subject), body: language.parse(body) };
  const personal = language
    .variables(parsed.subject)
    .find((name) => name !== "organisation" && name !== "incident");
  if (personal !== undefined) {
    throw new TocsinError(
      "invalid",
      `the subject shows on locked screens: it can name the organisation, not ${personal}`,
    );
  }
  return { ...parsed, variables: language.variables([...parsed.subject, ...parsed.body]) };
}

/** The subject is `subject:` in front matter, or the first heading. */
export function bodyOf(source: string): { subject: string; body: string; linesAbove: number } {
  const front = /^---\n([\s\S]*?)\n---\n/u.exec(source);
  const stated = front ? /^subject:\s*(.+)$/mu.exec(front[1] ?? "")?.[1] : undefined;
  const rest = front ? source.slice(front[0].length) : source;
  const above = front ? front[0].split("\n").length - 1 : 0;
  if (stated !== undefined)
    return {
      subject: stated.trim().replaceAll(/^(["'])(.*)\1$/gu, "$2"),
      body: rest,
      linesAbove: above,
    };
  const heading = /^\s*#[ \t]+(.+?)[ \t]*#*\n/u.exec(rest);
  if (!heading?.[1])
    throw new TocsinError(
      "invalid",
      "a notice begins with its subject: a first line such as `# Your account`",
    );
  return {
    subject: heading[1],
    body: rest.slice(heading[0].length),
    linesAbove: above + heading[0].split("\n").length - 1,
  };
}

/** Names that the templates use, over all languages. */
export function placeholdersOf(templates: Pick<Templates, "sources">): Placeholder[] {
  const names = new Set(
    Object.values(templates.sources).flatMap((source) => parseTemplate(source).variables),
  );
  return PLACEHOLDERS.filter((name) => names.has(name));
}
