// OpenDocument spreadsheets: sheets however hidden, comments, and what is repeated without being written out.
import { placeIn, type TableParts } from "../document.ts";
import { readOdfText } from "./odt.ts";
import { OdsCells, type OdsItem } from "./ods-cells.ts";
import { readOtherParts } from "./other-parts.ts";
import type { PackReader } from "./read-pack.ts";
import { xmlEvents } from "./xml-events.ts";

export const readOds: PackReader = async (pack, { at, walk }) => {
  const reading = new OdsCells();
  let place = at;
  let table: TableParts | undefined;
  const write = async (item: OdsItem): Promise<void> => {
    switch (item.kind) {
      case "sheet":
        await table?.end();
        place = placeIn(at, `sheet "${item.name}"${item.hidden ? " (hidden)" : ""}`);
        table = walk.parts.table(place, { name: item.name });
        return;
      case "row":
        await table?.add(
          item.number,
          item.cells,
          item.hidden ? `${place}, hidden rows` : undefined,
        );
        return;
      case "note":
        await walk.parts.text(placeIn(place, item.what), "row").add(item.number, item.text);
    }
  };
  await xmlEvents(await pack.read({ name: "content.xml" }), {
    open: reading.open,
    text: reading.text,
    close: reading.close,
    drain: async () => {
      for (const item of reading.items.splice(0)) await write(item);
    },
  });
  await table?.end();
  if (pack.entries.some(({ name }) => name === "styles.xml"))
    await readOdfText(pack, "styles.xml", { at: placeIn(at, "header and footer"), walk });
  await readOtherParts(pack, new Set(["content.xml", "styles.xml"]), { at, walk });
  return "OpenDocument spreadsheet";
};
