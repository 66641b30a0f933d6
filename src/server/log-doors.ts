// Where senders of logs knock. These doors know streams and their tokens only: no person, no cookie, no host's name, and no other token.
import { Hono, type Context as HttpContext } from "hono";
import { sha256Hex } from "../core/digest.ts";
import type { Context } from "../db/context.ts";
import type { IngestRequest, Taken } from "../logs/ingest/batch-state.ts";
import { type ByteBudget, byteBudget } from "../logs/ingest/byte-budget.ts";
import type { Ingest } from "../logs/ingest/open-ingest.ts";
import { otlpRecords, type OtlpLogs, TooMany } from "../logs/ingest/otlp.ts";
import { readOtlpJson } from "../logs/ingest/otlp-json.ts";
import { readOtlpProtobuf } from "../logs/ingest/otlp-protobuf.ts";
import { BrokenMessage } from "../logs/ingest/protobuf.ts";
import { type Body, type BodyLimits, readBody } from "../logs/ingest/read-body.ts";
import { BUSY, isRefusal, type Refusal, refuse } from "../logs/ingest/refusal.ts";
import { type IngestRecord, requestRecords } from "../logs/ingest/request-records.ts";
import type { Stream } from "../logs/ingest/stream.ts";
import type { Format } from "../logs/format.ts";
import type { AppEnv } from "./app.ts";
import { type LogAccess, logAccess } from "./log-access.ts";
import { otlpAnswer, otlpEncodingOf, type OtlpEncoding } from "./otlp-answer.ts";

export type LogDoorsOptions = {
  readonly ingest: Ingest;
  readonly streams: readonly Stream[];
  /** Bytes of requests in memory, over all connections. */
  readonly budgetBytes?: number;
  readonly limits?: BodyLimits;
};

const BUDGET_BYTES = 64 << 20;

type Doors = {
  readonly ingest: Ingest;
  readonly access: LogAccess;
  readonly budget: ByteBudget;
  readonly limits: BodyLimits | undefined;
};

/** `POST /v1/logs` (OTLP) and `POST /api/logs/STREAM` (lines of the stream's format). */
export function logDoors(ctx: Context, options: LogDoorsOptions): Hono<AppEnv> {
  const doors: Doors = {
    ingest: options.ingest,
    access: logAccess(ctx, options.streams),
    budget: byteBudget(options.budgetBytes ?? BUDGET_BYTES),
    limits: options.limits,
  };
  const app = new Hono<AppEnv>();
  app.post("/v1/logs", async (http) => {
    const encoding = otlpEncodingOf(http.req.header("content-type"));
    if (encoding === undefined) return problem(WRONG_TYPE);
    return otlpAnswer(await knock(http, doors, { encoding }), encoding);
  });
  app.post("/api/logs/:stream", async (http) => {
    const answer = await knock(http, doors, { stream: http.req.param("stream") });
    return isRefusal(answer) ? problem(answer) : http.json(answer);
  });
  return app;
}

const WRONG_TYPE = refuse(415, "send application/x-protobuf or application/json");
const NOT_YOURS = refuse(401, "send this stream's token: authorization: Bearer TOKEN");

type Knock = { readonly encoding: OtlpEncoding } | { readonly stream: string };

type Answer = Taken | Refusal | Nothing;
/** A request without a record. */
type Nothing = {
  readonly stream: string;
  readonly batch: null;
  readonly records: 0;
  readonly rejected: number;
};

async function knock(http: HttpContext, doors: Doors, how: Knock): Promise<Answer> {
  const token = /^Bearer +(\S+)$/i.exec(http.req.header("authorization") ?? "")?.[1];
  const stream = token === undefined ? undefined : await doors.access.streamOf(token);
  if (!stream || ("stream" in how && how.stream !== stream.name)) return NOT_YOURS;
  const id = http.req.header("idempotency-key");
  if (id !== undefined && !/^[\x21-\x7e]{1,255}$/.test(id))
    return refuse(400, "an idempotency key is 1 to 255 printable ASCII characters without spaces");
  const { budget, limits } = doors;
  const body = await readBody({
    body: http.req.raw.body ?? NO_BODY,
    encoding: http.req.header("content-encoding"),
    length: http.req.header("content-length"),
    budget,
    ...(limits ? { limits } : {}),
  });
  if (isRefusal(body)) return body;
  try {
    return await hand(doors, { how, stream, id, body });
  } finally {
    body.release();
  }
}

