// What is no text, and what to do about it.

const KNOWN: readonly (readonly [magic: string, about: string])[] = [
  ["PK\x03\x04", "a ZIP archive (or a document in one): unpack it and name what is in it"],
  ["\xfd7zXZ\0", "packed with xz: unpack it, or pack it with gzip, zstd or bzip2"],
  ["7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it"],
  ["\x04\x22\x4d\x18", "packed with lz4: unpack it, or pack it with gzip, zstd or bzip2"],
  ["ElfFile\0", "a Windows event log (EVTX): export it as JSON or XML, as with evtx_dump -o jsonl"],
  ["LPKSHHRH", "a journal of systemd: journalctl --file FILE -o json > FILE.json"],
  ["PAR1", "Parquet: export it as NDJSON"],
  ["SQLite format 3", "an SQLite database: export it as NDJSON or CSV"],
  ["\xd4\xc3\xb2\xa1", "a packet capture: read it with Zeek or Suricata and take their logs"],
  ["\x0a\x0d\x0d\x0a", "a packet capture: read it with Zeek or Suricata and take their logs"],
  ["\x7fELF", "a program"],
  ["MZ", "a program"],
  ["%PDF-", "a PDF"],
  ["\x89PNG", "a picture"],
  ["\xff\xd8\xff", "a picture"],
];

// Of bytes that stand in no text. A crash leaves runs of NUL in good logs, so those are not counted.
const MOST_CONTROL = 0.05;

/** Undefined for text. */
export function binaryKind(head: Buffer): string | undefined {
  const start = head.toString("latin1", 0, 300);
  const known = KNOWN.find(([magic]) => start.startsWith(magic));
  if (known && (known[0] !== "MZ" || head.includes(0))) return `no text but ${known[1]}`;
  if (start.slice(257, 262) === "ustar")
    return "no text but a tar archive: unpack it and name its folder";
  return controlShare(head.subarray(0, 65_536)) > MOST_CONTROL
    ? "no text: its bytes are of no kind that is known"
    : undefined;
}

/** Line ends, tabs and the escape of terminals' colours. */
const IN_TEXT: ReadonlySet<number> = new Set([9, 10, 13, 27, 30]);

function controlShare(bytes: Buffer): number {
  const counted = bytes.filter((byte) => byte !== 0);
  const control = counted.filter((byte) => byte < 32 && !IN_TEXT.has(byte));
  return control.length / Math.max(1, counted.length);
}
