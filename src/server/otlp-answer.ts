// What OTLP/HTTP says to a sender, in the encoding that it spoke: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
import type { Taken } from "../logs/ingest/batch-state.ts";
import { writeField, writeNumber } from "../logs/ingest/protobuf.ts";
import { isRefusal, type Refusal } from "../logs/ingest/refusal.ts";

export type OtlpEncoding = "application/x-protobuf" | "application/json";

export function otlpEncodingOf(contentType: string | undefined): OtlpEncoding | undefined {
  const type = (contentType ?? "").split(";")[0]?.trim().toLowerCase();
  return type === "application/x-protobuf" || type === "application/json" ? type : undefined;
}

// google.rpc.Code
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

function rpcCode(status: Refusal["status"]): number {
  if (status === 401) return UNAUTHENTICATED;
  if (status === 429) return RESOURCE_EXHAUSTED;
  return status === 503 ? UNAVAILABLE : INVALID_ARGUMENT;
}

/** ExportLogsServiceResponse, or google.rpc.Status. */
export function otlpAnswer(
  answer: Pick<Taken, "rejected"> | Refusal,
  encoding: OtlpEncoding,
): Response {
  const headers = new Headers({ "content-type": encoding });
  const isJson = encoding === "application/json";
  if (!isRefusal(answer)) {
    const body = isJson ? jsonSuccess(answer) : protobufSuccess(answer);
    return new Response(body, { status: 200, headers });
  }
  if (answer.retryAfterS !== undefined) headers.set("retry-after", String(answer.retryAfterS));
  if (answer.status === 401) headers.set("www-authenticate", "Bearer");
  const code = rpcCode(answer.status);
  const body = isJson
    ? JSON.stringify({ code, message: answer.says })
    : Uint8Array.from(Buffer.concat([writeNumber(1, code), writeField(2, answer.says)]));
  return new Response(body, { status: answer.status, headers });
}

const WHY_REJECTED = "values nested deeper than 64 levels";

function jsonSuccess({ rejected }: Pick<Taken, "rejected">): string {
  return JSON.stringify(
    rejected === 0
      ? {}
      : { partialSuccess: { rejectedLogRecords: String(rejected), errorMessage: WHY_REJECTED } },
  );
}

// Where all was taken, the message is empty: the field must not be set.
function protobufSuccess({ rejected }: Pick<Taken, "rejected">): Uint8Array<ArrayBuffer> {
  if (rejected === 0) return new Uint8Array();
  const partial = Buffer.concat([writeNumber(1, rejected), writeField(2, WHY_REJECTED)]);
  return Uint8Array.from(writeField(1, partial));
}
