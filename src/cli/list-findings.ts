import type { FindingRow } from "../detect/findings/finding-row.ts";
import { number, table, type Terminal } from "./terminal.ts";

/** A table, one line a finding. */
export function listFindings(findings: readonly FindingRow[], terminal: Terminal): string {
  const head = ["uid", "level", "events", "last", "who and where", "what", ""].map((name) =>
    terminal.dim(name),
  );
  return table([head, ...findings.map((one) => row(one, terminal))], [2]);
}

function row(one: FindingRow, terminal: Terminal): string[] {
  const serious = one.level === "high" || one.level === "critical";
  return [
    one.uid.slice(0, 8),
    serious ? terminal.red(one.level) : one.level,
    number(one.count),
    one.last.slice(0, 19).replace("T", " "),
    who(one),
    printable(one.title),
    terminal.dim(
      [one.state === "open" ? "" : one.state, one.incident ?? ""].filter(Boolean).join(" · "),
    ),
  ];
}

/** Each value once: an account is often both who acted and whom it was done to. */
export function who({ entities }: Pick<FindingRow, "entities">): string {
  return printable([...new Set(entities.map(({ value }) => value))].join(" · ")) || "–";
}

// A log's text may hold sequences that a terminal obeys.
export function printable(value: string): string {
  return value.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
}
