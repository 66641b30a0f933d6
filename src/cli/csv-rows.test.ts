import assert from "node:assert/strict";
import { test } from "node:test";
import { csvRows } from "./csv-rows.ts";

test("a cell that a spreadsheet would run is text, and none can end its line", () => {
  const cells = [
    "=HYPERLINK(1)",
    "+33 1",
    "-1",
    "@x",
    "\t=1",
    " =1",
    "＝1",
    "|cmd",
    'say "hi"',
    "a\r\nb",
    "plain",
  ];
  assert.equal(
    csvRows([cells]),
    `"'=HYPERLINK(1)","'+33 1","'-1","'@x","'\t=1","' =1","'＝1","'|cmd","say ""hi""","a b","plain"\r\n`,
  );
});
