import { TocsinError } from "../core/errors.ts";
import type { VendorConnector } from "../config/connectors-schema.ts";
import type { Context } from "../db/context.ts";
import { requestTemplate } from "./connectors/request-template.ts";

export type VendorMail = {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The same however often it is handed over, so that a second copy is known as one. */
  readonly messageId: string;
};

/** As a mail provider answers. `accepted`: it has taken responsibility. `unknown`: it may or may not have been taken. */
export type VendorMailHanded = {
  readonly state: "accepted" | "deferred" | "refused" | "unreachable" | "unknown";
  readonly reason?: string;
};

export type SendToVendor = (mail: VendorMail) => Promise<VendorMailHanded>;

export type VendorAsk = {
  readonly connector: string;
  readonly action: string;
  readonly asks: string;
  readonly incident: string;
  readonly count: number;
  readonly reference: string;
  /** Which letter of this request it is, from 1. */
  readonly number: number;
  readonly firstAskedAt?: Date;
  readonly ticket?: string;
};

/** What is written to the vendor. @throws TocsinError `not_found` where the connector left tocsin.yaml, `invalid` by its template */
export function vendorMail(ctx: Context, ask: VendorAsk): VendorMail {
  const connector = vendorConnector(ctx, ask.connector);
  const { name, domain } = ctx.organisation.organisation;
  const key = ask.action.split(".")[1] ?? "";
  const template = requestTemplate(connector.actions[key]?.text ?? TEXT);
  const values = {
    vendor: connector.vendor.name,
    organisation: name,
    contact: ctx.organisation.organisation.contact,
    incident: ask.incident,
    of: ask.asks,
    count: ask.count,
    reference: ask.reference,
    ticket: ask.ticket ?? "",
    first_asked: ask.firstAskedAt?.toISOString().slice(0, 16).replace("T", " ") ?? "",
  };
  const chased = ask.number > 1 ? `${requestTemplate(CHASE)(values)}\n\n` : "";
  return {
    to: connector.vendor.address,
    subject: `[${ask.reference}] ${ask.number > 1 ? "Again: " : ""}${name}: please ${ask.asks}`,
    text: chased + template(values),
    messageId: `${ask.reference.toLowerCase()}.${ask.number}@${domain}`,
  };
}

export function vendorConnector(ctx: Context, name: string): VendorConnector {
  const connector = ctx.organisation.connectors[name];
  if (!connector || !("vendor" in connector))
    throw new TocsinError("not_found", `tocsin.yaml has no vendor ${name}`);
  return connector;
}

const TEXT = `To the security team of {{ vendor }},

{{ organisation }} had a security breach. What you hold for us or issued to our customers is part of it, and only you can act on it.

We ask you to {{ of }}{% if count > 0 %}: {{ count }} in number{% endif %}. We will hand over the list in the way that you name.

Please answer with your ticket, with whether all, some or none of it is carried out and when, and with what shows it.
Keep [{{ reference }}] in the subject; your answer is matched by it.

{{ organisation }}, {{ contact }}
`;

const CHASE = `We asked this first on {{ first_asked }} UTC{% if ticket != "" %} (your ticket {{ ticket }}){% endif %}, and have no answer yet that settles it.`;
