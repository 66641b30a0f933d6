import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import assert from "node:assert/strict";
import { eventLine } from "../../test/support/event-line.ts";
import { claimsOf, readLines } from "../../test/support/read-lines.ts";
import { FORMATS } from "./formats.ts";
import { TEXT_FORMATS } from "./text-formats.ts";

const FIXTURES = join(import.meta.dirname, "text-formats", "fixtures");

// Each line of a fixture as read stands in the file beside it, and was checked by hand against what the program's documentation says.
for (const format of TEXT_FORMATS)
  test(`${format.name}: its lines say when, who, from where, what and how it ended`, async () => {
    const lines = fixture(`${format.name}.log`);
    const rows = await readLines({ format, lines });
    assert.deepEqual(
      rows.map((row) => eventLine(row).trimEnd()),
      fixture(`${format.name}.expected`),
    );
    assert.deepEqual(
      rows.map(({ raw }) => raw),
      lines,
    );
  });

test("most lines of every fixture are claimed by their own format first", async () => {
  for (const { name } of TEXT_FORMATS) {
    const lines = fixture(`${name}.log`);
    const firsts = (await claimsOf(FORMATS, lines)).map(([first]) => first);
    const own = firsts.filter((first) => first === name).length;
    assert.ok(own * 2 > lines.length, `${name}: ${firsts.join(", ")}`);
  }
});

function fixture(file: string): string[] {
  return readFileSync(join(FIXTURES, file), "utf8").trimEnd().split("\n");
}
