/** One thing looked at from outside. `expected` comes from what Example Cloud made, `actual` from what stands there now. */
export type Check = {
  readonly name: string;
  readonly expected: number;
  readonly actual: number;
  readonly ok: boolean;
};

export function check(name: string, expected: number, actual: number): Check {
  return { name, expected, actual, ok: expected === actual };
}
