// Which format a log is in, told by a sample of its records and not by its name.
import { z } from "zod";
import type { Click } from "../db/click.ts";
import { sniffDialect } from "../evidence/dump/sniff-dialect.ts";
import type { Format, Records } from "./format.ts";
import { cutterFor } from "./load-records.ts";
import { keyInside } from "./reading/key-inside.ts";

export type Choice = {
  readonly format: Format;
  /** Of the sample's records, those that the format claims. 0 to 1. */
  readonly share: number;
  /** Formats that claim other records of the sample, the most frequent first. */
  readonly others: readonly string[];
};

const MOST_RECORDS = 200;
/** The rank from which a format claims only what is surely its own. */
const SPECIAL = 30;
const MOST_RECORD_CHARACTERS = 64_000;

/**
 * The format that claims most of the sample; of those that claim as much, the more special one. `fallback` is taken where none claims anything.
 * `head` is the beginning of the text, `whole` where it is all of it.
 */
export async function chooseFormat(
  click: Click,
  of: {
    readonly head: Buffer;
    readonly whole: boolean;
    readonly formats: readonly Format[];
    readonly fallback: Format;
    /** What the log before it was in: folders hold many of one kind, and then one look is enough. */
    readonly before?: Format | undefined;
  },
): Promise<Choice> {
  const { head, whole, formats, fallback, before } = of;
  if (before !== undefined && before.rank >= SPECIAL && mayBe(before.records, head)) {
    const [same] = await judged(click, [before], sampleOf(before.records, { head, whole }));
    if (same?.share === 1) return same;
  }
  const ways = new Map<string, Format[]>();
  for (const format of formats) {
    const key = JSON.stringify(seenAs(format.records, head));
    ways.set(key, [...(ways.get(key) ?? []), format]);
  }
  const found: Choice[] = [];
  for (const [way, some] of ways) {
    const records: Records = JSON.parse(way);
    if (!mayBe(records, head)) continue;
    const sample = sampleOf(records, { head, whole });
    if (sample.length > 0) found.push(...(await judged(click, some, sample)));
  }
  const best = found
    .filter(({ format, share }) => format.records.by !== "csv" || share > 0.8)
    .toSorted((a, b) => b.share - a.share || b.format.rank - a.format.rank)[0];
  return best ?? { format: fallback, share: 0, others: [] };
}

// Records that may stand below a key stand bare as often: without the key they are as any other JSON.
function seenAs(records: Records, head: Buffer): Records {
  if (!("inside" in records)) return records;
  const key = keyInside(records, head);
  return key === undefined ? { by: "json" } : { by: "json", inside: [key] };
}

function mayBe(records: Records, head: Buffer): boolean {
  if (records.by === "csv") return isDelimited(head);
  if (records.by !== "json") return true;
  const start = head.subarray(0, 4_096).toString("latin1").trimStart();
  return start !== "" && "[{\u001E".includes(start.slice(0, 1));
}

// Any text can be cut at commas or blanks: a table has names in its first line, and rows that are as long.
function isDelimited(head: Buffer): boolean {
  const { columns, header } = sniffDialect(head);
  return header && columns.length >= 3;
}

/** What is flawed counts as a record that nobody claims. */
function sampleOf(
  records: Records,
  { head, whole }: { readonly head: Buffer; readonly whole: boolean },
): string[] {
  const sample: string[] = [];
  const cutter = cutterFor({ records }, head, (_place, { bytes, from, to, flaw }) => {
    if (sample.length >= MOST_RECORDS) return;
    const text = bytes.toString("utf8", from, Math.min(to, from + MOST_RECORD_CHARACTERS));
    sample.push(flaw === "" ? text : FLAWED);
  });
  cutter.push(head);
  // The last record may be cut off by the end of the sample.
  if (whole || sample.length === 0) cutter.end();
  return sample.filter((text) => text.trim() !== "");
}

const FLAWED = "\u0001";

async function judged(
  click: Click,
  formats: readonly Format[],
  lines: readonly string[],
): Promise<Choice[]> {
  if (lines.length === 0) return [];
  const claims = formats.map(({ claims: sql }) => `toBool(ifNull(${sql}, false))`);
  const rows = await click.query(
    z.object({ claimed: z.array(z.boolean()) }),
    `select [${claims.join(", ")}] as claimed from (select arrayJoin({lines:Array(String)}) as raw)`,
    { lines },
  );
  const won = new Map<Format, number>();
  for (const { claimed } of rows) {
    const [winner] = formats
      .filter((_, index) => claimed[index])
      .toSorted((a, b) => b.rank - a.rank);
    if (winner) won.set(winner, (won.get(winner) ?? 0) + 1);
  }
  const order = [...won].toSorted((a, b) => b[1] - a[1]);
  return order.map(([format, count]) => ({
    format,
    share: count / lines.length,
    others: order.filter(([other]) => other !== format).map(([{ name }]) => name),
  }));
}
