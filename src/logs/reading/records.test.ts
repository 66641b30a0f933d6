import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { csvRecords } from "./csv-records.ts";
import { jsonRecords } from "./json-records.ts";
import { lineRecords } from "./line-records.ts";
import { type Cutter, MOST_RECORD_BYTES, type Take } from "./record.ts";

type Cut = { readonly place: number; readonly text: string; readonly flaw: string };

/** Cut in pieces of the sizes given, over and over. */
function cut(
  make: (take: Take) => Cutter,
  bytes: Buffer,
  sizes: readonly number[] = [1 << 20],
): Cut[] {
  const found: Cut[] = [];
  const cutter = make((place, { bytes: of, from, to, flaw }) =>
    found.push({ place, text: of.toString("latin1", from, to), flaw }),
  );
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    cutter.push(Buffer.from(bytes.subarray(at, at + size))); // a copy: nothing may hold on to the piece
    at += size;
  }
  cutter.end();
  return found;
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const lines = (take: Take): Cutter => lineRecords(take);
const json = (take: Take): Cutter => jsonRecords(take);
const csv = (take: Take): Cutter => csvRecords(take, { delimiter: 44, quote: 34 });
const CUTTERS: Readonly<Record<string, (take: Take) => Cutter>> = {
  lines,
  "lines with continuations": (take) => lineRecords(take, "[ \\t]"),
  json,
  "json below a key": (take) => jsonRecords(take, "Records"),
  csv,
};

test("lines are what stands between line ends, in pieces of any size", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), sizes, (bytes, pieces) => {
      const text = Buffer.from(bytes.map((byte) => (byte % 7 === 0 ? 10 : byte)));
      const expected = text
        .toString("latin1")
        .split("\n")
        .map((line, at) => ({ place: at + 1, text: line.replace(/\r$/, ""), flaw: "" }))
        .filter((one) => one.text !== "");
      assert.deepEqual(cut(lines, text, pieces), expected);
    }),
  );
});

test("lines that continue the one before belong to its record, whose place is its first line", () => {
  const text = Buffer.from("a\n b\r\n\tc\nd\n\n e\nf\n g");
  fc.assert(
    fc.property(sizes, (pieces) => {
      assert.deepEqual(
        cut((take) => lineRecords(take, "[ \\t]"), text, pieces).map(({ place, text: of }) => [
          place,
          of,
        ]),
        [
          [1, "a\n b\r\n\tc"],
          [4, "d"],
          [6, " e"],
          [7, "f\n g"],
        ],
      );
    }),
  );
});

const value = fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }), {
  maxKeys: 4,
});

test("documents are found however they are written and cut", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          value,
          fc.constantFrom(0, 1, "\t"),
          fc.constantFrom("\n", "\r\n\n", " ", "\u001E"),
        ),
      ),
      sizes,
      (documents, pieces) => {
        const text = documents
          .map(([of, indent, end]) => `${JSON.stringify(of, null, indent)}${end}`)
          .join("");
        const found = cut(json, Buffer.from(text), pieces);
        assert.deepEqual(
          found.map((one) => JSON.parse(Buffer.from(one.text, "latin1").toString())),
          documents.map(([of]) => JSON.parse(JSON.stringify(of))),
        );
        assert.ok(found.every(({ place }, at) => place > (found[at - 1]?.place ?? 0)));
      },
    ),
  );
});

test("the elements of an array are records, alone or below the key, whatever stands around it", () => {
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 5 }),
      value,
      fc.constantFrom(0, 1),
      sizes,
      (elements, other, ...[indent, pieces]) => {
        const parse = (found: readonly Cut[]): unknown[] =>
          found.map((one) => JSON.parse(Buffer.from(one.text, "latin1").toString()));
        const clean = JSON.parse(JSON.stringify(elements));
        const bare = Buffer.from(JSON.stringify(elements, null, indent));
        assert.deepEqual(parse(cut(json, bare, pieces)), clean);
        const document = {
          x: { Records: [other] },
          "Records ": "[",
          Records: elements,
          y: [other, "Records"],
        };
        const two = `${JSON.stringify(document, null, indent)}\n${JSON.stringify({ Records: elements })}`;
        assert.deepEqual(
          parse(cut((take) => jsonRecords(take, "Records"), Buffer.from(two), pieces)),
          [...clean, ...clean],
        );
      },
    ),
  );
});

test("a document without the key is a record itself", () => {
  const found = cut(
    (take) => jsonRecords(take, "Records"),
    Buffer.from('{"a":1}\n{"a":\n2}\n{"Records":[{"b":3}]}'),
  );
  assert.deepEqual(
    found.map(({ place, text }) => [place, text]),
    [
      [1, '{"a":1}'],
      [2, '{"a":\n2}'],
      [4, '{"b":3}'],
    ],
  );
});

