import { join } from "node:path";
import type { Limits } from "./read-documents.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** Node's options for a process that may read our source and work in one folder: network, other processes, native code and all other files are refused (nodejs.org/api/permissions.html). */
export function guarded(
  folder: string,
  { heapMegabytes }: Pick<Limits, "heapMegabytes">,
): string[] {
  return [
    "--permission",
    ...["src/", "node_modules/", "package.json"].map(
      (path) => `--allow-fs-read=${join(ROOT, path)}`,
    ),
    `--allow-fs-read=${folder}`,
    `--allow-fs-write=${folder}`,
    `--max-old-space-size=${heapMegabytes}`,
    "--disallow-code-generation-from-strings",
    "--no-warnings",
  ];
}
