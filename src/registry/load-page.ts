// One page of a source into its layer: accounts, then what follows from them.
import { unlink } from "node:fs/promises";
import { z } from "zod";
import type { Click } from "../db/click.ts";
import { dropLayer } from "./layers.ts";
import { oddPhones, pageSelect, type PageSelectInput } from "./page-select.sql.ts";
import { phoneKey } from "./phone-key.ts";
import { REASONS } from "./page.ts";
import { quoted } from "./sql-text.ts";

export type LoadInput = PageSelectInput & {
  readonly write: (pieces: readonly Uint8Array[]) => Promise<string>;
};

/**
 * The layer is empty before. Nobody sees it yet; a crash in here leaves a layer that is dropped and loaded again. True where
 * the page had numbers that only their country's plan completes: the next page probably has some too. Looking for them first
 * costs a second reading of the page, so a source that has none is spared it.
 */
export async function loadPage(click: Click, input: LoadInput): Promise<boolean> {
  const { page, source, registry, layer } = input;
  const file = {
    path: page.path,
    format: page.format,
    structure: page.structure,
    // Row numbers are given in the order of the file: one thread.
    settings: { ...page.settings, max_threads: 1, input_format_parallel_parsing: 0 },
  };
  let { plans } = input;
  const load = async (): Promise<void> => {
    if (plans) {
      await click.load({ ...file, into: "registry_phones", select: oddPhones(input) });
      await completePhones(click, input);
    }
    await click.load({ ...file, into: "accounts", select: pageSelect({ ...input, plans }) });
  };
  await load();
  if (
    !plans &&
    source.identifiers.phone !== undefined &&
    (await hasOddPhones(click, registry, layer))
  ) {
    plans = true;
    await dropLayer(click, registry, layer);
    await load();
  }
  await loadIdentifiers(click, registry, layer);
  await noteSetAside(click, input);
  if (page.disposable) await unlink(page.path);
  return plans;
}

async function hasOddPhones(click: Click, registry: string, layer: number): Promise<boolean> {
  const [row] = await click.query(
    z.object({ odd: z.number() }),
    `select count() as odd from accounts
     where registry = {registry:String} and layer = {layer:UInt64} and has(notes, 'invalid-phone')`,
    { registry, layer },
  );
  return (row?.odd ?? 0) > 0;
}

const PhoneRow = z.object({ raw: z.string(), country: z.string() });

async function completePhones(click: Click, { registry, layer, write }: LoadInput): Promise<void> {
  const wanted = `select raw, country from registry_phones where registry = {registry:String} and layer = {layer:UInt64}`;
  const lines: Buffer[] = [];
  for await (const rows of click.stream(PhoneRow, wanted, { registry, layer })) {
    const found = rows.map((row) =>
      JSON.stringify({ ...row, e164: phoneKey(row.raw, row.country) ?? "" }),
    );
    lines.push(Buffer.from(`${found.join("\n")}\n`));
  }
  if (lines.length === 0) return;
  const path = await write(lines);
  await click.load({
    into: "registry_phones",
    select: (file) =>
      `(registry, layer, raw, country, e164) select ${quoted(registry)}, ${layer}, raw, country, e164 from ${file}`,
    path,
    format: "JSONEachRow",
    structure: "raw String, country String, e164 String",
  });
  await unlink(path);
}

/** Every identifier of the layer's current accounts, under the key that evidence is matched by. */
export async function loadIdentifiers(
  click: Click,
  registry: string,
  layer: number,
): Promise<void> {
  await click.command(
    `insert into identifiers (kind, value, registry, layer, row, account, subject)
     select tupleElement(one, 1), tupleElement(one, 2), registry, layer, row, account, subject
     from accounts
     array join arrayFilter(pair -> pair.2 != '',
       [('email', address), ('username', username), ('phone', phone), ('key', account)]) as one
     where registry = {registry:String} and layer = {layer:UInt64} and state = 'current'`,
    { registry, layer },
  );
}

async function noteSetAside(click: Click, { registry, layer, page }: LoadInput): Promise<void> {
  const removes = Object.entries(REASONS).filter(([, effect]) => effect === "removed");
  const unreachable = Object.entries(REASONS).filter(([, effect]) => effect === "unreachable");
  const list = (reasons: typeof removes): string =>
    reasons.map(([reason]) => quoted(reason)).join(", ");
  await click.command(
    `insert into registry_set_aside (registry, layer, row, account, reason, effect)
     select registry, layer, row, account, note, multiIf(note in (${list(removes)}), 'removed',
       note in (${list(unreachable)}) and contact_address = '', 'unreachable', 'marked')
     from accounts array join notes as note
     where registry = {registry:String} and layer = {layer:UInt64}`,
    { registry, layer },
  );
  if (page.broken.length === 0) return;
  await click.command(
    `insert into registry_set_aside (registry, layer, row, account, reason, effect)
     select {registry:String}, {layer:UInt64}, one.1, '', one.2, 'removed'
     from (select arrayJoin(arrayZip({rows:Array(UInt64)}, {reasons:Array(String)})) as one)`,
    {
      registry,
      layer,
      rows: page.broken.map(({ row }) => row),
      reasons: page.broken.map(({ reason }) => reason),
    },
  );
}
