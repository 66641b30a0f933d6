import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { docxOf, odfOf, paragraph, pptxOf, xlsxOf } from "../../test/support/documents/office.ts";
import { pdfOf } from "../../test/support/documents/pdf.ts";
import { readBack } from "../../test/support/documents/read.ts";
import { sqliteOf } from "../../test/support/documents/sqlite.ts";
import { tarOf } from "../../test/support/documents/tar.ts";
import { zipOf } from "../../test/support/documents/zip.ts";

function has(found: readonly string[], ...wanted: string[]): void {
  for (const one of wanted) assert.ok(found.includes(one), `${one} is not in\n${found.join("\n")}`);
}

describe("spreadsheets", () => {
  test("hidden sheets and rows, comments, formulas, footers and forgotten strings are read, each with its place", async () => {
    const read = await readBack({
      "pay.xlsx": xlsxOf(
        [
          {
            name: "Q3",
            hidden: true,
            rows: [
              ["Payments 2020"],
              ["email", "amount"],
              ["a@x.example", 12],
              [
                "b@x.example",
                { formula: 'CONCATENATE("in@f.example")', value: "cached@f.example" },
              ],
            ],
            hiddenRows: [4],
            comments: { B2: "ask c@x.example" },
            footer: "made by d@x.example",
          },
        ],
        {
          orphans: ["gone@x.example"],
          files: [{ name: "xl/media/image1.png", content: "\u0089PNG" }],
        },
      ),
    });
    has(
      read.rows,
      'pay.xlsx › sheet "Q3" (hidden) › row 3 | email=a@x.example amount=12',
      'pay.xlsx › sheet "Q3" (hidden), hidden rows › row 4 | email=b@x.example amount=cached@f.example',
    );
    has(
      read.texts,
      'pay.xlsx › sheet "Q3" (hidden) › row 1 | Payments 2020',
      'pay.xlsx › sheet "Q3" (hidden) › formulas › row 4 | B4 CONCATENATE("in@f.example")',
      'pay.xlsx › sheet "Q3" (hidden) › comment at B2 › entry 1 | ask c@x.example',
      'pay.xlsx › sheet "Q3" (hidden) › header and footer › row 1 | made by d@x.example',
      "pay.xlsx › strings that no cell shows › entry 1 | gone@x.example",
      "pay.xlsx › metadata › entry 1 | author@meta.example",
    );
    assert.deepEqual(read.kinds, ["XLSX"]);
  });

  test("a row that says it is the billionth costs nothing and is named", async () => {
    const sheet =
      '<worksheet><sheetData><row r="1000000000"><c r="A1000000000" t="inlineStr"><is><t>far@x.example</t></is></c></row></sheetData></worksheet>';
    const read = await readBack({
      "far.xlsx": zipOf([
        { name: "[Content_Types].xml", content: "<Types/>" },
        {
          name: "xl/workbook.xml",
          content: '<workbook><sheets><sheet name="S" r:id="r1"/></sheets></workbook>',
        },
        {
          name: "xl/_rels/workbook.xml.rels",
          content:
            '<Relationships><Relationship Id="r1" Target="worksheets/s.xml"/></Relationships>',
        },
        { name: "xl/worksheets/s.xml", content: sheet },
      ]),
    });
    assert.deepEqual(
      read.unread.map(({ at, reason }) => [at, reason]),
      [['far.xlsx › sheet "S"', "too large"]],
    );
  });

  test("what OpenDocument repeats a million times is read once, with its own row number", async () => {
    const empty =
      '<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>';
    const cell = (text: string): string =>
      `<table:table-cell office:value-type="string"><text:p>${text}</text:p></table:table-cell>`;
    const read = await readBack({
      "e.ods": odfOf(
        "spreadsheet",
        `<table:table table:name="S" table:style-name="ta1"><table:table-row>${cell("email")}</table:table-row>${empty}<table:table-row table:number-rows-repeated="500000">${cell("ods@x.example")}</table:table-row></table:table>`,
        {
          automatic:
            '<style:style style:name="ta1"><style:table-properties table:display="false"/></style:style>',
        },
      ),
    });
    has(read.rows, 'e.ods › sheet "S" (hidden) › row 1000002 | email=ods@x.example');
    assert.equal(read.rows.length, 1);
  });
});

