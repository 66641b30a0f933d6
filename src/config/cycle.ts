/** A circle in who uses whom, as `a, b, a`, or undefined. Names that nobody defines are passed over. */
export function cycleIn(uses: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  for (const start of uses.keys()) {
    const cycle = walk(uses, start, { path: [], done });
    if (cycle) return cycle;
  }
  return undefined;
}

function walk(
  uses: ReadonlyMap<string, readonly string[]>,
  name: string,
  { path, done }: { path: readonly string[]; done: Set<string> },
): string[] | undefined {
  const seen = path.indexOf(name);
  if (seen >= 0) return [...path.slice(seen), name];
  if (done.has(name)) return undefined;
  for (const used of uses.get(name) ?? []) {
    const cycle = walk(uses, used, { path: [...path, name], done });
    if (cycle) return cycle;
  }
  done.add(name);
  return undefined;
}