test("of lines of which some are broken, every other is found as if they were not there", () => {
  const good = fc
    .record({ n: fc.integer(), s: fc.string() })
    .map((of) => ({ good: true, text: JSON.stringify(of) }));
  const bad = fc
    .constantFrom(
      '{"a": 1',
      '{"a": "x',
      '{"a": [1,',
      "plain text",
      '"',
      "}",
      '{"a": {"b": 1}',
      "\0\0",
      "[",
      '{"Records":[',
      '{"a": [{',
    )
    .map((text) => ({ good: false, text }));
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 3, arbitrary: good }, bad), { minLength: 1 }),
      sizes,
      (all, pieces) => {
        const text = Buffer.from(all.map((one) => one.text).join("\n"));
        const found = cut(json, text, pieces).map((one) =>
          Buffer.from(one.text, "latin1").toString(),
        );
        const wanted = all.filter((one) => one.good).map((one) => one.text);
        assert.deepEqual(
          wanted.filter((one) => !found.includes(one)),
          [],
        );
      },
    ),
    { numRuns: 500 },
  );
});

test("a row is the object of its fields, over lines where they are quoted", () => {
  const text = Buffer.from(
    'time,who,"what, then"\n1,ann,"a ""b""\nc"\r\n2,bob\n\n3,cid,d,e\n"4,open\n5,dan,x',
  );
  fc.assert(
    fc.property(sizes, (pieces) => {
      const rows = cut(csv, text, pieces);
      assert.deepEqual(
        rows.map((row) => [row.place, JSON.parse(row.text), row.flaw]),
        [
          [2, { time: "1", who: "ann", "what, then": 'a "b"\nc' }, ""],
          [4, { time: "2", who: "bob" }, "2 fields where the first line names 3"],
          [
            6,
            { time: "3", who: "cid", "what, then": "d", column_4: "e" },
            "4 fields where the first line names 3",
          ],
          [7, { time: "4,open" }, "a quote that does not close"],
          [8, { time: "5", who: "dan", "what, then": "x" }, "a quote that does not close"],
        ],
      );
    }),
  );
});

test("no bytes crash, lose their place or hang", () => {
  const bytes = fc.array(
    fc.constantFrom(...Buffer.from('{}[]":,\\\n\r \0aR\xff"Records"', "latin1")),
    { maxLength: 400 },
  );
  fc.assert(
    fc.property(bytes, sizes, fc.constantFrom(...Object.values(CUTTERS)), (of, pieces, make) => {
      const whole = cut(make, Buffer.from(of));
      assert.deepEqual(cut(make, Buffer.from(of), pieces), whole);
      assert.ok(whole.every(({ place }, at) => place > (whole[at - 1]?.place ?? 0)));
    }),
    { numRuns: 2_000 },
  );
});

test("a line longer than a record may be is cut there, says its length, and the next line is whole", () => {
  const long = Buffer.alloc(MOST_RECORD_BYTES + 5_000_000, "x");
  for (const [name, make] of Object.entries(CUTTERS)) {
    if (name === "csv") continue;
    const found = cut(
      make,
      Buffer.concat([Buffer.from('{"a":1}\n'), long, Buffer.from('\n{"b":2}\n')]),
    );
    assert.deepEqual(
      found.map(({ place, text, flaw }) => [place, text.length, flaw]),
      [
        [1, 7, ""],
        [
          2,
          MOST_RECORD_BYTES,
          `longer than 16 MiB: ${long.length} bytes, of which the rest is left out`,
        ],
        [3, 7, ""],
      ],
      name,
    );
  }
});

test("hostile text takes less than a second a megabyte", () => {
  const MEGABYTES = 1;
  const hostile = [
    "{",
    "[",
    '"',
    "{\n",
    '{"a":\n',
    '[{"a":1},',
    '{"Records":[',
    '"a\n',
    "\\",
    "x,\n",
    '",',
    '{"a":[\n',
    "\n",
    "}\n{",
    '{"a":"\n',
  ];
  for (const [name, make] of Object.entries(CUTTERS))
    for (const part of hostile) {
      const bytes = Buffer.alloc(MEGABYTES << 20, part);
      const start = process.cpuUsage(); // of this process: others may keep the machine busy
      cut(make, bytes, [1 << 16]);
      const seconds = process.cpuUsage(start).user / 1e6;
      assert.ok(seconds < MEGABYTES, `${name}, ${JSON.stringify(part)}: ${seconds.toFixed(1)} s`);
    }
});
