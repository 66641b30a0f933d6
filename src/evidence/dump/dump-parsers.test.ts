import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { fieldsOf } from "./delimited-record.ts";
import { Scan } from "./delimited-scan.ts";
import type { DumpTable } from "./dump.ts";
import { countSetAside } from "./set-aside.ts";
import { sniffDialect } from "./sniff-dialect.ts";
import { writeNdjson } from "./write-ndjson.ts";
import { isSqlDump, writeSqlDump } from "./write-sql-dump.ts";

const COMMA = { delimiter: 44, quote: 34 };

async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-dump-"));
  return await work(folder).finally(async () => await rm(folder, { recursive: true }));
}

// In pieces of any size: a row may begin in one and end in another.
async function* pieces(text: string | Buffer, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function rowsOf(table: DumpTable | undefined): Promise<string[]> {
  return table === undefined ? [] : (await readFile(table.path, "utf8")).split("\n").slice(0, -1);
}

const value = fc.string({
  unit: fc.constantFrom("a", "ü", " ", '"', ",", "\n", "'", "\\", ";", "(", ")", "\t", "-"),
  maxLength: 8,
});
const size = fc.integer({ min: 1, max: 40 });

test("delimited records come out as they went in, wherever the pieces end", async () => {
  const rows = fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(rows, size, async (given, length) => {
      const quoted = given
        .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(","))
        .join("\n");
      const scan = new Scan({ dialect: COMMA, columns: 3, setAside: countSetAside() });
      const found: string[][] = [];
      const keep = (whole: ReturnType<Scan["take"]>): void => {
        for (const { bytes } of whole) found.push(fieldsOf(bytes.toString(), COMMA));
      };
      for await (const piece of pieces(quoted, length)) keep(scan.take(piece, false));
      keep(scan.take(Buffer.alloc(0), true));
      const trimmed = given.map((row) =>
        row.map((one) => one.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "")),
      );
      assert.deepEqual(found, trimmed);
    }),
  );
});

test("any bytes are rows or are set aside, and none is lost", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), size, (bytes, length) => {
      const setAside = countSetAside();
      const scan = new Scan({ dialect: COMMA, columns: 2, setAside });
      let whole = 0;
      for (let at = 0; at < bytes.length; at += length)
        whole += scan.take(Buffer.from(bytes.subarray(at, at + length)), false).length;
      whole += scan.take(Buffer.alloc(0), true).length;
      assert.equal(whole + setAside.total, scan.rows);
      sniffDialect(Buffer.from(bytes));
      isSqlDump(Buffer.from(bytes).toString("utf8"));
    }),
  );
});

test("a quote that never closes takes one line with it, also after a megabyte", () => {
  const setAside = countSetAside();
  const scan = new Scan({ dialect: COMMA, columns: 2, setAside });
  const text = `a,b\n"open,x\n${"c,d\n".repeat(400_000)}`;
  let whole = 0;
  for (let at = 0; at < text.length; at += 65_536)
    whole += scan.take(Buffer.from(text.slice(at, at + 65_536)), false).length;
  whole += scan.take(Buffer.alloc(0), true).length;
  assert.equal(whole, 400_001);
  assert.deepEqual(setAside.list(), [
    { reason: "a quote that does not close", count: 1, rows: [2] },
  ]);
});

const sqlValue = fc.oneof(value, fc.constant(null));

test("values of a MySQL or PostgreSQL insert come out as they went in, wherever the pieces end", async () => {
  const rows = fc.array(fc.tuple(sqlValue, sqlValue), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(rows, size, fc.boolean(), async (given, length, mysql) => {
      const literal = (one: string | null): string => {
        if (one === null) return "NULL";
        const escaped = mysql ? one.replaceAll("\\", "\\\\").replaceAll("\n", "\\n") : one;
        return `'${escaped.replaceAll("'", mysql ? "\\'" : "''")}'`;
      };
      const head = mysql ? "-- MySQL dump 10.13\n" : "-- PostgreSQL database dump\n";
      const text = `${head}/* x; */ INSERT INTO t (a, b) VALUES ${given.map((row) => `(${row.map(literal).join(", ")})`).join(",\n")};\nSELECT 1;\n`;
      await inFolder(async (folder) => {
        const dump = await writeSqlDump(pieces(text, length), { folder, head: text });
        assert.deepEqual(dump.setAside, []);
        assert.deepEqual(
          dump.tables[0]?.sample,
          given.map((row) => row.map((one) => one ?? "")),
        );
      });
    }),
    { numRuns: 60 },
  );
});

test("any text is read as SQL without an error, and within its tables", async () => {
  const word = fc.constantFrom(
    "INSERT INTO t VALUES ",
    "COPY t (a) FROM stdin;\n",
    "CREATE TABLE t (a int);",
    "(1,'a')",
    "\\.\n",
    "'",
    "$$",
    "/*",
    "*/",
    "--",
    ";",
    ",",
    "\n",
    "`",
    "x",
    "é",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 20 }), size, async (words, length) => {
      await inFolder(async (folder) => {
        const text = words.join("");
        const dump = await writeSqlDump(pieces(text, length), { folder, head: text });
        assert.ok(dump.tables.length <= 2);
      });
    }),
    { numRuns: 150 },
  );
});

test("any NDJSON is rows or is set aside", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.json(), fc.string()), { maxLength: 10 }),
      size,
      async (lines, length) => {
        await inFolder(async (folder) => {
          const text = lines.map((line) => line.replaceAll("\n", " ")).join("\n");
          const dump = await writeNdjson(pieces(text, length), folder);
          const rows = await rowsOf(dump.tables[0]);
          const aside = dump.setAside.reduce((sum, one) => sum + one.count, 0);
          assert.equal(
            rows.length + aside,
            text.split("\n").filter((line) => line.trim() !== "" || line.includes("\0")).length,
          );
        });
      },
    ),
    { numRuns: 80 },
  );
});
