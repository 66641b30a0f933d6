import { existsSync } from "node:fs";
import { join } from "node:path";

/** Real data that stands beside the checkout and is not part of it. Undefined where it is not there: the test skips. */
export function sharedData(path: string): string | undefined {
  const full = join(import.meta.dirname, "..", "..", "..", "shared", "data", path);
  return existsSync(full) ? full : undefined;
}
