import { bareId, partText, type IncomingMail } from "../incoming/incoming-mail.ts";

/** What is told by the message that a report returns; '' where it did not come along. */
export type ReturnedHeader = {
  readonly messageId: string;
  readonly from: string;
  readonly to: string;
};

const RETURNED_PART =
  /^(message\/(rfc822|global|rfc822-headers|global-headers|partial)|text\/rfc822-headers?)$/;

/** Whether the message brings another, or its header. */
export function returns(mail: IncomingMail): boolean {
  return mail.parts.some(({ type }) => RETURNED_PART.test(type));
}

/** From the part that returns the message, else from where it stands in the text. */
export function returnedHeader(mail: IncomingMail, inText: string): ReturnedHeader {
  const part = mail.parts.find(({ type }) => RETURNED_PART.test(type));
  const head =
    (part ? partText(part) : inText).split(/\r?\n\r?\n/, 1)[0]?.replaceAll(/\r?\n[ \t]+/g, " ") ??
    "";
  const field = (name: string): string =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, "im").exec(head)?.[1]?.trim() ?? "";
  return {
    messageId: bareId(field("message-id")),
    from: addressIn(field("from")),
    to: addressIn(field("to")),
  };
}

function addressIn(text: string): string {
  return (/[^\s<>"(),:;]+@[^\s<>"(),:;]+/.exec(text)?.[0] ?? "").toLowerCase();
}
