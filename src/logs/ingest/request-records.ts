import type { Format } from "../format.ts";
import { cutterFor } from "../load-records.ts";
import type { Take } from "../reading/record.ts";
import { TooMany } from "./otlp.ts";

export type IngestRecord = {
  readonly bytes: Buffer;
  /** Why it could not be taken as it stood; empty where it could. */
  readonly flaw: string;
};

/** Of one request: a record of two bytes takes a hundred of memory. */
export const MOST_RECORDS = 200_000;

/** The records of a whole body: each request is read alone, so that what one sender breaks spoils nothing of another. @throws TooMany */
export function requestRecords(body: Buffer, format: Format): IngestRecord[] {
  const records: IngestRecord[] = [];
  const take: Take = (_place, { bytes, from, to, flaw }) => {
    if (records.length >= MOST_RECORDS) throw new TooMany();
    records.push({ bytes: bytes.subarray(from, to), flaw });
  };
  const cutter = cutterFor(format, body, take);
  cutter.push(body);
  cutter.end();
  return records;
}
