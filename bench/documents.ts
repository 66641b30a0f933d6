// Documents into tables and texts, in their guarded child, against only unpacking the same files with unzip. Two children at once, as
// the machine has two cores. node bench/documents.ts --each also says how fast each kind alone is read.
import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DocumentInput, readDocuments } from "../src/documents/read-documents.ts";
import { docxOf, odfOf, paragraph, xlsxOf } from "../test/support/documents/office.ts";
import { pdfOf } from "../test/support/documents/pdf.ts";
import { type BenchResult, median, option, secondsOf } from "./bench.ts";

const MEGABYTE = 1_000_000;
const WORDS =
  "the customer asks again about an invoice of last month and wants to move both servers soon".split(
    " ",
  );

const person = (at: number): string => `person${at}@mail${at % 50}.example`;

function words(at: number, count: number): string {
  return Array.from(
    { length: count },
    (_, index) => WORDS[(at * 7 + index * 5 + ((index * at) % 11)) % WORDS.length],
  ).join(" ");
}

const note = (at: number): string =>
  `${words(at, 40)} ${at % 20 === 0 ? person(at) : words(at + 1, 2)}, ${words(at + 3, 25)}.`;
const many = (count: number, make: (at: number) => string): string[] =>
  Array.from({ length: count }, (_, at) => make(at));

/** Share of the bytes, and one document of about the size that such documents have. */
const KINDS: Readonly<Record<string, { share: number; make: (seed: number) => Buffer }>> = {
  csv: {
    share: 0.35,
    make: (seed) =>
      Buffer.from(
        `id,email,city,note\n${many(40_000, (at) => `${at},${person(at + seed)},city${at % 90},"${words(at, 6)}"`).join("\n")}\n`,
      ),
  },
  sql: {
    share: 0.2,
    make: (seed) =>
      Buffer.from(
        `create table users (id int, email text, note text);\n${many(800, (line) => `insert into users values ${many(50, (at) => `(${at},'${person(at + line + seed)}','${words(at, 6)}')`).join(",")};`).join("\n")}\n`,
      ),
  },
  ndjson: {
    share: 0.1,
    make: (seed) =>
      Buffer.from(
        many(20_000, (at) =>
          JSON.stringify({
            id: at,
            email: person(at + seed),
            address: { city: `c${at % 9}` },
            note: words(at, 8),
          }),
        ).join("\n"),
      ),
  },
  txt: {
    share: 0.1,
    make: (seed) => Buffer.from(many(8_000, (at) => note(at + seed)).join("\n\n")),
  },
  mbox: {
    share: 0.1,
    make: (seed) =>
      Buffer.from(
        many(
          3_000,
          (at) =>
            `From x@y.example Mon Jan  1 00:00:00 2024\nFrom: ${person(at + seed)}\nTo: ${person(at + seed + 1)}\nSubject: ${words(at, 5)}\n\n${note(at)}\n\n${note(at + 1)}\n\n`,
        ).join(""),
      ),
  },
  html: {
    share: 0.05,
    make: (seed) =>
      Buffer.from(
        `<!doctype html><html><body>${many(6_000, (at) => `<p class="note">${note(at + seed)}</p>`).join("\n")}</body></html>`,
      ),
  },
  xlsx: {
    share: 0.04,
    make: (seed) =>
      xlsxOf([
        {
          name: "S",
          rows: [
            ["email", "amount", "note"],
            ...many(20_000, String).map((at) => [
              person(Number(at) + seed),
              Number(at),
              words(Number(at), 6),
            ]),
          ],
        },
      ]),
  },
  docx: {
    share: 0.03,
    make: (seed) => docxOf(many(4_000, (at) => paragraph(note(at + seed))).join("")),
  },
  odt: {
    share: 0.02,
    make: (seed) =>
      odfOf("text", many(4_000, (at) => `<text:p>${note(at + seed)}</text:p>`).join("")),
  },
  pdf: {
    share: 0.01,
    make: (seed) =>
      pdfOf(many(60, (at) => many(40, (line) => words(at + line + seed, 8)).join("\n"))),
  },
};

