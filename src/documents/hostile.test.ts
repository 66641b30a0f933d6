import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { docxOf, odfOf, paragraph, pptxOf, xlsxOf } from "../../test/support/documents/office.ts";
import { pdfOf } from "../../test/support/documents/pdf.ts";
import { readBack } from "../../test/support/documents/read.ts";
import { sqliteOf } from "../../test/support/documents/sqlite.ts";
import { tarOf } from "../../test/support/documents/tar.ts";
import { zipOf } from "../../test/support/documents/zip.ts";

const CSV = "email,name\na@x.example,Ann\nb@x.example,Bea\n";

function reasons({ unread }: Awaited<ReturnType<typeof readBack>>): string[] {
  return unread.map(({ at, reason }) => `${at}: ${reason}`);
}

test("an archive that expands without end is stopped, and the next document is read", async () => {
  const zeros = gzipSync(Buffer.alloc(64 << 20));
  const bomb = gzipSync(Buffer.concat(Array.from({ length: 20 }, () => zeros)));
  const read = await readBack({ "bomb.gz.gz": bomb, "after.csv": CSV });
  assert.ok(
    reasons(read).some((one) => /^bomb\.gz\.gz: (?:too large|unknown)$/.test(one)),
    reasons(read).join(),
  );
  assert.equal(read.rows.length, 2);
});

test("archives within archives end at the eighth level", async () => {
  let inner: Buffer | string = CSV;
  for (let level = 0; level < 12; level += 1) inner = zipOf([{ name: "in", content: inner }]);
  const read = await readBack({ "deep.zip": inner });
  assert.deepEqual(
    read.unread.map(({ reason }) => reason),
    ["too deep"],
  );
});

