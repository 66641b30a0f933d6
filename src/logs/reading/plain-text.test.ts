import { test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { plainText } from "./plain-text.ts";

async function* pieces(bytes: Buffer, size = 65_536): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

type Read = {
  readonly text: Buffer;
  readonly damage: string | undefined;
  readonly compression: string | undefined;
  readonly encoding: string;
};

async function read(bytes: Buffer, size?: number): Promise<Read> {
  const { chunks, damage, compression, encoding } = await plainText(pieces(bytes, size));
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(Buffer.from(chunk));
  return { text: Buffer.concat(parts), damage: damage(), compression, encoding };
}

const TEXT = Buffer.from(
  Array.from({ length: 5_000 }, (_, n) => `line ${n * 7_919} of a log\n`).join(""),
);
const hasBzip2 = spawnSync("bzip2", ["--help"]).error === undefined;
const bzip2 = (bytes: Buffer, level = 9): Buffer =>
  execFileSync("bzip2", [`-${level}`, "-c"], { input: bytes, maxBuffer: 1 << 30 });

test("what it is packed in is told by its content; several members are one", async () => {
  const half = TEXT.length >> 1;
  const two = (pack: (bytes: Buffer) => Buffer): Buffer =>
    Buffer.concat([pack(TEXT.subarray(0, half)), pack(TEXT.subarray(half))]);
  const packed: [string, Buffer][] = [
    ["gzip", gzipSync(TEXT)],
    ["gzip", two(gzipSync)],
    ["zstd", zstdCompressSync(TEXT)],
    ["zstd", two(zstdCompressSync)],
    ...(hasBzip2
      ? [["bzip2", bzip2(TEXT)] as [string, Buffer], ["bzip2", two(bzip2)] as [string, Buffer]]
      : []),
  ];
  for (const [name, bytes] of packed)
    for (const size of [1, 4_096])
      assert.deepEqual(await read(bytes, size), {
        text: TEXT,
        damage: undefined,
        compression: name,
        encoding: "utf-8",
      });
  assert.equal((await read(TEXT)).compression, undefined);
});

test("bzip2 gives back any bytes", { skip: !hasBzip2 && "there is no bzip2 here" }, async () => {
  const { unpackBzip2 } = await import("./bzip2.ts");
  const runs = fc.array(fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 600 })), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(runs, fc.integer({ min: 1, max: 9 }), async (of, level) => {
      const bytes = Buffer.concat(of.map(([byte, count]) => Buffer.alloc(count, byte)));
      const parts: Buffer[] = [];
      for await (const part of unpackBzip2(pieces(bzip2(bytes, level), 100))) parts.push(part);
      assert.deepEqual(Buffer.concat(parts), bytes);
    }),
    { numRuns: 60 },
  );
});

test("what comes before damage is kept, and the damage is told", async () => {
  for (const [name, packed] of [
    ["gzip", gzipSync(TEXT)],
    ["zstd", zstdCompressSync(TEXT, { params: {} })],
    ...(hasBzip2
      ? [["bzip2", bzip2(Buffer.concat(Array<Buffer>(20).fill(TEXT)), 1)] as const]
      : []),
  ] as const) {
    const cut = await read(packed.subarray(0, packed.length - 20)).catch((error: unknown) =>
      String(error),
    );
    if (typeof cut === "string") assert.match(cut, /damaged or cut off/, name);
    else {
      assert.match(cut.damage ?? "", /damaged or cut off after \d+ bytes/, name);
      assert.ok(
        cut.text.length > 0 &&
          (TEXT.subarray(0, cut.text.length).equals(cut.text) || name === "bzip2"),
        name,
      );
    }
  }
});

test("a header that lies is refused with the reason", async () => {
  for (const bytes of [
    Buffer.from("1f8b0800000000000003ffffffff", "hex"),
    Buffer.from("28b52ffd0458ffffffffffff", "hex"),
    Buffer.from("BZh91AY&SYnothing of it"),
  ])
    await assert.rejects(read(bytes), { code: "invalid" });
});

test("random damage never crashes, and never goes unsaid", async () => {
  const packed = [gzipSync(TEXT), ...(hasBzip2 ? [bzip2(TEXT)] : [])];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...packed),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      async (good, changes) => {
        const bytes = Buffer.from(good);
        for (const [at, byte] of changes) bytes[10 + (at % (bytes.length - 10))] = byte;
        const found = await read(bytes).catch((error: unknown) => ({ refused: String(error) }));
        if ("refused" in found || found.damage !== undefined || bytes.equals(good)) return;
        assert.ok(found.text.equals(TEXT));
      },
    ),
    { numRuns: 200 },
  );
});

test("a bomb is refused before it has unpacked, and what is only very repetitive is not", async () => {
  const zeros = Buffer.alloc(64 << 20);
  const bomb = Buffer.concat(Array<Buffer>(16).fill(gzipSync(zeros)));
  await assert.rejects(read(bomb), { code: "refused", message: /decompression bomb/ });
  await assert.rejects(read(Buffer.concat(Array<Buffer>(16).fill(zstdCompressSync(zeros)))), {
    code: "refused",
  });
  assert.equal((await read(gzipSync(zeros))).text.length, zeros.length);
});

test("UTF-16 with a mark or without one, and a mark of UTF-8, are read as the text they are", async () => {
  const text = "line é 1\r\nline 𝄞 2\n";
  const little = Buffer.from(text, "utf16le");
  const big = Buffer.from(little).swap16();
  const forms: [string, Buffer][] = [
    ["utf-16le", Buffer.concat([Buffer.from([0xff, 0xfe]), little])],
    ["utf-16be", Buffer.concat([Buffer.from([0xfe, 0xff]), big])],
    ["utf-16le", little],
    ["utf-16be", big],
    ["utf-8", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)])],
    ["utf-8", Buffer.from(text)],
  ];
  for (const [encoding, bytes] of forms)
    for (const size of [3, 65_536]) {
      const found = await read(bytes, size);
      assert.deepEqual([found.encoding, found.text.toString()], [encoding, text]);
    }
});

test("what is no text says what it is and what to do", async () => {
  const forms: [Buffer, RegExp][] = [
    [Buffer.from("PK\x03\x04rest"), /ZIP/],
    [Buffer.from("ElfFile\0\0\0"), /EVTX/],
    [Buffer.from("LPKSHHRH...."), /journalctl/],
    [gzipSync(gzipSync(TEXT)), /packed twice/],
    [Buffer.from(Array.from({ length: 4_000 }, (_, n) => (n * 31) % 256)), /no kind that is known/],
  ];
  for (const [bytes, reason] of forms)
    await assert.rejects(read(bytes), { code: "incompatible", message: reason });
});

test("runs of NUL that a crash left in a log do not make it binary", async () => {
  const text = Buffer.concat([TEXT, Buffer.alloc(100_000), TEXT]);
  assert.deepEqual((await read(text)).text, text);
});
