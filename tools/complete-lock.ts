// Names every platform's optional packages in package-lock.json. npm leaves out those that its registry does not have
// at the time, and `npm ci` then refuses the file; an entry with its platform is enough for it to pass them by. Run it
// after `npm install`. `npm run check` fails where an entry is missing.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const LOCK = join(import.meta.dirname, "..", "package-lock.json");

const Package = z.object({
  version: z.string().optional(),
  dev: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const Lock = z.object({ packages: z.record(z.string(), Package) });

/** Optional packages that some package of the lock file wants and that have no entry, each with its own. */
export function missingEntries(lock: z.output<typeof Lock>): Map<string, Record<string, unknown>> {
  const missing = new Map<string, Record<string, unknown>>();
  for (const { optionalDependencies = {}, dev } of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const path = `node_modules/${name}`;
      if (path in lock.packages || !/^\d/.test(version)) continue;
      missing.set(path, { version, ...platformOf(name), ...(dev ? { dev } : {}), optional: true });
    }
  }
  return missing;
}

export function readLock(): z.output<typeof Lock> {
  return Lock.parse(JSON.parse(readFileSync(LOCK, "utf8")));
}

const SYSTEMS =
  /(?:^|[-/])(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)(?=-|$)/;
const CPUS = /-(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64)(?=-|$)/;

function platformOf(name: string): Record<string, string[]> {
  const system = SYSTEMS.exec(name)?.[1];
  const cpu = CPUS.exec(name)?.[1];
  const libc = /-musl/.test(name) ? "musl" : /-gnu/.test(name) ? "glibc" : undefined;
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(libc === undefined ? {} : { libc: [libc] }),
    ...(system === undefined ? {} : { os: [system] }),
  };
}

function complete(): void {
  const text = Text.parse(JSON.parse(readFileSync(LOCK, "utf8"))); // as it is: a parsed entry has its keys in another order
  const packages = {
    ...Text.parse(text["packages"]),
    ...Object.fromEntries(missingEntries(readLock())),
  };
  const sorted = Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(
    LOCK,
    `${JSON.stringify({ ...text, packages: Object.fromEntries(sorted) }, null, 2)}\n`,
  );
}

const Text = z.record(z.string(), z.unknown());

if (import.meta.main) complete();
