// What bytes are, by what they begin with. Names are not looked at: they lie.
import { isSqlDump } from "../evidence/dump/write-sql-dump.ts";
import { textOf } from "./encoding.ts";
import { isTabular } from "./text-kinds/is-tabular.ts";

export const KINDS = [
  "zip",
  "tar",
  "packed",
  "pdf",
  "sqlite",
  "parquet",
  "html",
  "xml",
  "ndjson",
  "json",
  "vcard",
  "mbox",
  "mail",
  "sql",
  "delimited",
  "yaml",
  "text",
] as const;
export type Kind = (typeof KINDS)[number];

/** `reason`: what it is, where it is nothing that is read. */
export type Told = { readonly kind: Kind } | { readonly kind?: undefined; readonly reason: string };

export function kindOf(head: Buffer): Told {
  const binary = binaryKind(head);
  if (binary) return binary;
  const text = textOf(head);
  if (text === undefined) return { reason: "its bytes are of no kind that is known" };
  return { kind: textKind(text, head) };
}

const MAGIC: readonly (readonly [magic: string, kind: Kind])[] = [
  ["PK\x03\x04", "zip"],
  ["PK\x05\x06", "zip"],
  ["\x1f\x8b", "packed"],
  ["\x28\xb5\x2f\xfd", "packed"],
  ["SQLite format 3\0", "sqlite"],
  ["PAR1", "parquet"],
];

const NOT_READ: readonly (readonly [magic: string, reason: string])[] = [
  ["PARE", "Parquet whose footer is encrypted: export it in the clear"],
  ["7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it, or pack it as ZIP"],
  ["Rar!\x1a\x07", "a RAR archive: unpack it, or pack it as ZIP"],
  ["\xfd7zXZ\0", "packed with xz: unpack it, or pack it with gzip, zstd or bzip2"],
  ["\x04\x22\x4d\x18", "packed with lz4: unpack it, or pack it with gzip, zstd or bzip2"],
  ["{\\rtf", "rich text (RTF): save it as DOCX, ODT or text"],
  ["!BDN", "an Outlook mailbox (PST): export it as mbox or EML"],
  ["age-encryption.org/", "sealed with age: open it with its key first"],
  ["-----BEGIN PGP MESSAGE", "encrypted with PGP: decrypt it first"],
  ["-----BEGIN AGE ENCRYPTED", "sealed with age: open it with its key first"],
  ["Salted__", "encrypted with openssl: decrypt it first"],
  ["\x89PNG", "a picture: its text, if it shows any, must be read by a person"],
  ["\xff\xd8\xff", "a picture: its text, if it shows any, must be read by a person"],
  ["GIF8", "a picture: its text, if it shows any, must be read by a person"],
  ["II*\0", "a picture (TIFF), perhaps a scan: it must be read by a person"],
  ["MM\0*", "a picture (TIFF), perhaps a scan: it must be read by a person"],
  ["\x01\0\0\0", "a picture (EMF) or data of a program"],
  ["\xd7\xcd\xc6\x9a", "a picture (WMF)"],
  ["RIFF", "sound, film or a picture"],
  ["\x7fELF", "a program"],
];

/** A block, or the end of none. */
const BZIP2: ReadonlySet<string> = new Set(["1AY&SY", "\x17rE8P\x90"]);

