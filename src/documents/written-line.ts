import { z } from "zod";
import { REASONS } from "./document.ts";

const Count = z.int().min(0);

const Table = z.object({
  name: z.string(),
  columns: z.array(z.string()),
  path: z.string(),
  format: z.enum(["CSV", "TSV"]),
  settings: z.record(z.string(), z.union([z.string(), z.number()])),
  numbered: z.boolean(),
  offset: Count.exactOptional(),
  prose: z.literal(true).exactOptional(),
  before: Count,
  last: Count,
  rows: Count,
  sample: z.array(z.array(z.string())),
});

const SetAside = z.object({
  reason: z.string(),
  at: z.string().exactOptional(),
  count: Count,
  rows: z.array(Count),
});

const reasons = z.enum(Object.keys(REASONS) as (keyof typeof REASONS)[]);

/** The last line of the child: it has read documents, so it is believed as little as they are. */
export const WrittenLine = z.object({
  result: z.object({
    tables: z.array(Table),
    setAside: z.array(SetAside),
    unread: z.array(z.object({ at: z.string(), reason: reasons, detail: z.string() })),
    unlisted: Count,
    kinds: z.array(z.string().nullable()),
    documents: Count,
  }),
});
