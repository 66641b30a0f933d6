// XML of any shape as a tree of values; what is too large for that is read as text.
import { type Bytes, bytesOf, wholeBytes } from "../bytes.ts";
import { xmlEvents } from "../office/xml-events.ts";
import { type Tree, treeTables } from "../data-kinds/tree-tables.ts";
import type { Walk } from "../walk.ts";
import { readXmlTexts } from "./xml-texts.ts";

const AT_ONCE = 32 << 20;
const DEEPEST = 200;
const MOST_NODES = 2_000_000;

export async function readXml(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  if ((bytes.size ?? bytes.head.length) > AT_ONCE || bytes.size === undefined) {
    await readXmlTexts(bytes.chunks, at, walk);
    return "XML, as text";
  }
  const whole = await wholeBytes(bytes, AT_ONCE);
  const tree = await treeOf(whole);
  if (tree === undefined) {
    await readXmlTexts((await bytesOf(once(whole))).chunks, at, walk);
    return "XML, as text";
  }
  await treeTables(tree, at, walk.parts);
  return "XML";
}

type Node = { readonly name: string; readonly children: Map<string, Tree[]>; text: string };

/** Undefined for one that is too deep or has too many elements. Mixed text keeps its own key. */
async function treeOf(bytes: Buffer): Promise<Tree | undefined> {
  const root: Node = { name: "", children: new Map(), text: "" };
  const stack = [root];
  let nodes = 0;
  let tooMuch = false;
  await xmlEvents(once(bytes), {
    open: (name, attributes) => {
      const node: Node = { name, children: new Map(), text: "" };
      for (const key in attributes)
        if (!key.startsWith("xmlns")) node.children.set(key, [attributes[key] ?? ""]);
      nodes += 1;
      tooMuch ||= stack.length > DEEPEST || nodes > MOST_NODES;
      if (!tooMuch) stack.push(node);
    },
    text: (text) => {
      const node = stack.at(-1);
      // What is left of a DTD is no text of the document.
      if (node && (stack.length > 1 || text.trim() !== "]>")) node.text += text;
    },
    close: () => {
      const node = tooMuch ? undefined : stack.pop();
      const parent = stack.at(-1);
      if (!node || !parent) return;
      const others = parent.children.get(node.name) ?? [];
      others.push(valueOf(node));
      parent.children.set(node.name, others);
    },
  });
  return tooMuch ? undefined : valueOf(root);
}

function valueOf({ children, text }: Node): Tree {
  const own = text.trim();
  if (children.size === 0) return own;
  const tree: Record<string, Tree> = {};
  for (const [key, values] of children)
    tree[key] = values.length === 1 ? (values[0] ?? "") : values;
  return own === "" ? tree : { ...tree, "#text": own };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield bytes;
}
