import { z } from "zod";
import { Key, PaceText, Path, SecretText } from "./words.ts";

export const STREAMS = ["transactional", "notices", "marketing"] as const;

const Provider = z.strictObject({
  smtp: SecretText.describe("smtp:// (STARTTLS where offered) or smtps://, with user and password where wanted"),
  streams: z.array(z.enum(STREAMS)).min(1),
  connections: z.int().min(1).max(100).default(10),
  pace: PaceText.optional(),
  tls: z.enum(["required", "offered"]).default("required"),
  signs: z.boolean().default(false).describe("true where the provider signs with the organisation's DKIM key itself"),
  lookup: z
    .strictObject({
      url: z.string().describe("`{message_id}` stands for the Message-ID; 200 means taken, 404 not taken"),
      token_file: Path.optional(),
    })
    .optional()
    .describe("where the provider can be asked whether it took a message: settles what a crash left unknown"),
});

export const Mail = z.strictObject({
  from: z.strictObject({ name: z.string(), address: z.email() }),
  reply_to: z.email().optional(),
  dkim: z.strictObject({ domain: z.string(), selector: z.string(), key_file: Path }).optional(),
  providers: z.record(Key, Provider),
});
export type Mail = z.output<typeof Mail>;
export type MailProvider = z.output<typeof Provider>;
