import { z } from "zod";
import { ACTS, SURENESS } from "../config/incident-file.ts";

/** One thing of one account that was exposed. `fresh`: new in this wave, the person was not told before. */
export const NoticeExposure = z.strictObject({
  category: z.string(),
  sureness: z.enum(SURENESS),
  act: z.enum(ACTS),
  /** What kind it was, where that changes the words: `bcrypt`, `sha1`, `plain`. */
  detail: z.string().default(""),
  fresh: z.boolean().default(true),
});
export type NoticeExposure = z.output<typeof NoticeExposure>;

export const NoticeAccount = z.strictObject({
  account: z.string(),
  username: z.string().default(""),
  exposed: z.array(NoticeExposure),
});
export type NoticeAccount = z.output<typeof NoticeAccount>;

/**
 * Payload of a notice's task: whom to write to, and exactly what of theirs was exposed. For a correction, `exposed` is what they were
 * told in error.
 */
export const NoticePerson = z.strictObject({
  /** '' where nobody can be reached: the task ends as *unreachable*. */
  to: z.string(),
  role: z.enum(["owner", "guardian", "estate", "security", "billing"]).default("owner"),
  language: z.string().default(""),
  name: z.string().default(""),
  wave: z.int().min(1).default(1),
  correction: z.boolean().default(false),
  accounts: z.array(NoticeAccount).min(1),
});
export type NoticePerson = z.output<typeof NoticePerson>;
