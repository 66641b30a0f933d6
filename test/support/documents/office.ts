import { type ZipFile, zipOf } from "./zip.ts";

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const TYPES = { name: "[Content_Types].xml", content: `${XML}<Types/>` };

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

export type SheetFixture = {
  readonly name: string;
  readonly hidden?: true;
  /** Strings are shared ones; `{ formula, value }` is a formula with its cached value. */
  readonly rows: readonly (readonly (string | number | { formula: string; value: string })[])[];
  readonly hiddenRows?: readonly number[];
  readonly comments?: Readonly<Record<string, string>>;
  readonly footer?: string;
};

/** A workbook as ECMA-376 describes it. `orphans` are shared strings that no cell names. */
export function xlsxOf(
  sheets: readonly SheetFixture[],
  more: { readonly orphans?: readonly string[]; readonly files?: readonly ZipFile[] } = {},
): Buffer {
  const strings: string[] = [];
  const files: ZipFile[] = [TYPES];
  const listed: string[] = [];
  const rels: string[] = [];
  for (const [index, sheet] of sheets.entries()) {
    const number = index + 1;
    const state = sheet.hidden ? ' state="hidden"' : "";
    listed.push(
      `<sheet name="${escapeXml(sheet.name)}" sheetId="${number}"${state} r:id="rId${number}"/>`,
    );
    rels.push(`<Relationship Id="rId${number}" Target="worksheets/sheet${number}.xml"/>`);
    files.push({ name: `xl/worksheets/sheet${number}.xml`, content: sheetXml(sheet, strings) });
    if (sheet.comments) files.push(...commentFiles(number, sheet.comments));
  }
  strings.push(...(more.orphans ?? []));
  const shared = strings.map((text) => `<si><t>${escapeXml(text)}</t></si>`).join("");
  return zipOf([
    ...files,
    {
      name: "xl/workbook.xml",
      content: `${XML}<workbook xmlns:r="r"><sheets>${listed.join("")}</sheets></workbook>`,
    },
    {
      name: "xl/_rels/workbook.xml.rels",
      content: `${XML}<Relationships>${rels.join("")}</Relationships>`,
    },
    { name: "xl/sharedStrings.xml", content: `${XML}<sst>${shared}</sst>` },
    {
      name: "xl/styles.xml",
      content: `${XML}<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
    },
    {
      name: "docProps/core.xml",
      content: `${XML}<cp><dc:creator>author@meta.example</dc:creator></cp>`,
    },
    ...(more.files ?? []),
  ]);
}

function sheetXml(sheet: SheetFixture, strings: string[]): string {
  const rows = sheet.rows.map((cells, at) => {
    const number = at + 1;
    const hidden = sheet.hiddenRows?.includes(number) ? ' hidden="1"' : "";
    return `<row r="${number}"${hidden}>${cells.map((cell, column) => cellXml(cell, `${String.fromCharCode(65 + column)}${number}`, strings)).join("")}</row>`;
  });
  const footer =
    sheet.footer === undefined
      ? ""
      : `<headerFooter><oddFooter>${escapeXml(sheet.footer)}</oddFooter></headerFooter>`;
  return `${XML}<worksheet><sheetData>${rows.join("")}</sheetData>${footer}</worksheet>`;
}

function cellXml(
  cell: SheetFixture["rows"][number][number],
  at: string,
  strings: string[],
): string {
  if (cell === "") return "";
  if (typeof cell === "number") return `<c r="${at}"><v>${cell}</v></c>`;
  if (typeof cell === "object")
    return `<c r="${at}" t="str"><f>${escapeXml(cell.formula)}</f><v>${escapeXml(cell.value)}</v></c>`;
  const known = strings.indexOf(cell);
  const index = known >= 0 ? known : strings.push(cell) - 1;
  return `<c r="${at}" t="s"><v>${index}</v></c>`;
}

function commentFiles(number: number, comments: Readonly<Record<string, string>>): ZipFile[] {
  const list = Object.entries(comments)
    .map(
      ([cell, text]) => `<comment ref="${cell}"><text><t>${escapeXml(text)}</t></text></comment>`,
    )
    .join("");
  return [
    {
      name: `xl/comments${number}.xml`,
      content: `${XML}<comments><commentList>${list}</commentList></comments>`,
    },
    {
      name: `xl/worksheets/_rels/sheet${number}.xml.rels`,
      content: `${XML}<Relationships><Relationship Id="rId1" Target="../comments${number}.xml"/></Relationships>`,
    },
  ];
}

/** `body` is what stands in `w:body`; other parts by their names. */
export function docxOf(body: string, parts: Readonly<Record<string, string>> = {}): Buffer {
  return zipOf([
    TYPES,
    {
      name: "word/document.xml",
      content: `${XML}<w:document><w:body>${body}</w:body></w:document>`,
    },
    ...Object.entries(parts).map(([name, content]) => ({ name, content: XML + content })),
  ]);
}

export function paragraph(text: string): string {
  return `<w:p><w:r><w:t>${escapeXml(text)}</w:t></w:r></w:p>`;
}

function drawn(text: string): string {
  return `<a:p><a:r><a:t>${escapeXml(text)}</a:t></a:r></a:p>`;
}

export function pptxOf(slides: readonly { text: string; hidden?: true; notes?: string }[]): Buffer {
  return zipOf([
    TYPES,
    { name: "ppt/presentation.xml", content: `${XML}<p:presentation/>` },
    ...slides.flatMap(({ text, hidden, notes }, at): ZipFile[] => [
      {
        name: `ppt/slides/slide${at + 1}.xml`,
        content: `${XML}<p:sld${hidden ? ' show="0"' : ""}>${drawn(text)}</p:sld>`,
      },
      ...(notes === undefined
        ? []
        : [
            {
              name: `ppt/notesSlides/notesSlide${at + 1}.xml`,
              content: `${XML}<p:notes>${drawn(notes)}</p:notes>`,
            },
          ]),
    ]),
  ]);
}

/** OpenDocument: `content` is what stands in `office:body`. */
export function odfOf(
  kind: "text" | "spreadsheet",
  content: string,
  { styles = "", automatic = "" }: { readonly styles?: string; readonly automatic?: string } = {},
): Buffer {
  return zipOf([
    { name: "mimetype", content: `application/vnd.oasis.opendocument.${kind}`, stored: true },
    {
      name: "content.xml",
      content: `${XML}<office:document-content><office:automatic-styles>${automatic}</office:automatic-styles><office:body>${content}</office:body></office:document-content>`,
    },
    {
      name: "styles.xml",
      content: `${XML}<office:document-styles>${styles}</office:document-styles>`,
    },
    {
      name: "meta.xml",
      content: `${XML}<office:meta><meta:initial-creator>first@meta.example</meta:initial-creator></office:meta>`,
    },
  ]);
}
