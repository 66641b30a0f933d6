// What programs of a Unix machine write about sign-ins, accounts and connections, line by line. A line's words are constant; what
// stands between them may be anything that a client sent. So a name is taken up to the last place that could end it, never the first.
import { quote } from "../../db/click-bind.ts";
import { kind, type Kind } from "../kinds.ts";

/** What a line may tell, by the name of the group that catches it. */
const CAPTURES = [
  "user",
  "by",
  "ip",
  "port",
  "host",
  "to",
  "toport",
  "command",
  "detail",
  "session",
  "protocol",
  "object",
] as const;

export type Capture = (typeof CAPTURES)[number];

export type Line = {
  /** RE2 on the message from its beginning, with groups named as captures: `Accepted (?P<protocol>\S+) for (?P<user>.*) from …`. */
  readonly says: string;
  readonly kind: Kind;
  /** How it ended; not told by default. */
  readonly ended?: "success" | "failure";
  /** A second factor was what it was about. */
  readonly mfa?: true;
};

export type Program = {
  /** RE2 of the names that it goes by; an empty alternative for lines that stand without the name. */
  readonly names: string;
  readonly lines: readonly Line[];
};

/** RE2 parts that lines share. */
export const IP = String.raw`(?P<ip>[0-9A-Fa-f:.]+)`;
export const PORT = String.raw`(?P<port>[0-9]{1,5})`;

/** Longer messages are looked at up to here. */
const LOOKED_AT = 4000;

export type ProgramSteps = {
  readonly said: string;
  readonly line_no: string;
  readonly caught: string;
};

/**
 * Steps over the SQL of a program's name and its message. One pass of all patterns finds the first line that fits; groups are caught by
 * that line's own pattern only.
 */
export function programSteps(
  programs: readonly Program[],
  of: { readonly program: string; readonly message: string },
): ProgramSteps {
  const lines = linesOf(programs);
  const branches = lines.map(
    ({ pattern }, index) =>
      `line_no = ${index + 1}, extractGroups(said, ${quote(grouped(pattern))})`,
  );
  return {
    // What is no UTF-8 has no meaning for the pass of all patterns.
    said: `concat(${of.program}, ': ', toValidUTF8(substring(${of.message}, 1, ${LOOKED_AT})))`,
    line_no: `arrayMin(multiMatchAllIndices(said, [${lines.map(({ pattern }) => quote(ungrouped(pattern))).join(", ")}]))`,
    caught: `multiIf(${branches.join(", ")}, [])`,
  };
}

/** SQL, String: what the line that `programSteps` found tells; empty where it does not. */
export function captureOf(programs: readonly Program[], capture: Capture): string {
  const places = linesOf(programs).map(({ pattern }) => groupNames(pattern).indexOf(capture) + 1);
  return `if(line_no = 0, '', caught[[${places.map((place) => (place === 0 ? NOWHERE : place)).join(", ")}][line_no]])`;
}

const NOWHERE = 100;

/** SQL, String: the kind of the line; empty where none was found. */
export function kindOfLine(programs: readonly Program[]): string {
  return `if(line_no = 0, '', [${linesOf(programs)
    .map(({ line }) => kind(line.kind))
    .join(", ")}][line_no])`;
}

/** SQL, UInt8: `status_id` of the line. */
export function endOfLine(programs: readonly Program[]): string {
  const ends = linesOf(programs).map(({ line }) =>
    line.ended === undefined ? 0 : line.ended === "success" ? 1 : 2,
  );
  return `if(line_no = 0, 0, [${ends.join(", ")}][line_no])`;
}

/** SQL, Nullable(Bool): was a second factor part of it? */
export function mfaOfLine(programs: readonly Program[]): string {
  const numbers = linesOf(programs).flatMap(({ line }, index) => (line.mfa ? [index + 1] : []));
  return `if(line_no in (${numbers.join(", ")}), true, null)`;
}

type Numbered = { readonly line: Line; readonly pattern: string };

// Rsyslog and journald fold repeats of a line into one.
const REPEATED = String.raw`(?:message repeated [0-9]+ times: \[ )?`;

function linesOf(programs: readonly Program[]): readonly Numbered[] {
  return programs.flatMap(({ names, lines }) =>
    lines.map((line) => ({ line, pattern: `^(?:${names}): +${REPEATED}(?:${line.says})` })),
  );
}

const NAMED = /\(\?P<([a-z]+)>/g;

function groupNames(pattern: string): string[] {
  return [...pattern.matchAll(NAMED)].map(([, name = ""]) => name);
}

/** The engine wants at least one group. */
function grouped(pattern: string): string {
  return groupNames(pattern).length === 0 ? `(${pattern})` : pattern;
}

function ungrouped(pattern: string): string {
  return pattern.replaceAll(NAMED, "(?:");
}
