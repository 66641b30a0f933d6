import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { MailReport } from "../../incidents/inbox/read-mail-files.ts";
import { TocsinError } from "../../core/errors.ts";
import { answer } from "../answer.ts";
import { type Cli, show } from "../cli.ts";
import { text, type Run } from "../command.ts";
import { number, table, type Terminal } from "../terminal.ts";

export const run: Run = async (cli, { rest, options }) => {
  const name = text(options["name"]);
  if (!rest.includes("-"))
    return await read(cli, { paths: rest.map((path) => resolve(cli.folder, path)), name });
  if (rest.length > 1) throw new TocsinError("invalid", "standard input is read alone");
  try {
    return await readInput(cli, name ?? "standard input");
  } catch (error) {
    // Whoever hands a message over keeps it and comes again; at any other status Postfix would bounce it.
    cli.note(error instanceof Error ? error.message : String(error));
    return EX_TEMPFAIL;
  }
};

/** sysexits.h */
const EX_TEMPFAIL = 75;

async function readInput(cli: Cli, name: string): Promise<number> {
  // The reading may be done by a server: it comes there as a file.
  const folder = await mkdtemp(join(tmpdir(), "tocsin-mail-"));
  try {
    const path = join(folder, "message");
    await pipeline(process.stdin, createWriteStream(path, { flags: "wx", mode: 0o600 }), {
      signal: cli.signal,
    });
    return await read(cli, { paths: [path], name });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Reading = { readonly paths: readonly string[]; readonly name: string | undefined };

async function read(cli: Cli, { paths, name }: Reading): Promise<number> {
  const api = await cli.api();
  const report = answer<MailReport>(
    await api.post("read-mail", { paths, ...(name === undefined ? {} : { name }) }),
  );
  show(cli, report, (one) => rendered(one, cli.terminal));
  // What is set aside is kept and listed: a mail system that hands it over again would only repeat it.
  return 0;
}

function rendered(
  { messages, known, kinds, matched, unread }: MailReport,
  terminal: Terminal,
): string {
  const rows = Object.entries(kinds)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => [kind, number(count)]);
  const lines = [
    terminal.bold(`${number(messages)} messages, ${number(known)} of them known`),
    ...(rows.length > 0 ? [table(rows)] : []),
    ...(matched > 0 ? [`${number(matched)} are about notices of ours`] : []),
    ...unread.map(({ source, trouble, identity }) =>
      terminal.yellow(`set aside: ${source}: ${trouble} (${identity.slice(0, 12)})`),
    ),
  ];
  return lines.join("\n");
}
