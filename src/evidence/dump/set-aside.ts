import type { SetAside } from "./dump.ts";

const NUMBERS_KEPT = 100;

export type SetAsideCount = {
  add(reason: string, row: number): void;
  readonly total: number;
  list(): SetAside[];
};

/** Counts rows that were set aside, by reason; keeps the numbers of the first hundred of each. */
export function countSetAside(): SetAsideCount {
  const reasons = new Map<string, { count: number; rows: number[] }>();
  let total = 0;
  return {
    add(reason, row) {
      const known = reasons.get(reason) ?? { count: 0, rows: [] };
      reasons.set(reason, known);
      known.count += 1;
      total += 1;
      if (known.rows.length < NUMBERS_KEPT) known.rows.push(row);
    },
    get total() {
      return total;
    },
    list: () => [...reasons].map(([reason, { count, rows }]) => ({ reason, count, rows })),
  };
}
