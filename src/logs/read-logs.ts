// Logs → rows of `events`, a source each. Alone on the command line and inside an incident alike: needs ClickHouse and a private folder, and no
// Postgres. What cannot be read is said; the rest goes on.
import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import type { Progress } from "../core/progress.ts";
import type { Click } from "../db/click.ts";
import { type Choice, chooseFormat } from "./choose-format.ts";
import type { Format } from "./format.ts";
import { FORMATS } from "./formats.ts";
import { text } from "./formats/text.ts";
import type { LogInput, Unread } from "./list-inputs.ts";
import { type LoadedRecords, loadRecords } from "./load-records.ts";
import { publishSource } from "./publish-source.ts";
import { type PlainText, plainText, SAMPLE_BYTES } from "./reading/plain-text.ts";

export type ReadLogsInput = {
  readonly inputs: readonly LogInput[];
  /** The name of the source that an input becomes in `events`. */
  readonly sourceOf: (input: LogInput) => string;
  /** Of all inputs; by default each is told by its content. */
  readonly format?: Format;
  /** Those to choose from: all that Tocsin knows by default. */
  readonly formats?: readonly Format[];
  /** IANA name, of times that name no zone. */
  readonly zone: string;
  /** Where the inputs do not say when they were written. */
  readonly now: Date;
  /** Private; it holds pieces in the clear while they are loaded. */
  readonly folder: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

export type ReadSource = {
  readonly source: string;
  readonly name: string;
  readonly format: string;
  /** Said by a person, or of the sample's records the share that spoke for it. */
  readonly share: number | "given";
  /** Formats of other records of the sample. */
  readonly others: readonly string[];
  readonly compression: string | undefined;
  readonly bytes: number;
  readonly records: number;
  readonly broken: number;
  /** The first of them. */
  readonly brokenAt: readonly { readonly place: number; readonly reason: string }[];
  /** Records whose bytes were no UTF-8. */
  readonly repaired: number;
  /** ISO 8601, UTC. Undefined where no record tells a time. */
  readonly first: string | undefined;
  readonly last: string | undefined;
  /** Records that tell no usable time. */
  readonly timeless: number;
  /** Why it ended before its end. */
  readonly damage: string | undefined;
};

export type LogReport = {
  readonly sources: readonly ReadSource[];
  readonly unread: readonly Unread[];
};

/** Replaces each source as a whole: until its last step readers see what was there before, and a crash leaves that. */
export async function readLogs(click: Click, input: ReadLogsInput): Promise<LogReport> {
  const sources: ReadSource[] = [];
  const unread: Unread[] = [];
  let before: Format | undefined;
  for (const one of input.inputs) {
    input.signal.throwIfAborted();
    try {
      const { read, format } = await readLog(click, input, { input: one, before });
      sources.push(read);
      before = format;
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === undefined) throw error;
      unread.push({ name: one.name, reason });
    }
  }
  return { sources, unread };
}

/** Undefined where the machine or the store is at fault, and the next file would fail as this one. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof TocsinError)
    return ["invalid", "refused", "incompatible"].includes(error.code) ? error.message : undefined;
  if (error instanceof Error && "code" in error) {
    if (error.code === "EACCES") return "it may not be read";
    if (error.code === "ENOENT") return "it is gone";
    if (error.code === "EISDIR") return "it is a folder";
  }
  return undefined;
}

type One = { readonly input: LogInput; readonly before: Format | undefined };
type Read = { readonly read: ReadSource; readonly format: Format };

async function readLog(click: Click, of: ReadLogsInput, { input, before }: One): Promise<Read> {
  const packed = { bytes: 0 };
  const plain = await plainText(counted(input.open(), packed));
  const source = of.sourceOf(input);
  try {
    const choice = await choiceOf(click, of, { plain, before });
    const loaded = await gather(click, of, { input, plain, format: choice.format, packed });
    const figures = await figuresOf(click, source);
    await publishSource(click, { source, records: loaded.records, timeless: figures.timeless });
    const read = {
      source,
      name: input.name,
      format: choice.format.name,
      share: choice.share,
      others: choice.others,
      compression: plain.compression,
      ...loaded,
      ...figures,
      damage: plain.damage(),
    };
    return { read, format: choice.format };
  } catch (error) {
    await click
      .command("alter table events_reading drop partition {source:String}", { source })
      .catch(() => {}); // the error before it says more
    throw error;
  } finally {
    await plain.chunks.return(undefined);
  }
}

type Choosing = { readonly plain: PlainText; readonly before: Format | undefined };

async function choiceOf(
  click: Click,
  { format, formats = FORMATS }: ReadLogsInput,
  { plain: { head }, before }: Choosing,
): Promise<Omit<Choice, "share"> & { readonly share: number | "given" }> {
  if (format !== undefined) return { format, share: "given", others: [] };
  const whole = head.length < SAMPLE_BYTES;
  const choice = await chooseFormat(click, { head, whole, formats, fallback: text, before });
  if (choice.format.name !== "cloudtrail-digest") return choice;
  throw new TocsinError(
    "incompatible",
    "a digest of CloudTrail: it names log files and holds no events",
  );
}

type Gathering = {
  readonly input: LogInput;
  readonly plain: PlainText;
  readonly format: Format;
  /** Of the input, read so far. */
  readonly packed: { readonly bytes: number };
};

async function gather(
  click: Click,
  of: ReadLogsInput,
  { input, plain, format, packed }: Gathering,
): Promise<LoadedRecords> {
  const source = of.sourceOf(input);
  const written = new Date(Math.min(of.now.getTime(), (input.written ?? of.now).getTime()));
  await click.command("alter table events_reading drop partition {source:String}", { source });
  return await loadRecords(click, {
    chunks: plain.chunks,
    format,
    into: "events_reading",
    folder: of.folder,
    source,
    batch: 0,
    zone: of.zone,
    now: written,
    arrival: written,
    signal: of.signal,
    progress: () =>
      of.progress({
        what: `read ${input.name}`,
        done: packed.bytes,
        unit: "bytes",
        ...(input.bytes === undefined ? {} : { of: input.bytes }),
      }),
  });
}

async function* counted(
  chunks: AsyncIterable<Buffer>,
  read: { bytes: number },
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    read.bytes += chunk.length;
    yield chunk;
  }
}

const Figures = z.object({
  broken: z.number(),
  timeless: z.number(),
  first: z.string(),
  last: z.string(),
  known: z.number(),
});
const Broken = z.object({ place: z.number(), reason: z.string() });

async function figuresOf(
  click: Click,
  source: string,
): Promise<Pick<ReadSource, "broken" | "brokenAt" | "first" | "last" | "timeless">> {
  const [row] = await click.query(
    Figures,
    `select countIf(broken != '') as broken, countIf(not time_known) as timeless, countIf(time_known) as known,
      minIf(time, time_known) as first, maxIf(time, time_known) as last
    from events_reading where source = {source:String}`,
    { source },
  );
  const brokenAt =
    row === undefined || row.broken === 0
      ? []
      : await click.query(
          Broken,
          `select place, toString(broken) as reason from events_reading
          where source = {source:String} and broken != '' order by place limit 5`,
          { source },
        );
  const isKnown = row !== undefined && row.known > 0;
  return {
    broken: row?.broken ?? 0,
    timeless: row?.timeless ?? 0,
    first: isKnown ? row.first : undefined,
    last: isKnown ? row.last : undefined,
    brokenAt,
  };
}