describe("texts", () => {
  test("deleted and hidden words of a DOCX, its comments, headers and tables are read", async () => {
    const deleted =
      '<w:p><w:del w:author="Eve"><w:r><w:delText>del@x.example</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>hid@x.example</w:t></w:r></w:p>';
    const cells = (...texts: string[]): string =>
      `<w:tr>${texts.map((text) => `<w:tc>${paragraph(text)}</w:tc>`).join("")}</w:tr>`;
    const read = await readBack({
      "b.docx": docxOf(
        `${paragraph("Dear e@x.example")}${deleted}<w:tbl>${cells("email", "city")}${cells("t@x.example", "Rome")}</w:tbl>`,
        {
          "word/header1.xml": `<w:hdr>${paragraph("head@x.example")}</w:hdr>`,
          "word/comments.xml": `<w:comments><w:comment w:author="Bob">${paragraph("com@x.example")}</w:comment></w:comments>`,
          "word/_rels/document.xml.rels":
            '<Relationships><Relationship Id="r1" TargetMode="External" Target="mailto:link%40x.example"/></Relationships>',
        },
      ),
    });
    has(
      read.texts,
      "b.docx › paragraph 1 | Dear e@x.example",
      "b.docx › deleted › paragraph 2 | del@x.example",
      "b.docx › hidden text › paragraph 2 | hid@x.example",
      "b.docx › header 1 › paragraph 1 | head@x.example",
      "b.docx › comments › paragraph 1 | com@x.example",
      "b.docx › links › entry 1 | mailto:link@x.example",
    );
    has(read.rows, "b.docx › table 1 › row 2 | email=t@x.example city=Rome");
  });

  test("slides that are not shown, speaker's notes, and what OpenDocument deleted are read", async () => {
    const read = await readBack({
      "c.pptx": pptxOf([
        { text: "one@x.example" },
        { text: "two@x.example", hidden: true, notes: "notes@x.example" },
      ]),
      "d.odt": odfOf(
        "text",
        "<text:tracked-changes><text:deletion><text:p>odel@x.example</text:p></text:deletion></text:tracked-changes><text:p>o<text:s/>odt@x.example<office:annotation><dc:creator>Zed</dc:creator><text:p>ocom@x.example</text:p></office:annotation></text:p>",
        { styles: "<style:header><text:p>ohead@x.example</text:p></style:header>" },
      ),
    });
    has(
      read.texts,
      "c.pptx › slide 2 (hidden) › paragraph 1 | two@x.example",
      "c.pptx › speaker's notes 2 › paragraph 1 | notes@x.example",
      "d.odt › deleted › paragraph 1 | odel@x.example",
      "d.odt › comment › paragraph 2 | ocom@x.example",
      "d.odt › paragraph 3 | o odt@x.example",
      "d.odt › header and footer › paragraph 1 | ohead@x.example",
      "d.odt › metadata › entry 1 | first@meta.example",
    );
  });

  test("a page of a PDF without text is named as unread", async () => {
    const read = await readBack({
      "f.pdf": pdfOf(["Hello pdf@x.example\nsecond line", "", "third"]),
    });
    has(
      read.texts,
      "f.pdf › page 1 › line 1 | Hello pdf@x.example",
      "f.pdf › page 3 › line 1 | third",
    );
    assert.deepEqual(
      read.unread.map(({ at, reason }) => [at, reason]),
      [["f.pdf › page 2", "no text"]],
    );
  });

  test("a mailbox is read message by message, with attachments as the documents that they are", async () => {
    const attached = xlsxOf([{ name: "S", rows: [["email"], ["att@x.example"]] }]).toString(
      "base64",
    );
    const mixed = `From x@y.example Mon Jan  1 00:00:00 2024\nFrom: m4@x.example\nTo: m5@x.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\nFrom the start m6@x.example\n--B\nContent-Disposition: attachment; filename=list.xlsx\nContent-Transfer-Encoding: base64\n\n${attached}\n--B--\n`;
    const read = await readBack({
      "l.mbox": `From x@y.example Mon Jan  1 00:00:00 2024\nFrom: m1@x.example\nTo: m2@x.example\nSubject: hey\n\nbody m3@x.example\n\n${mixed}`,
    });
    has(
      read.texts,
      "l.mbox › message 1 › header to › entry 2 | m2@x.example",
      "l.mbox › message 1 › text › line 1 | body m3@x.example",
      "l.mbox › message 2 › text › line 1 | From the start m6@x.example",
    );
    has(read.rows, 'l.mbox › message 2 › list.xlsx › sheet "S" › row 2 | email=att@x.example');
  });

  test("HTML is read with what a browser does not show", async () => {
    const read = await readBack({
      "m.html":
        "<!doctype html><html><body><p>Hi <b>h</b>tml@x.example</p><table><tr><th>email</th><th>n</th></tr><tr><td>tab@x.example</td><td>4</td></tr></table><!-- com@h.example --><input type=hidden name=k value=in@h.example></body></html>",
    });
    has(
      read.texts,
      "m.html › paragraph 1 | Hi html@x.example",
      "m.html › comments › paragraph 1 | com@h.example",
      "m.html › fields › paragraph 1 | k in@h.example",
    );
    has(read.rows, "m.html › table 1 › row 2 | email=tab@x.example n=4");
  });
});

