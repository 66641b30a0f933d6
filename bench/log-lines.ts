// Logs to measure with: of the usual shapes and lengths, every line another.
import { createWriteStream } from "node:fs";
import { once } from "node:events";

const CHUNK = 5_000; // lines written at once

/** NDJSON as services write it: 415 bytes a line. */
export function jsonLine(n: number): string {
  return JSON.stringify({
    timestamp: new Date(START + n * 37).toISOString(),
    level: "info",
    msg: `request completed number ${n}`,
    account: `user${(n * 7919) % 10_007}`,
    ip: `192.0.${n % 256}.${(n * 31) % 256}`,
    action: ACTIONS[n % ACTIONS.length],
    resource: { type: "bucket", id: `arn:aws:s3:::bucket-${n % 977}/path/${n}` },
    user_agent: `${AGENT} Chrome/${n % 120}`,
    request_id: `${((n * 2_654_435_761) % 4_294_967_296).toString(16)}-${n.toString(16)}`,
    tags: ["a", "b", n % 9],
    status: 200 + (n % 5),
    duration: (n % 1_000) / 7,
  });
}

/** An access log, combined: 240 bytes a line. */
export function accessLine(n: number): string {
  const at = new Date(START + n * 13);
  const clock = `${two(at.getUTCDate())}/${MONTHS[at.getUTCMonth()]}/${at.getUTCFullYear()}:${at.toISOString().slice(11, 19)} +0000`;
  const path = `/shop/item/${(n * 7919) % 100_003}?from=${n % 97}&ref=mail`;
  return `203.0.${n % 256}.${(n * 31) % 256} - ${n % 40 === 0 ? `user${n % 1_009}` : "-"} [${clock}] "${n % 9 === 0 ? "POST" : "GET"} ${path} HTTP/1.1" ${CODES[n % CODES.length]} ${(n * 31) % 60_000} "https://example.org/list/${n % 50}" "${AGENT} Chrome/${n % 120}.0.0.0"`;
}

const START = Date.UTC(2026, 10, 1);
const ACTIONS = ["GetObject", "PutObject", "AssumeRole", "ListBuckets", "CreateUser"];
const AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)";
const CODES = [200, 200, 200, 304, 404, 302, 200, 500];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** At least so many bytes; answers how many there are. `first` is the number of its first line. */
export async function writeLog(
  path: string,
  line: (n: number) => string,
  { bytes, first = 0 }: { readonly bytes: number; readonly first?: number },
): Promise<number> {
  const file = createWriteStream(path);
  let written = 0;
  for (let n = first; written < bytes; n += CHUNK) {
    const text = Array.from({ length: CHUNK }, (_, at) => `${line(n + at)}\n`).join("");
    written += Buffer.byteLength(text);
    if (!file.write(text)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
  return written;
}