const NO_BODY: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: async function* () {} };

type Request = {
  readonly how: Knock;
  readonly stream: Stream;
  readonly id: string | undefined;
  readonly body: Body;
};

async function hand(
  { ingest, budget }: Doors,
  { how, stream, id, body }: Request,
): Promise<Answer> {
  const digest = sha256Hex(body.bytes);
  const read =
    "encoding" in how ? otlpRequest(body.bytes, stream, how) : lineRequest(body.bytes, stream);
  if (isRefusal(read)) return read;
  const { records, format, rejected } = read;
  if (records.length === 0) return { stream: stream.name, batch: null, records: 0, rejected };
  const bytes = records.reduce((sum, one) => sum + one.bytes.length, 0);
  // What OTLP becomes is memory of its own; lines are parts of the body.
  const more = "encoding" in how ? bytes : 0;
  if (!budget.take(more)) return BUSY;
  try {
    // An OTLP request holds times to the nanosecond: the same body is the same request.
    const named = id ?? ("encoding" in how ? `otlp ${digest}` : undefined);
    const request: IngestRequest = { id: named, digest, records, bytes, rejected };
    return await ingest.take({ stream, format, request });
  } finally {
    budget.give(more);
  }
}

type Read = {
  readonly records: readonly IngestRecord[];
  readonly format: Format;
  readonly rejected: number;
};

const TOO_MANY = refuse(
  413,
  "the request holds more records than are taken at once: send smaller batches",
);

function lineRequest(body: Buffer, stream: Stream): Read | Refusal {
  return unlessTooMany(() => ({
    records: requestRecords(body, stream.format),
    format: stream.format,
    rejected: 0,
  }));
}

/** Of all records of one OTLP request, each with its resource. */
const MOST_OTLP_BYTES = 32 << 20;

function otlpRequest(
  body: Buffer,
  stream: Stream,
  { encoding }: { encoding: OtlpEncoding },
): Read | Refusal {
  return unlessTooMany(() => {
    const logs = readOtlp(body, encoding);
    if (logs === undefined)
      return refuse(400, `the body is no ExportLogsServiceRequest in ${encoding}`);
    const made = otlpRecords(logs, stream.otlpFormat, MOST_OTLP_BYTES);
    const records = made
      .map((bytes) => ({ bytes, flaw: "" }))
      .filter(({ bytes }) => bytes.length > 0);
    return { records, format: stream.otlpFormat, rejected: logs.rejected };
  });
}

function readOtlp(body: Buffer, encoding: OtlpEncoding): OtlpLogs | undefined {
  if (encoding === "application/json") return readOtlpJson(body.toString("utf8"));
  try {
    return readOtlpProtobuf(body);
  } catch (error) {
    if (error instanceof BrokenMessage) return undefined;
    throw error;
  }
}

function unlessTooMany(read: () => Read | Refusal): Read | Refusal {
  try {
    return read();
  } catch (error) {
    if (error instanceof TooMany) return TOO_MANY;
    throw error;
  }
}

const CODES = {
  400: "invalid",
  401: "unauthenticated",
  409: "conflict",
  413: "invalid",
  415: "invalid",
  422: "invalid",
  429: "limited",
  503: "unavailable",
} as const satisfies Record<Refusal["status"], string>;

// RFC 9457, as every other door.
function problem({ status, says, retryAfterS }: Refusal): Response {
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (retryAfterS !== undefined) headers.set("retry-after", String(retryAfterS));
  if (status === 401) headers.set("www-authenticate", "Bearer");
  const retryable = status === 429 || status === 503;
  return new Response(JSON.stringify({ status, code: CODES[status], title: says, retryable }), {
    status,
    headers,
  });
}
