/** `: did you mean x?` for the nearest of what is known, or nothing where none is near. */
export function didYouMean(written: string, known: readonly string[]): string {
  const most = Math.max(1, Math.floor(written.length / 3));
  const [nearest] = known
    .map((name) => ({ name, distance: distanceOf(written, name) }))
    .filter(({ distance }) => distance <= most)
    .toSorted((a, b) => a.distance - b.distance);
  return nearest ? `: did you mean ${nearest.name}?` : "";
}

/** As `didYouMean`, and where none is near the list itself, if it is short. */
export function orOneOf(written: string, known: readonly string[]): string {
  const near = didYouMean(written, known);
  if (near !== "" || known.length === 0) return near;
  return known.length <= 12 ? `: there is ${known.join(", ")}` : "";
}

const LONGEST = 64;

// Damerau-Levenshtein (optimal string alignment): a swap of neighbours is one mistake.
function distanceOf(a: string, b: string): number {
  if (Math.max(a.length, b.length) > LONGEST) return LONGEST;
  let rows: { readonly last: number[]; readonly before: number[] } = {
    last: Array.from({ length: b.length + 1 }, (_, n) => n),
    before: [],
  };
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const change = Math.min(
        far(rows.last, j) + 1,
        far(next, j - 1) + 1,
        far(rows.last, j - 1) + same,
      );
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(isSwap ? Math.min(change, far(rows.before, j - 2) + 1) : change);
    }
    rows = { last: next, before: rows.last };
  }
  return far(rows.last, b.length);
}

function far(row: readonly number[], at: number): number {
  return row[at] ?? LONGEST;
}
