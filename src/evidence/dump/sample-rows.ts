import { open } from "node:fs/promises";

const BYTES = 1 << 20;
const ROWS = 1_000;

/** The first rows of a file of tab-separated values as ClickHouse writes them, without the row's number in front. */
export async function sampleOf(path: string): Promise<string[][]> {
  await using file = await open(path, "r");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(BYTES), 0, BYTES, 0);
  const lines = buffer.toString("utf8", 0, bytesRead).split("\n").slice(0, -1).slice(0, ROWS);
  return lines.map((line) => line.split("\t").slice(1).map(unescaped));
}

const ESCAPES: Readonly<Record<string, string>> = {
  t: "\t",
  n: "\n",
  r: "\r",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
};

function unescaped(value: string): string {
  return value.includes("\\")
    ? value.replace(/\\(.)/gs, (_, char: string) => ESCAPES[char] ?? char)
    : value;
}
