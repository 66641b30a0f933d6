// The life of a batch in Postgres. First its row, `writing`; then its records in ClickHouse; then `taken`, and only then are its senders
// answered. Crash between the first two or the next two: nobody was told, whoever comes next drops the batch with all that is there of it, and
// the senders send again. Crash after the last: the answer is lost, and a request that names itself is answered again.
import { z } from "zod";
import type { Context } from "../../db/context.ts";
import type { Tx } from "../../db/postgres.ts";
import { write } from "../../ledger/write.ts";
import type { IngestRecord } from "./request-records.ts";
import type { Stream } from "./stream.ts";

export type IngestRequest = {
  /** What the sender calls it; undefined where it has no name, and is taken each time. */
  readonly id: string | undefined;
  /** SHA-256 of its body: another body under the same id is a conflict. */
  readonly digest: string;
  readonly records: readonly IngestRecord[];
  readonly bytes: number;
  /** Records of it that were refused by themselves. */
  readonly rejected: number;
};

export type Taken = {
  readonly stream: string;
  readonly batch: number;
  readonly records: number;
  readonly rejected: number;
};

export type BeginInput = {
  readonly stream: Stream;
  readonly owner: string;
  readonly requests: readonly IngestRequest[];
};

export type Begun = {
  readonly batch: number;
  readonly firstPlace: number;
  /** ISO 8601. Where a record tells no time, this is it. */
  readonly arrivedAt: string;
  readonly records: number;
  readonly bytes: number;
  /** One a request, in their order. `fresh`: it is in this batch. */
  readonly fates: readonly Fate[];
};

export type Fate =
  | { readonly is: "fresh"; readonly answer: Taken }
  | { readonly is: "repeated"; readonly answer: Taken }
  /** Another process has it in hand, or a dead one had. */
  | { readonly is: "unfinished" }
  /** The id was used for another body. */
  | { readonly is: "conflict" };

/** Gives the batch its number and its places. Numbers become visible in their order: the row of the last one is locked until the commit. */
export async function beginBatch(ctx: Context, input: BeginInput): Promise<Begun> {
  const { stream, owner, requests } = input;
  return await write(ctx, { scope: "events:write", repeatable: true }, async (tx) => {
    const now = ctx.clock.now();
    const [position] = await tx<{ batch: string }[]>`
      update ingest_position set batch = batch + 1 returning batch`;
    const batch = Number(position?.batch);
    await tx`insert into ingest_streams (name, places) values (${stream.name}, 0) on conflict do nothing`;
    const fates: Fate[] = [];
    for (const request of requests) fates.push(await fateOf(tx, { request, stream, batch, now }));
    const fresh = requests.filter((_, index) => fates[index]?.is === "fresh");
    const records = fresh.reduce((sum, one) => sum + one.records.length, 0);
    const bytes = fresh.reduce((sum, one) => sum + one.bytes, 0);
    const [places] = await tx<{ first: string }[]>`
      update ingest_streams set places = places + ${records} where name = ${stream.name}
      returning places - ${records} + 1 as first`;
    const firstPlace = Number(places?.first);
    if (records > 0)
      await tx`
        insert into ingest_batches (batch, stream, state, owner, first_place, records, bytes, arrived_at)
        values (${batch}, ${stream.name}, 'writing', ${owner}, ${firstPlace}, ${records}, ${bytes}, ${now})`;
    const arrivedAt = now.toISOString();
    return { result: { batch, firstPlace, arrivedAt, records, bytes, fates }, entry: [] };
  });
}

type FateInput = { request: IngestRequest; stream: Stream; batch: number; now: Date };

async function fateOf(tx: Tx, { request, stream, batch, now }: FateInput): Promise<Fate> {
  const { id, digest, rejected } = request;
  const records = request.records.length;
  const answer = { stream: stream.name, batch, records, rejected };
  if (id === undefined) return { is: "fresh", answer };
  const made = await tx`
    insert into ingest_requests (stream, id, digest, batch, records, rejected, at)
    values (${stream.name}, ${id}, ${digest}, ${batch}, ${records}, ${rejected}, ${now})
    on conflict (stream, id) do nothing returning id`;
  return made.length > 0
    ? { is: "fresh", answer }
    : await knownFate(tx, stream.name, { id, digest });
}

const Known = z.object({
  digest: z.string(),
  batch: z.coerce.number(),
  records: z.number(),
  rejected: z.number(),
  state: z.string().nullable(),
});

async function knownFate(
  tx: Tx,
  stream: string,
  { id, digest }: { id: string; digest: string },
): Promise<Fate> {
  const [row] = await tx`
    select r.digest, r.batch, r.records, r.rejected, b.state
    from ingest_requests r left join ingest_batches b on b.batch = r.batch
    where r.stream = ${stream} and r.id = ${id}`;
  const known = Known.parse(row);
  if (known.digest !== digest) return { is: "conflict" };
  if (known.state === "writing") return { is: "unfinished" };
  const { batch, records, rejected } = known;
  return { is: "repeated", answer: { stream, batch, records, rejected } };
}

/** All of it is in ClickHouse. False where somebody who took us for dead has dropped it. */
export async function finishBatch(
  ctx: Context,
  { stream, owner, begun, digest }: { stream: string; owner: string; begun: Begun; digest: string },
): Promise<boolean> {
  const { batch, records, bytes, firstPlace } = begun;
  const rejected = begun.fates.reduce(
    (sum, fate) => sum + (fate.is === "fresh" ? fate.answer.rejected : 0),
    0,
  );
  return await write(ctx, { scope: "events:write", repeatable: true }, async (tx) => {
    const done = await tx`
      update ingest_batches set state = 'taken' where batch = ${batch} and state = 'writing' and owner = ${owner} returning batch`;
    if (done.length === 0) return { result: false, entry: [] };
    await tx`
      update ingest_streams set records = records + ${records}, rejected = rejected + ${rejected}, last_at = ${begun.arrivedAt}
      where name = ${stream}`;
    const body = { stream, batch, records, bytes, firstPlace, sha256: digest };
    return { result: true, entry: { kind: "logs.taken", body } };
  });
}
