import { Organisation } from "../../src/config/organisation.ts";
import { dataFolder } from "../../src/db/folder.ts";
import type { MailContext } from "../../src/mail/lookup.ts";

export type MailFields = {
  /** Of the provider. */
  readonly provider?: Readonly<Record<string, unknown>>;
  /** Of `mail`. */
  readonly mail?: Readonly<Record<string, unknown>>;
};

/** Sends through the provider `sink` on `port` of this machine; its files are in `dir`. Spread it over a context with stores. */
export function mailContext(
  dir: string,
  port: number,
  { provider, mail }: MailFields = {},
): MailContext {
  const organisation = Organisation.parse({
    organisation: {
      name: "Example Cloud",
      domain: "example.cloud",
      site: "https://example.cloud",
      languages: ["en", "fr"],
      contact: "privacy@example.cloud",
    },
    mail: {
      from: { name: "Example Cloud", address: "security@example.cloud" },
      providers: {
        sink: {
          smtp: `smtp://127.0.0.1:${port}`,
          streams: ["notices"],
          tls: "offered",
          connections: 2,
          ...provider,
        },
      },
      ...mail,
    },
  });
  return { organisation, folder: dataFolder(dir) };
}
