// docs/detect.md as a person follows it, and what `tocsin detect` does with bad input.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { ROOT, tocsin } from "../support/little-host.ts";

const Finding = z.object({
  class_uid: z.literal(2004),
  severity: z.string(),
  finding_info: z.object({ title: z.string(), related_events_count: z.number() }),
  observables: z.array(z.object({ name: z.string(), value: z.string() })),
});

const page = await readFile(join(ROOT, "docs", "detect.md"), "utf8");
const APP_LOG = /<<'END'\n([\s\S]*?)END\n/.exec(page)?.[1] ?? "";

async function inFolder(look: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-detect-test-"));
  try {
    await look(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function found(out: string): string[] {
  const lines = out.split("\n").filter((line) => line !== "");
  return lines
    .map((line) => Finding.parse(JSON.parse(line)))
    .map(({ severity, finding_info: { title, related_events_count: count }, observables }) =>
      [severity, title, count, ...new Set(observables.map(({ value }) => value))].join(" · "),
    )
    .toSorted();
}

test("the page's log gives the page's findings, packed or not", async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, "app.log"), APP_LOG);
    await writeFile(join(folder, "packed"), gzipSync(APP_LOG));
    for (const log of ["app.log", "packed"]) {
      const { status, out } = await tocsin(["detect", log, "--json"], { folder });
      assert.equal(status, 0);
      assert.deepEqual(
        found(out).filter((line) => !/^(?:Informational|Low)/.test(line)),
        [
          "Critical · An address that failed many times has got in · 2 · 203.0.113.9",
          "High · One address tries many accounts · 5 · 203.0.113.9",
          "Medium · Many sign-ins fail from one address · 5 · 203.0.113.9",
        ],
      );
    }
  });
});

test("what cannot be read is named, and the rest is looked at", async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, "app.log"), APP_LOG);
    await writeFile(join(folder, "cut.gz"), gzipSync(APP_LOG).subarray(0, 12));
    const { status, out, err } = await tocsin(["detect", "app.log", "cut.gz", "no.log", "--json"], {
      folder,
    });
    assert.equal(status, 0);
    assert.ok(found(out).length >= 3);
    assert.match(err, /not read: no\.log/);
    assert.match(err, /cut\.gz/);
    const nothing = await tocsin(["detect", "no.log", "--json"], { folder });
    assert.notEqual(nothing.status, 0);
    assert.match(nothing.out + nothing.err, /none of the logs can be read/);
  });
});
