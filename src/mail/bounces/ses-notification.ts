// Amazon SES tells of bounces by SNS; where that is delivered by mail, the message's text is the notification's JSON.
// https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
import { z } from "zod";
import type { IncomingMail } from "../incoming/incoming-mail.ts";

const Recipient = z.object({
  emailAddress: z.string(),
  action: z.string().default(""),
  status: z.string().default(""),
  diagnosticCode: z.string().default(""),
});

const Notification = z.object({
  mail: z
    .object({
      commonHeaders: z.object({ messageId: z.string().default("") }).default({ messageId: "" }),
    })
    .optional(),
  bounce: z.object({ bouncedRecipients: z.array(Recipient) }).optional(),
  complaint: z
    .object({ complainedRecipients: z.array(z.object({ emailAddress: z.string() })) })
    .optional(),
  delivery: z
    .object({ recipients: z.array(z.string()), smtpResponse: z.string().default("") })
    .optional(),
});
export type SesNotification = z.output<typeof Notification>;

export function sesNotification({ text }: IncomingMail): SesNotification | undefined {
  if (!/^\s*\{\s*"(notificationType|eventType|Type)"\s*:/.test(text)) return undefined;
  // Sendmail breaks lines that are too long with an exclamation mark (its option L).
  const whole = text.replaceAll(/!\r?\n /g, "");
  const end = whole.indexOf("\n--");
  const read = jsonOf(end === -1 ? whole : whole.slice(0, end));
  const inner = Envelope.safeParse(read);
  const told = Notification.safeParse(inner.success ? jsonOf(inner.data.Message) : read);
  return told.success && Object.keys(told.data).length > 0 ? told.data : undefined;
}

/** SNS puts the notification into a string of its own, unless told to deliver it raw. */
const Envelope = z.object({ Type: z.literal("Notification"), Message: z.string() });

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
