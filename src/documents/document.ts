// Documents of any kind, as rows of tables and pieces of text, each with a place that a person finds again. What cannot be
// read is a part too: nothing is passed over in silence. Not who is in them (scope), nor how evidence is kept.
import type { Dump } from "../evidence/dump/dump.ts";

/** Why a part of a document, or all of it, was not read. */
export const REASONS = {
  encrypted: "is encrypted",
  damaged: "is damaged or cut off",
  unknown: "is of a kind that is not read",
  "no text": "has no text: it may be a scan",
  "too large": "is larger than what is read",
  "too deep": "is packed too deep",
  stopped: "took too long or too much memory",
} as const satisfies Record<string, string>;
export type UnreadReason = keyof typeof REASONS;

export type Unread = {
  /** `backup.zip › notes.pdf › page 3` */
  readonly at: string;
  readonly reason: UnreadReason;
  /** What is known of it and what to do, in words. */
  readonly detail: string;
};

/** What stands one after the other in a section: `line 12`, `row 17`. */
export type Unit = "row" | "line" | "paragraph" | "page" | "value" | "message" | "entry" | "cell";

/** Where a reader brings what it finds, in the order of the document. */
export interface Parts {
  /** Rows under one another. Without `columns`, a header is looked for in the first rows. */
  table(at: string, shape: TableShape): TableParts;
  /** Text, a piece at a time: what stands together in one piece belongs together. */
  text(at: string, unit: Unit): TextParts;
  /** A dump whose tables are files already, below `folder()`. */
  dump(at: string, dump: Omit<Dump, "format">): void;
  unread(unread: Unread): void;
  /** A new empty folder in the private one. */
  folder(): Promise<string>;
}

export type TableShape = {
  /** As a person would name it in `columns:`; '' where it has none. */
  readonly name: string;
  readonly columns?: readonly string[];
  /** How the row is called where it stands, `row` by default. */
  readonly unit?: Unit;
};

export interface TableParts {
  /** `number` is the row's own where it stands. Missing cells are ''. `at` is given where it is not the table's own place. */
  add(number: number, cells: readonly string[], at?: string): Promise<void>;
  /** After the last row. */
  end(): Promise<void>;
}

export interface TextParts {
  add(number: number, text: string): Promise<void>;
}

/** Thrown by readers; becomes an unread part. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
  readonly reason: UnreadReason;

  constructor(reason: UnreadReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** `a › b`. Names come from documents: control characters and what would imitate the sign are taken out of them. */
export function placeIn(outer: string, inner: string): string {
  const clean = shown(inner);
  return outer === "" ? clean : `${outer} › ${clean}`;
}

const LONGEST_NAME = 200;
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}›]+/gu;

export function shown(name: string): string {
  const clean = name.replace(UNSEEN, " ").trim();
  return clean.length > LONGEST_NAME ? `${clean.slice(0, LONGEST_NAME)}…` : clean;
}