function binaryKind(head: Buffer): Told | undefined {
  const start = head.toString("latin1", 0, 1_100);
  const known = MAGIC.find(([magic]) => start.startsWith(magic));
  if (known) return { kind: known[1] };
  if (/^BZh[1-9]$/.test(start.slice(0, 4)) && BZIP2.has(start.slice(4, 10)))
    return { kind: "packed" };
  if (head.length >= 4 && (head.readUInt32LE(0) & 0xfffffff0) >>> 0 === 0x184d2a50)
    return { kind: "packed" }; // a skippable frame of zstd
  if (start.slice(0, 1_024).includes("%PDF-")) return { kind: "pdf" };
  if (isTar(head)) return { kind: "tar" };
  if (start.startsWith("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) return { reason: oldOffice(head) };
  const other = NOT_READ.find(([magic]) => start.startsWith(magic));
  return other && { reason: other[1] };
}

/** Compound files hold old Office documents, Outlook messages, and new ones that have a password. */
export const ENCRYPTED_OFFICE = "an Office document with a password: save it without one";

function oldOffice(head: Buffer): string {
  const names = head.toString("latin1").replaceAll("\0", "");
  if (names.includes("EncryptedPackage")) return ENCRYPTED_OFFICE;
  if (names.includes("__substg1.0")) return "an Outlook message (MSG): save it as EML";
  if (names.includes("Workbook")) return "an old Excel workbook (XLS): save it as XLSX";
  if (names.includes("WordDocument")) return "an old Word document (DOC): save it as DOCX";
  return "an old Office document (DOC, XLS, PPT) or one with a password: save it as DOCX, XLSX or PPTX without one";
}

// The checksum of the header (POSIX.1-1988): its bytes summed, those of the sum itself as blanks.
function isTar(head: Buffer): boolean {
  if (head.length < 512) return false;
  const told = Number.parseInt(
    head
      .toString("latin1", 148, 156)
      .replace(/[\0 ]+$/, "")
      .trim(),
    8,
  );
  let sum = 0;
  for (let at = 0; at < 512; at += 1) sum += at >= 148 && at < 156 ? 32 : (head[at] ?? 0);
  return told === sum && head[0] !== 0;
}

function textKind(text: string, head: Buffer): Kind {
  const start = text.replace(/^\ufeff/, "").trimStart();
  if (start.startsWith("<")) return markup(start);
  if (start.startsWith("{") || start.startsWith("[")) return json(start);
  if (/^BEGIN:VCARD\b/i.test(start)) return "vcard";
  if (/^From [^\n]{1,500}\d{4}[^\n]{0,20}\r?\n(?:>?[A-Za-z][\w-]*:)/.test(start)) return "mbox";
  if (isMail(start)) return "mail";
  if (isSqlDump(text)) return "sql";
  if (isTabular(head)) return "delimited";
  return isYaml(start) ? "yaml" : "text";
}

function markup(start: string): Kind {
  const first = start.slice(0, 4_096);
  if (
    /<!doctype\s+html|<html[\s>]|<(?:head|body|table|div|p|span|ul|h1|meta|style)[\s>]/i.test(
      first,
    ) &&
    !/^<\?xml[^>]*\?>\s*<(?!!doctype\s+html|html)[a-z]/i.test(first)
  )
    return "html";
  return /^<(?:[?!]|[A-Za-z_:])/.test(first) ? "xml" : "text";
}

function json(start: string): Kind {
  const lines = start.split("\n", 20).filter((line) => line.trim() !== "");
  const objects = lines.filter((line) => /^\s*\{.*\}\s*,?\s*$/.test(line));
  const whole = objects.filter((line) => isJson(line));
  const first = lines[0] !== undefined && whole.includes(lines[0]);
  if (lines.length > 1 && (first || whole.length * 2 > lines.length)) return "ndjson";
  return /^[{[]\s*(?:["{[\]}]|-?\d|true|false|null|\/[/*])/.test(start) ? "json" : "text";
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

const MAIL_HEADERS =
  /^(?:from|to|cc|subject|date|received|message-id|return-path|mime-version|delivered-to|dkim-signature|content-type|x-[\w-]+):/i;

function isMail(start: string): boolean {
  const header = start.split(/\r?\n\r?\n/, 1)[0] ?? "";
  const lines = header.split(/\r?\n/);
  const named = lines.filter((line) => MAIL_HEADERS.test(line)).length;
  return named >= 2 && lines.every((line) => /^[\w-]+:|^[ \t]|^$/.test(line));
}

function isYaml(start: string): boolean {
  if (/^(?:---|%YAML)[ \t]*(?:\r?\n|[\d.])/.test(start) && !/^---[^\n]*\n[\s\S]*\n---/.test(start))
    return true;
  const lines = start.split("\n", 60).filter((line) => !/^\s*(?:#|$)/.test(line));
  const pairs = lines.filter((line) =>
    /^\s*(?:- )?["']?[\w.@-]+["']?:(?:\s|$)|^\s*- \S/.test(line),
  );
  const keys = lines.filter((line) => /^[\w.-]+:(?:\s|$)/.test(line));
  return lines.length >= 2 && pairs.length === lines.length && keys.length > 0;
}
