// tar as POSIX.1-2001 (pax), GNU and old ones write it, in one pass. Nothing is ever put under the names that stand in it.
import { type Bytes, bytesOf } from "../bytes.ts";
import { placeIn, Unreadable } from "../document.ts";
import type { Walk } from "../walk.ts";
import { Pull } from "./pull.ts";

const BLOCK = 512;
const LONGEST_NAME = 1 << 16;

type Header = { readonly name: string; readonly size: number; readonly type: string };

export async function readTar(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  const pull = new Pull(bytes.chunks);
  let named: string | undefined;
  for (;;) {
    const block = await pull.take(BLOCK);
    if (block.length < BLOCK || block.every((byte) => byte === 0)) break;
    const header = headerOf(block);
    const padded = Math.ceil(header.size / BLOCK) * BLOCK;
    if (header.type === "L" || header.type === "x" || header.type === "g") {
      const value = await longName(pull, header);
      if (header.type !== "g") named = value ?? named;
      await pull.skip(padded - header.size);
      continue;
    }
    const place = placeIn(at, named ?? header.name);
    named = undefined;
    if (isFile(header.type)) {
      const inner = await bytesOf(walk.budget.counted(pull.chunks(header.size)), {
        size: header.size,
      });
      await walk.inner(inner, place);
      await pull.toEndOf();
      await pull.skip(padded - header.size);
    } else {
      await pull.skip(padded);
    }
    if (pull.ended) throw new Unreadable("damaged", "the archive ends in the middle of a file");
  }
  return "tar";
}

// Links and devices have no content; contiguous files ("7") and old ones ("\0") do.
function isFile(type: string): boolean {
  return type === "0" || type === "\0" || type === "7";
}

function headerOf(block: Buffer): Header {
  const text = (from: number, length: number): string =>
    block.toString("utf8", from, from + length).replace(/\0.*$/s, "");
  const prefix = text(257, 5) === "ustar" && block[345] !== 0 ? `${text(345, 155)}/` : "";
  return {
    name: prefix + text(0, 100),
    size: sizeOf(block.subarray(124, 136)),
    type: String.fromCharCode(block[156] ?? 0),
  };
}

function sizeOf(field: Buffer): number {
  const first = field[0] ?? 0;
  const size =
    first & 0x80
      ? Number(field.readBigUInt64BE(4)) // base-256, as GNU writes what octal digits cannot hold
      : Number.parseInt(
          field
            .toString("latin1")
            .replace(/[\0 ]+$/, "")
            .trim() || "0",
          8,
        );
  if (!Number.isSafeInteger(size) || size < 0)
    throw new Unreadable("damaged", "a file in the archive has no size");
  return size;
}

async function longName(pull: Pull, { type, size }: Header): Promise<string | undefined> {
  if (size > LONGEST_NAME) {
    await pull.skip(size);
    return undefined;
  }
  const value = (await pull.take(size)).toString("utf8");
  if (type === "L") return value.replace(/\0.*$/s, "");
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(value)?.[1];
}