test("entities of a document's own are never expanded, nor is anything fetched", async () => {
  const laughs = Array.from(
    { length: 9 },
    (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`,
  ).join("");
  const read = await readBack({
    "laughs.xml": `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "ha">${laughs}<!ENTITY out SYSTEM "file:///etc/passwd">]><l><m>&l9; &out;</m><m>a@x.example</m></l>`,
  });
  const all = [...read.rows, ...read.texts].join("\n");
  assert.ok(all.length < 2_000 && !all.includes("root:") && all.includes("a@x.example"), all);
});

test("a PDF whose pages go round in a circle ends, and what follows is read", async () => {
  const read = await readBack(
    { "loop.pdf": pdfOf(["x"], { loop: true }), "after.csv": CSV },
    { seconds: 5 },
  );
  assert.equal(read.rows.length, 2);
  assert.equal(read.unread.length, 1);
});

test("a document that takes too long or too much memory is named, and the others are read", async () => {
  const cells = '<c t="inlineStr"><is><t>a@x.example</t></is></c>'.repeat(30);
  const rows = `<row>${cells}</row>`.repeat(20_000);
  const slow = zipOf([
    { name: "[Content_Types].xml", content: "<Types/>" },
    {
      name: "xl/workbook.xml",
      content: '<workbook><sheets><sheet name="S" r:id="r1"/></sheets></workbook>',
    },
    {
      name: "xl/_rels/workbook.xml.rels",
      content: '<Relationships><Relationship Id="r1" Target="worksheets/s.xml"/></Relationships>',
    },
    {
      name: "xl/worksheets/s.xml",
      content: `<worksheet><sheetData>${rows}</sheetData></worksheet>`,
    },
  ]);
  const late = await readBack({ "slow.xlsx": slow, "after.csv": CSV }, { seconds: 0.3 });
  assert.deepEqual(reasons(late), ["slow.xlsx: stopped"]);
  assert.equal(late.rows.length, 2);
  const strings = `<sst>${`<si><t>${"x".repeat(2_000)}</t></si>`.repeat(60_000)}</sst>`;
  const large = zipOf([
    { name: "[Content_Types].xml", content: "<Types/>" },
    { name: "xl/workbook.xml", content: "<workbook/>" },
    { name: "xl/sharedStrings.xml", content: strings },
  ]);
  const full = await readBack({ "large.xlsx": large, "after.csv": CSV }, { heapMegabytes: 48 });
  assert.deepEqual(reasons(full), ["large.xlsx: stopped"]);
  assert.match(full.unread[0]?.detail ?? "", /memory/);
  assert.equal(full.rows.length, 2);
});

test("encrypted documents of every kind are asked for", async () => {
  const ole = Buffer.concat([
    Buffer.from("d0cf11e0a1b11ae1", "hex"),
    Buffer.alloc(1_000),
    Buffer.from("EncryptedPackage", "utf16le"),
  ]);
  const read = await readBack({
    "book.xlsx": ole,
    "mail.pgp": "-----BEGIN PGP MESSAGE-----\n\nabc\n",
  });
  assert.deepEqual(reasons(read), ["book.xlsx: encrypted", "mail.pgp: encrypted"]);
});

test("nothing is left in the temporary folder", async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith("tocsin-documents-"));
  await readBack({ "a.csv": CSV });
  const after = readdirSync(tmpdir()).filter((name) => name.startsWith("tocsin-documents-"));
  assert.deepEqual(after, before);
});

const FIXTURES: Readonly<Record<string, Buffer>> = {
  xlsx: xlsxOf([
    {
      name: "S",
      rows: [
        ["email", "n"],
        ["a@x.example", 1],
      ],
      comments: { A1: "c" },
    },
  ]),
  docx: docxOf(paragraph("a@x.example")),
  pptx: pptxOf([{ text: "a@x.example" }]),
  odt: odfOf("text", "<text:p>a@x.example</text:p>"),
  pdf: pdfOf(["a@x.example", "b"]),
  zip: zipOf([{ name: "a.csv", content: CSV, stored: true }]),
  tar: tarOf({ "a.csv": CSV }),
  gz: gzipSync(CSV),
  db: sqliteOf("create table u (id integer, email text); insert into u values (1, 'a@x.example')"),
  json: Buffer.from(JSON.stringify({ a: [{ email: "a@x.example" }, { b: [1, 2] }] })),
  xml: Buffer.from("<a><b c='1'>a@x.example</b><b/></a>"),
  html: Buffer.from("<!doctype html><table><tr><td>a@x.example</td></tr></table>"),
  mail: Buffer.from("From: a@x.example\nTo: b@x.example\nSubject: s\n\nbody\n"),
  vcf: Buffer.from("BEGIN:VCARD\nFN:A\nEMAIL:a@x.example\nEND:VCARD\n"),
  yaml: Buffer.from("people:\n  - email: a@x.example\n"),
  csv: Buffer.from(CSV),
  sql: Buffer.from("create table u (id int);\ninsert into u values (1),(2);\n"),
};

// Bytes changed, taken out, or doubled.
const Change = fc.record({
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  kind: fc.constantFrom("flip", "cut", "double", "drop"),
  value: fc.nat(255),
});

function changed(
  bytes: Buffer,
  changes: readonly { at: number; kind: string; value: number }[],
): Buffer {
  let all = Buffer.from(bytes);
  for (const { at, kind, value } of changes) {
    const place = Math.floor(at * all.length);
    if (kind === "flip") all[place] = value;
    else if (kind === "cut") all = all.subarray(0, Math.max(1, place));
    else if (kind === "drop")
      all = Buffer.concat([all.subarray(0, place), all.subarray(place + 1 + value)]);
    else
      all = Buffer.concat([
        all.subarray(0, place),
        all.subarray(place, place + value),
        all.subarray(place),
      ]);
  }
  return all;
}

test("broken documents of every kind are read or named, and never break their reader", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(Change, { minLength: 1, maxLength: 4 }), { minLength: 5, maxLength: 5 }),
      async (rounds) => {
        const files: Record<string, Buffer> = {};
        for (const [round, changes] of rounds.entries())
          for (const [kind, bytes] of Object.entries(FIXTURES))
            files[`${round}.${kind}`] = changed(bytes, changes);
        const read = await readBack({ ...files, "after.csv": CSV });
        assert.ok(read.rows.some((row) => row.startsWith("after.csv › row 2")));
        assert.deepEqual(
          reasons(read).filter((one) => one.endsWith(": stopped")),
          [],
        );
      },
    ),
    { numRuns: 8 },
  );
});
