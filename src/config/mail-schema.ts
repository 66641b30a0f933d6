import { z } from "zod";
import { Key, PaceText, Path, SecretText } from "./words.ts";

export const STREAMS = ["transactional", "notices", "marketing"] as const;

const Provider = z.strictObject({
  smtp: SecretText.describe(
    "smtp:// (STARTTLS where offered) or smtps://, with user and password where wanted",
  ),
  streams: z.array(z.enum(STREAMS)).min(1),
  connections: z.int().min(1).max(100).default(10),
  pace: PaceText.optional(),
  tls: z.enum(["required", "offered"]).default("required"),
  ca_file: Path.optional().describe("certificates to trust instead of the system's, in PEM"),
  signs: z
    .boolean()
    .default(false)
    .describe("true where the provider signs with the organisation's DKIM key itself"),
  lookup: z
    .strictObject({
      url: z
        .string()
        .describe("`{message_id}` stands for the Message-ID; 200 means taken, 404 not taken"),
      token_file: Path.optional(),
    })
    .optional()
    .describe(
      "where the provider can be asked whether it took a message: settles what a crash left unknown",
    ),
});

const Label = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i, "write a domain or a selector");
const Dkim = z.strictObject({ domain: Label, selector: Label, key_file: Path });

const Imap = z
  .strictObject({
    host: z.string().min(1),
    port: z.int().min(1).max(65_535).optional().describe("993, or 143 with starttls"),
    user: z.string().min(1),
    password_file: Path.optional(),
    access_token_file: Path.optional().describe(
      "instead of a password: an OAuth 2 access token, read again for each connection",
    ),
    folder: z.string().min(1).default("INBOX"),
    tls: z
      .enum(["implicit", "starttls"])
      .default("implicit")
      .describe("nothing is read without it"),
    ca_file: Path.optional().describe("certificates to trust instead of the system's, in PEM"),
  })
  .refine(
    (imap) => (imap.password_file === undefined) !== (imap.access_token_file === undefined),
    "write either password_file or access_token_file",
  );
export type ImapMailbox = z.output<typeof Imap>;

export const Mail = z.strictObject({
  from: z.strictObject({ name: z.string(), address: z.email() }),
  reply_to: z.email().optional(),
  dkim: z
    .union([Dkim, z.array(Dkim).min(1)])
    .optional()
    .describe(
      "signed with each, where the provider does not sign: RSA (2048 bits or more) or Ed25519 in PEM",
    ),
  providers: z.record(Key, Provider),
  bounces: z
    .strictObject({
      address: z
        .email()
        .optional()
        .describe("return path of notices; each has its own token after a + in the local part"),
      imap: Imap.optional().describe("the mailbox that they come to, kept open by `tocsin serve`"),
    })
    .optional(),
  reports: z
    .strictObject({ imap: Imap })
    .optional()
    .describe("the mailbox of DMARC and TLS reports (rua=mailto:…)"),
});
export type Mail = z.output<typeof Mail>;
export type MailProvider = z.output<typeof Provider>;
