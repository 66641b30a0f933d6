import { readdirSync, readFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import assert from "node:assert/strict";
import { testClick } from "../../test/support/context.ts";
import { eventLine } from "../../test/support/event-line.ts";
import { claimsOf, readLines } from "../../test/support/read-lines.ts";
import { chooseFormat } from "./choose-format.ts";
import { FORMATS } from "./formats.ts";
import { text as fallback } from "./formats/text.ts";
import { cutterFor } from "./load-records.ts";
import { SERVICE_FORMATS } from "./service-formats.ts";

const FIXTURES = join(import.meta.dirname, "service-formats", "fixtures");
/** Of formats that are no service's. */
const OTHERS = ["formats", "text-formats"].map((folder) =>
  join(import.meta.dirname, folder, "fixtures"),
);

// Each record of a fixture as read stands in the file beside it, and was checked by hand against the service's documentation.
for (const format of SERVICE_FORMATS)
  test(`${format.name}: its records say when, who, from where, what and how it ended`, async () => {
    const rows = await readLines({ format, lines: fixture(`${format.name}.ndjson`) });
    assert.deepEqual(rows.map(eventLine), fixture(`${format.name}.expected`));
    assert.ok(rows.every(({ raw }, index) => raw === fixture(`${format.name}.ndjson`)[index]));
  });

test("every fixture's record is claimed by its own format first, and by no other service's at all", async () => {
  const services = new Set(SERVICE_FORMATS.map(({ name }) => name));
  const ours = FORMATS.flatMap(({ name }) =>
    [FIXTURES, ...OTHERS]
      .filter((folder) => existsSync(join(folder, `${name}.ndjson`)))
      .map((folder) => ({ name, folder })),
  );
  for (const { name, folder } of ours) {
    const lines = fixture(`${name}.ndjson`, folder);
    for (const [index, claims] of (await claimsOf(FORMATS, lines)).entries()) {
      const at = `${name}, record ${index + 1}`;
      assert.equal(claims[0], name, `${at} is taken for ${claims[0]}`);
      const others = claims.filter((claim) => claim !== name && services.has(claim));
      assert.deepEqual(others, [], at);
    }
  }
  assert.deepEqual(
    [...services].filter((name) => !ours.some((format) => format.name === name)),
    [],
  );
});

test("no service claims a record of another kind of log", async () => {
  const others = OTHERS.flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => !file.endsWith(".expected"))
      .flatMap((file) => fixture(file, folder)),
  );
  const lines = [...others, ...FOREIGN];
  for (const [index, claims] of (await claimsOf(SERVICE_FORMATS, lines)).entries())
    assert.deepEqual([lines[index], ...claims], [lines[index]]);
});

const FOREIGN = [
  "{}",
  "[]",
  '"text"',
  "hello",
  '{"time":"2026-11-20T10:00:00Z","level":"info","msg":"login","user":"lee","type":"LOGIN","ip":"203.0.113.1"}',
  '{"action":"login","actor":"lee","timestamp":1795166400}',
  '{"ts":1795166400.1,"level":"info","msg":"started"}',
  '{"event_type":"click","timestamp":"2026-11-20T10:00:00Z","user":"lee"}',
  '{"eventName":"purchase","userId":"7","time":"2026-11-20T10:00:00Z"}',
  '{"eventType":"purchase","actor":{"id":"7"},"published":null}',
  '{"Operation":"Add","Id":"7"}',
  '{"verb":"get","uri":"/","status":200}',
  '{"id":{"time":"x"},"name":"x"}',
  '{"type":"s","date":"2026-11-20","ip":"203.0.113.1"}',
  '{"kind":"Event","apiVersion":"v1","metadata":{"name":"x"},"reason":"Scheduled"}',
];

test("a log is taken for its service whether its records are lines, pretty-printed, an array, or below a key", async () => {
  const click = await testClick();
  for (const format of SERVICE_FORMATS) {
    const records = fixture(`${format.name}.ndjson`).map((line) => parsed(line));
    const pretty = records.map((record) => JSON.stringify(record, null, 2)).join("\n");
    const array = JSON.stringify(records);
    const keys = "inside" in format.records ? format.records.inside : [];
    const below = keys.map((key) => JSON.stringify({ kind: "List", [key]: records, next: null }));
    for (const text of [fixture(`${format.name}.ndjson`).join("\n"), pretty, array, ...below]) {
      const head = Buffer.from(text);
      const choice = await chooseFormat(click, { head, whole: true, formats: FORMATS, fallback });
      assert.deepEqual([choice.format.name, choice.share, choice.others], [format.name, 1, []]);
      const places: number[] = [];
      const cutter = cutterFor(choice.format, head, (place) => places.push(place));
      cutter.push(head);
      cutter.end();
      assert.equal(places.length, records.length, `${format.name}: ${text.slice(0, 40)}`);
    }
  }
});

test("values of any shape in any place leave a record that reads, and change no other", async () => {
  const odd = [
    null,
    7,
    -1.5e300,
    true,
    "",
    [],
    {},
    [[["x"]]],
    [{ a: { b: [] } }],
    "😀".repeat(999),
  ];
  for (const format of SERVICE_FORMATS) {
    const plain = fixture(`${format.name}.ndjson`);
    const bent = plain.flatMap((line, index) =>
      Object.keys(parsed(line)).map((key, at) =>
        JSON.stringify({ ...parsed(line), [key]: odd[(index + at) % odd.length] }),
      ),
    );
    const hostile = plain.map((line) =>
      JSON.stringify({ ...parsed(line), "a'b`c\\": "{x:String} 🙂 \u0000 ' --" }),
    );
    const rows = await readLines({ format, lines: [...bent, ...hostile] });
    assert.deepEqual(
      rows.map(({ raw }) => raw),
      [...bent, ...hostile],
    );
    assert.deepEqual(rows.slice(bent.length).map(eventLine), fixture(`${format.name}.expected`));
  }
});

function parsed(line: string): Readonly<Record<string, unknown>> {
  return Object(JSON.parse(line));
}

function fixture(file: string, folder = FIXTURES): string[] {
  return readFileSync(join(folder, file), "utf8").trimEnd().split("\n");
}