describe("data", () => {
  test("JSON, XML, YAML and vCards of any shape become rows of people", async () => {
    const read = await readBack({
      "h.json": JSON.stringify({
        customers: [{ id: 1, email: "j@x.example", address: { city: "Oslo" }, tags: ["a", "b"] }],
        owner: "own@x.example",
      }),
      "k.json": JSON.stringify({
        "a@x.example": { n: 1 },
        "b@x.example": { n: 2 },
        "c@x.example": { n: 3 },
      }),
      "i.xml":
        "<?xml version='1.0'?><list><person id='1'><email>xml@x.example</email></person><person id='2'><email>xml2@x.example</email></person></list>",
      "j.yaml": "people:\n  - email: yaml@x.example\n    name: Yam\n",
      "k.vcf":
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Card Holder\r\nitem1.EMAIL;TYPE=work:card@x.example\r\nTEL:+4420123456\r\nEND:VCARD\r\n",
    });
    has(
      read.rows,
      "h.json › entry 1 | owner=own@x.example",
      "h.json › customers › entry 1 | id=1 email=j@x.example address.city=Oslo tags=a b",
      "k.json › entry 2 | key=b@x.example n=2",
      "i.xml › list.person › entry 2 | id=2 email=xml2@x.example",
      "j.yaml › people › entry 1 | email=yaml@x.example name=Yam",
      "k.vcf › entry 1 | full_name=Card Holder email=card@x.example phone=+4420123456",
    );
  });

  test("the bodies in a HAR are read as the documents that they are", async () => {
    const entry = {
      request: { url: "https://x.example", postData: { text: '{"email":"sent@x.example"}' } },
      response: {
        content: {
          encoding: "base64",
          text: Buffer.from("email,n\ngot@x.example,1\nmore@x.example,2\n").toString("base64"),
        },
      },
    };
    const read = await readBack({
      "t.har": JSON.stringify({ log: { version: "1.2", entries: [entry] } }),
    });
    has(
      read.rows,
      "t.har › request 1 › sent › entry 1 | email=sent@x.example",
      "t.har › request 1 › answer › row 1 | email=got@x.example n=1",
    );
    assert.deepEqual(read.kinds, ["HAR"]);
  });

  test("an SQLite file is read table by table, and a dump of one too", async () => {
    const read = await readBack({
      "q.db": sqliteOf(
        "create table u (id integer, email text); insert into u values (9007199254740993, 'lite@x.example')",
      ),
      "q.sql":
        "create table users (id int, email text);\ninsert into users values (1,'s@x.example'),(2,'s2@x.example');\n",
    });
    has(
      read.rows,
      "q.db › table u › row 1 | id=9007199254740993 email=lite@x.example",
      "q.sql › row 2 | id=2 email=s2@x.example",
    );
  });

  test("a CSV whose delimiter changes half way is read to its end", async () => {
    const read = await readBack({
      "o.csv":
        "email,name\nq@x.example,Q\nw@x.example,W\ne@x.example,E\nr@x.example;R;1\nt@x.example;T;2\nu@x.example;U;3\nlone\n",
    });
    assert.equal(read.rows.length, 6);
    has(read.rows, "o.csv › row 5 | column_1=t@x.example column_2=T column_3=2");
    has(read.texts, "o.csv › row 7 | lone\\n");
  });

  test("prose with commas is prose, and other encodings are read", async () => {
    const read = await readBack({
      "n.txt": "just some prose, with commas, here\nand txt@x.example there\n",
      "w.csv": Buffer.from("\ufeffemail\tname\nutf16@x.example\tÅsa\nb@x.example\tB\n", "utf16le"),
      "s.txt": Array.from({ length: 20 }, (_, at) => `number ${at} asks, and we answer him`).join(
        "\n\n",
      ),
      "l.csv": Buffer.from("email,name\nlatin@x.example,J\u00f6rg\nb@x.example,B\n", "latin1"),
    });
    assert.equal(read.kinds[2], "text");
    has(
      read.texts,
      "n.txt › line 1 | just some prose, with commas, here\\nand txt@x.example there",
    );
    has(
      read.rows,
      "w.csv › row 1 | email=utf16@x.example name=Åsa",
      "l.csv › row 1 | email=latin@x.example name=Jörg",
    );
  });
});

