import { z } from "zod";

/** Settings of a step of notices: frozen by the plan's digest, and enough to render every notice again. */
export const NoticeSettings = z.strictObject({
  incident: z.string(),
  title: z.string(),
  window: z.strictObject({ from: z.string(), to: z.string() }).optional(),
  provider: z.string(),
  from: z.strictObject({ name: z.string(), address: z.string() }),
  replyTo: z.string().optional(),
  /** Where what cannot be delivered comes back to; each notice has its own, with its token. The sender's address where there is none. */
  returnPath: z.string().optional(),
  correction: z.boolean().default(false),
  wave: z.int().min(1).default(1),
  /** What notices set off is kept under the organisation's caps: the slower of this and the provider's pace counts. */
  pace: z.strictObject({ count: z.number(), perMs: z.number() }).optional(),
  /** Language → the template's whole source. The organisation's first language comes first in `languages`. */
  templates: z.record(z.string(), z.string()),
  organisation: z.strictObject({
    name: z.string(),
    domain: z.string(),
    site: z.string().optional(),
    contact: z.string(),
    languages: z.array(z.string()).min(1),
  }),
});
export type NoticeSettings = z.output<typeof NoticeSettings>;
export type NoticeOrganisation = NoticeSettings["organisation"];