export async function run(): Promise<BenchResult[]> {
  const megabytes = option("megabytes", 60);
  const home = mkdtempSync(join(tmpdir(), "tocsin-bench-documents-"));
  try {
    const files = Object.entries(KINDS).flatMap(([kind, { share, make }]) =>
      filesOf(join(home, kind), { bytes: share * megabytes * MEGABYTE, kind, make }),
    );
    const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0);
    const packed = files.filter((path) => /\.(?:xlsx|docx|odt)$/.test(path));
    const ours: number[] = [];
    const peer: number[] = [];
    for (let round = 0; round < option("rounds", 3); round += 1) {
      ours.push(
        bytes /
          MEGABYTE /
          (await secondsOf(async () => await readHalves(files, join(home, `round-${round}`)))),
      );
      peer.push(
        bytes /
          MEGABYTE /
          (await secondsOf(() => {
            readAlone(files, packed);
          })),
      );
    }
    if (process.argv.includes("--each")) await eachKind(home, files);
    const speed = median(ours);
    return [
      {
        name: `documents, ${Math.round(bytes / MEGABYTE)} MB of ${Object.keys(KINDS).length} kinds`,
        unit: "MB/s",
        ours,
        peer: { name: "cat and unzip -p", values: peer },
        ratio: speed / median(peer),
        target: "at least 40 MB/s",
        ok: speed >= 40,
        limitedBy: "XML and PDF in JavaScript",
      },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

type Files = {
  readonly bytes: number;
  readonly kind: string;
  readonly make: (seed: number) => Buffer;
};

function filesOf(folder: string, { bytes, kind, make }: Files): string[] {
  mkdirSync(folder);
  const paths: string[] = [];
  for (let written = 0; written < bytes;) {
    const content = make(paths.length * 1_000);
    const path = join(folder, `${paths.length}.${kind}`);
    writeFileSync(path, content);
    written += content.length;
    paths.push(path);
  }
  return paths;
}

// Dealt out by size, so that both children end at about the same time.
async function readHalves(files: readonly string[], folder: string): Promise<void> {
  const halves = [
    { bytes: 0, paths: new Array<string>() },
    { bytes: 0, paths: new Array<string>() },
  ];
  for (const path of files.toSorted((a, b) => statSync(b).size - statSync(a).size)) {
    const least = halves.reduce((best, one) => (one.bytes < best.bytes ? one : best));
    least.bytes += statSync(path).size;
    least.paths.push(path);
  }
  mkdirSync(folder);
  await Promise.all(
    halves.map(async ({ paths }, at) => await readAll(paths, join(folder, `${at}`))),
  );
  rmSync(folder, { recursive: true });
}

async function readAll(paths: readonly string[], folder: string): Promise<void> {
  mkdirSync(folder);
  const documents: (DocumentInput & { open: number })[] = paths.map((path) => ({
    name: path,
    bytes: statSync(path).size,
    open: openSync(path, "r"),
  }));
  const read = await readDocuments({ documents, folder, signal: new AbortController().signal });
  for (const { open } of documents) closeSync(open);
  if (read.kinds.includes(null)) throw new Error("a document was not read");
}

function readAlone(files: readonly string[], packed: readonly string[]): void {
  execFileSync("cat", [...files], { stdio: ["ignore", "ignore", "inherit"] });
  for (const path of packed)
    execFileSync("unzip", ["-p", path], { stdio: ["ignore", "ignore", "inherit"] });
}

async function eachKind(home: string, files: readonly string[]): Promise<void> {
  for (const kind of Object.keys(KINDS)) {
    const own = files.filter((path) => path.endsWith(`.${kind}`));
    const bytes = own.reduce((sum, path) => sum + statSync(path).size, 0);
    const seconds = await secondsOf(async () => await readAll(own, join(home, `each-${kind}`)));
    process.stderr.write(
      `${kind}: ${(bytes / MEGABYTE / seconds).toFixed(1)} MB/s of ${(bytes / MEGABYTE).toFixed(1)} MB, one child\n`,
    );
  }
}
