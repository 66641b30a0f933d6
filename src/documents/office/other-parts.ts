// Parts of an office document beside its text: metadata, drawings, charts, cached data, what is embedded. Data hide there.
import { bytesOf } from "../bytes.ts";
import { placeIn } from "../document.ts";
import { readXmlTexts } from "../text-kinds/xml-texts.ts";
import type { Walk } from "../walk.ts";
import type { Pack, PackEntry } from "./pack.ts";
import { attribute, localName, xmlEvents } from "./xml-events.ts";

/** What holds nothing that anybody wrote: styles, fonts, printers. */
const EMPTY =
  /(?:^|\/)(?:\[Content_Types\]\.xml|styles\.xml|stylesWithEffects\.xml|fontTable\.xml|webSettings\.xml|calcChain\.xml|numbering\.xml|theme\/.*|fonts?\/.*|printerSettings\/.*|tableStyles\.xml|presProps\.xml|viewProps\.xml|slideLayouts\/.*|layout-cache|mimetype|manifest\.xml|manifest\.rdf|Thumbnails\/.*|thumbnail\.\w+|Configurations2\/.*)$/;
const METADATA = /^(?:docProps\/.*|meta\.xml)$/;

export async function readOtherParts(
  pack: Pack,
  read: ReadonlySet<string>,
  { at, walk }: { readonly at: string; readonly walk: Walk },
): Promise<void> {
  for (const entry of pack.entries) {
    if (read.has(entry.name) || entry.unread || entry.name.endsWith("/") || EMPTY.test(entry.name))
      continue;
    await readOther(pack, entry, { at, walk });
  }
}

async function readOther(
  pack: Pack,
  entry: PackEntry,
  { at, walk }: { readonly at: string; readonly walk: Walk },
): Promise<void> {
  const { name } = entry;
  const place = placeIn(at, METADATA.test(name) ? "metadata" : name);
  if (name.endsWith(".rels")) await readLinks(pack, entry, { at: placeIn(at, "links"), walk });
  else if (/\.(?:xml|vml)$/.test(name)) await readXmlTexts(await pack.read(entry), place, walk);
  else await walk.inner(await bytesOf(await pack.read(entry), { size: entry.size }), place);
}

/** Addresses outside the document; `mailto:` among them. */
async function readLinks(
  pack: Pack,
  entry: PackEntry,
  { at, walk }: { readonly at: string; readonly walk: Walk },
): Promise<void> {
  const found: string[] = [];
  await xmlEvents(await pack.read(entry), {
    open: (name, attributes) => {
      const target = attribute(attributes, "Target");
      if (
        localName(name) === "Relationship" &&
        attribute(attributes, "TargetMode") === "External" &&
        target
      )
        found.push(target);
    },
  });
  const text = walk.parts.text(at, "entry");
  for (const [index, target] of found.entries()) await text.add(index + 1, unescapedLink(target));
}

function unescapedLink(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}
