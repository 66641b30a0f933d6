// A vendor's security desk that nothing but mail reaches. It reads what the sink takes for it and answers after a
// while, in a file, as a mail that somebody must read: no machine of the organisation is told.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { StoredMessage } from "./message-store.ts";

export type DeskInput = {
  readonly address: string;
  readonly name: string;
  /** Gets `answer-1.eml`, `answer-2.eml`, … */
  readonly folder: string;
  readonly afterMs: number;
};

export type VendorDesk = {
  /** Told of every message that the sink keeps. */
  receive(message: StoredMessage): void;
  close(): void;
};

export async function openVendorDesk(input: DeskInput): Promise<VendorDesk> {
  await mkdir(input.folder, { recursive: true });
  const closing = new AbortController();
  let tickets = 0;
  return {
    receive: (message) => {
      if (!message.to.some((address) => address.toLowerCase() === input.address)) return;
      tickets += 1;
      const path = join(input.folder, `answer-${tickets}.eml`);
      void delay(input.afterMs, undefined, { signal: closing.signal })
        .then(async () => await writeFile(path, answer(input, message, tickets)))
        .catch(() => {}); // closing: the desk goes home without answering
    },
    close: () => closing.abort(),
  };
}

function answer({ name, address }: DeskInput, asked: StoredMessage, ticket: number): string {
  return [
    `From: ${name} Security <${address}>`,
    `To: <${asked.from}>`,
    `Subject: Re: tokens of your users [SEC-${41_700 + ticket}]`,
    `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <sec-${41_700 + ticket}@${address.split("@")[1] ?? "vendor.example"}>`,
    `In-Reply-To: <${asked.messageId}>`,
    "",
    `We have expired every token that your application held, and all that you listed. Our ticket is SEC-${41_700 + ticket}.`,
    "",
  ].join("\r\n");
}
