// Which hours the sources cover, and where they say nothing: whoever looks for something and does not find it must know.
import { z } from "zod";
import type { Click } from "../../db/click.ts";

const Row = z.object({
  source: z.string(),
  events: z.number(),
  broken: z.number(),
  timeless: z.number(),
  formats: z.array(z.string()),
  hours: z.number(),
  first: z.string(),
  last: z.string(),
  gapCount: z.number(),
  gapHours: z.number(),
  gaps: z.array(z.tuple([z.string(), z.string(), z.number()])),
});

/** A run of hours, from the start of one to the end of one, without a record. ISO 8601, UTC. */
export type Gap = { readonly from: string; readonly to: string; readonly hours: number };

export type Coverage = {
  readonly source: string;
  readonly formats: readonly string[];
  readonly events: number;
  readonly broken: number;
  readonly timeless: number;
  /** Undefined where no record tells a time. */
  readonly first: string | undefined;
  readonly last: string | undefined;
  /** Hours with a record. */
  readonly hours: number;
  /** Of the gaps between first and last. */
  readonly gapHours: number;
  readonly gapCount: number;
  /** The longest hundred, in order of time. */
  readonly gaps: readonly Gap[];
};

export type CoverageOf = {
  readonly sources?: readonly string[];
  readonly from?: Date;
  readonly to?: Date;
};

/** One row a source that has events, by name. Records that tell no time count as events and cover nothing. */
export async function coverage(
  click: Click,
  { sources, from, to }: CoverageOf = {},
): Promise<Coverage[]> {
  const wanted = sources === undefined ? "true" : "source in {sources:Array(String)}";
  const after = from === undefined ? "true" : "time >= {from:DateTime64(6)}";
  const before = to === undefined ? "true" : "time < {to:DateTime64(6)}";
  const rows = await click.query(
    Row,
    `select source, sum(of_hour) as events, sum(of_broken) as broken, sum(of_hour - of_known) as timeless,
      arraySort(groupUniqArrayArray(of_formats)) as formats, countIf(of_known > 0) as hours, minIf(of_first, of_known > 0) as first,
      maxIf(of_last, of_known > 0) as last, countIf(gap > 1) as gapCount, sum(greatest(gap, 1) - 1) as gapHours,
      arraySort(arraySlice(arrayReverseSort(one -> one.3, groupArrayIf((gap_from, formatDateTime(hour, ${ISO}), gap - 1), gap > 1)), 1, 100)) as gaps
    from (
      select *, formatDateTime(addHours(previous, 1), ${ISO}) as gap_from, if(of_known > 0 and previous > toDateTime(0), dateDiff('hour', previous, hour), 1) as gap
      from (
        select *, lagInFrame(hour) over (partition by source, of_known > 0 order by hour rows between 1 preceding and current row) as previous
        from (
          select source, if(time_known, toStartOfHour(toDateTime(time, 'UTC')), toDateTime(0)) as hour, count() as of_hour, countIf(time_known) as of_known,
            countIf(broken != '') as of_broken, groupUniqArray(toString(format)) as of_formats, min(time) as of_first, max(time) as of_last
          from events where ${wanted} and ${after} and ${before} group by source, hour)))
    group by source order by source`,
    { sources, from, to },
  );
  return rows.map(({ first, last, gaps, ...row }) => ({
    ...row,
    first: row.hours === 0 ? undefined : first,
    last: row.hours === 0 ? undefined : last,
    gaps: gaps.map(([start, end, hours]) => ({ from: start, to: end, hours })),
  }));
}

const ISO = "'%Y-%m-%dT%H:%i:%SZ'";
