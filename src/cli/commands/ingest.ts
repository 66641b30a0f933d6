import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { TocsinError } from "../../core/errors.ts";
import type { LogReport } from "../../logs/read-logs.ts";
import { answer } from "../answer.ts";
import { type Cli, show } from "../cli.ts";
import { text, type Run, type Typed } from "../command.ts";
import { renderLogReport } from "../render-log-report.ts";

export const run: Run = async (cli, typed) => {
  if (!typed.rest.includes("-"))
    return await ingest(
      cli,
      typed,
      typed.rest.map((path) => whole(cli, path)),
    );
  if (typed.rest.length > 1 || text(typed.options["name"]) === undefined)
    throw new TocsinError(
      "invalid",
      "standard input is read alone, and is called something: --name NAME",
    );
  // The reading may be done by a server: it comes there as a file.
  const folder = await mkdtemp(join(tmpdir(), "tocsin-ingest-"));
  try {
    const path = join(folder, "input");
    await pipeline(process.stdin, createWriteStream(path, { flags: "wx", mode: 0o600 }), {
      signal: cli.signal,
    });
    return await ingest(cli, typed, [path]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

function whole(cli: Cli, path: string): string {
  return path.startsWith("s3://") ? path : resolve(cli.folder, path);
}

async function ingest(cli: Cli, { options }: Typed, paths: readonly string[]): Promise<number> {
  const api = await cli.api();
  const named = ["log", "format", "zone", "name"].flatMap((key) => {
    const value = text(options[key]);
    return value === undefined ? [] : [[key, value] as const];
  });
  const report = answer<LogReport>(
    await api.post("ingest-logs", { paths, ...Object.fromEntries(named) }),
  );
  show(cli, report, (one) => renderLogReport(one, cli.terminal));
  return report.sources.length === 0 || report.unread.length > 0 ? NOT_ALL : 0;
}

// EX_DATAERR of sysexits.h: something that was named was not read.
const NOT_ALL = 65;
