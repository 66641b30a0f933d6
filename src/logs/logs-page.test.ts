import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import assert from "node:assert/strict";
import type { EventColumn } from "./event-columns.ts";
import type { Format } from "./format.ts";
import { FORMATS } from "./formats.ts";

const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "logs.md"), "utf8");

/** What of an event the page says that a format fills: any of the columns. */
const FILLS: Readonly<Record<string, readonly EventColumn[]>> = {
  who: ["actor_user_name", "user_name"],
  from: ["src_endpoint_ip"],
  agent: ["http_request_user_agent"],
  did: ["api_operation", "http_request_method", "process_name"],
  on: ["resource_uid", "http_request_url_path"],
  ended: ["status_id"],
  mfa: ["is_mfa"],
  session: ["session_uid"],
  id: ["metadata_uid"],
};

test("the page of logs lists each format as it is, and no other", () => {
  const listed = page.split("\n").filter((line) => /^\| `[a-z0-9-]+` \|/.test(line));
  assert.deepEqual(listed.toSorted(), FORMATS.map(rowOf).toSorted());
});

test("the page says below which keys a format's records may stand", () => {
  for (const { name, records } of FORMATS)
    for (const key of "inside" in records ? records.inside : [])
      assert.match(page, new RegExp(`^- \`${key}\`:.*\`${name}\``, "m"));
});

function rowOf(format: Format): string {
  const { name, about, product, category, service, columns } = format;
  const source = [product, category, service].filter((word) => word !== "").map(told);
  const fills = Object.entries(FILLS)
    .filter(([, any]) => any.some((column) => Object.hasOwn(columns, column)))
    .map(([word]) => word);
  const cells = [`\`${name}\``, about, source.join(" / ") || "–", fills.join(", ") || "–"];
  return `| ${cells.join(" | ")} |`;
}

function told(word: string): string {
  return word.startsWith("sql:") ? "*by record*" : word;
}
