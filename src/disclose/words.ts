// How the report writes numbers, times and names.

export function number(value: number): string {
  return value.toLocaleString("en-US");
}

export function time(at: string | Date): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

export function percent(part: number, of: number): string {
  if (of === 0) return "–";
  const share = (part / of) * 100;
  return `${share > 0 && share < 0.1 ? "under 0.1" : share.toFixed(1)} %`;
}

const COUNTRIES = new Intl.DisplayNames(["en"], { type: "region" });

/** `Germany (DE)`; a code that is none stays as it was written. */
export function country(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code;
  const name = COUNTRIES.of(code) ?? code;
  return name === code ? code : `${name} (${code})`;
}

export function plural(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}