describe("archives", () => {
  test("are read through all that is nested in them, whatever their names say", async () => {
    const csv = "email,name\nz@x.example,Zoe\ny@x.example,Yan\n";
    const read = await readBack({
      "g.txt": zipOf([
        { name: "../../evil.csv", content: csv },
        { name: "secret.txt", content: "x", encrypted: true },
        { name: "n.tar.gz", content: gzipSync(tarOf({ "t.md": "# hi\n\nnested@x.example\n" })) },
        { name: "photo.jpg", content: zstdCompressSync(csv) },
      ]),
    });
    has(
      read.rows,
      "g.txt › ../../evil.csv › row 1 | email=z@x.example name=Zoe",
      "g.txt › photo.jpg › row 2 | email=y@x.example name=Yan",
    );
    has(read.texts, "g.txt › n.tar.gz › t.md › line 3 | nested@x.example");
    assert.deepEqual(
      read.unread.map(({ at, reason }) => [at, reason]),
      [["g.txt › secret.txt", "encrypted"]],
    );
  });

  test("tables of one name and shape are one, however many documents they stand in", async () => {
    const book = (at: number): Buffer =>
      xlsxOf([{ name: "S", rows: [["email"], [`p${at}@x.example`]] }]);
    const read = await readBack(
      Object.fromEntries(Array.from({ length: 5 }, (_, at) => [`${at}.xlsx`, book(at)])),
    );
    assert.equal(read.tables.filter(({ prose }) => !prose).length, 1);
    has(read.rows, '4.xlsx › sheet "S" › row 2 | email=p4@x.example');
  });
});
