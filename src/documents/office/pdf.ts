// PDF by its text layer, with Mozilla's PDF.js: pages, comments, forms, attachments, metadata. A page without text is named as unread.
import { getDocumentProxy } from "unpdf";
import { type Bytes, bytesOf, wholeBytes } from "../bytes.ts";
import { placeIn, Unreadable } from "../document.ts";
import type { Walk } from "../walk.ts";
import { annotationTexts, attachedFiles, metadataTexts } from "./pdf-values.ts";

const AT_ONCE = 256 << 20;
const MOST_PAGES = 100_000;

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

export async function readPdf(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  const pdf = await opened(await wholeBytes(bytes, AT_ONCE));
  try {
    const empty: number[] = [];
    for (let number = 1; number <= Math.min(pdf.numPages, MOST_PAGES); number += 1) {
      if (!(await readPage(pdf, number, { at, walk }))) empty.push(number);
    }
    for (const [from, to] of spans(empty)) {
      const pages = from === to ? `page ${from}` : `pages ${from} to ${to}`;
      walk.parts.unread({
        at: placeIn(at, pages),
        reason: "no text",
        detail: "no text layer: a scan must be read by a person, or with OCR",
      });
    }
    await readBeside(pdf, at, walk);
    return `PDF of ${pdf.numPages} ${pdf.numPages === 1 ? "page" : "pages"}`;
  } finally {
    await pdf.loadingTask.destroy();
  }
}

async function opened(whole: Buffer): Promise<Pdf> {
  try {
    return await getDocumentProxy(new Uint8Array(whole), {
      verbosity: 0,
      isEvalSupported: false,
      useSystemFonts: false,
      disableFontFace: true,
      maxImageSize: 1,
      enableXfa: false,
    });
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (name === "PasswordException")
      throw new Unreadable("encrypted", "needs a password: save it without one");
    throw new Unreadable("damaged", "the PDF cannot be opened");
  }
}

// False where it has no text.
async function readPage(
  pdf: Pdf,
  number: number,
  { at, walk }: { readonly at: string; readonly walk: Walk },
): Promise<boolean> {
  const place = placeIn(at, `page ${number}`);
  try {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    let line = "";
    let lines = 0;
    const text = walk.parts.text(place, "line");
    let some = false;
    for (const item of items) {
      if (!("str" in item)) continue;
      line += item.str;
      if (!item.hasEOL) continue;
      lines += 1;
      some ||= line.trim() !== "";
      await text.add(lines, line);
      line = "";
    }
    some ||= line.trim() !== "";
    await text.add(lines + 1, line);
    const notes = annotationTexts(await page.getAnnotations());
    const comments = walk.parts.text(placeIn(place, "comments and fields"), "entry");
    for (const [index, note] of notes.entries()) await comments.add(index + 1, note);
    page.cleanup();
    return some || notes.length > 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    walk.parts.unread({ at: place, reason: "damaged", detail: "the page cannot be read" });
    return true;
  }
}

async function readBeside(pdf: Pdf, at: string, walk: Walk): Promise<void> {
  const metadata: unknown = await pdf.getMetadata().catch(() => undefined);
  const into = walk.parts.text(placeIn(at, "metadata"), "entry");
  for (const [index, text] of metadataTexts(metadata).entries()) await into.add(index + 1, text);
  const attached: unknown = await pdf.getAttachments().catch(() => undefined);
  for (const { name, content } of attachedFiles(attached))
    await walk.inner(await bytesOf(once(content), { size: content.length }), placeIn(at, name));
}

async function* once(content: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield content;
}

/** Numbers that follow one another, as spans. */
function spans(numbers: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found;
}
