// A small store that speaks as S3 does: lists by prefix, a page at a time, and gives objects whole or in part. Strict about who asks.
import { createServer } from "node:http";
import { once } from "node:events";

export type S3Store = AsyncDisposable & {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
};

const PAGE = 2;

/** One bucket, `bucket`, for whoever signs with `key`. */
export async function s3Store(key: string): Promise<S3Store> {
  const objects = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://store");
    const credential = `Credential=${key}/`;
    if (request.headers.authorization?.includes(credential) !== true) {
      response.writeHead(403, { "content-type": "application/xml" });
      response.end("<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>");
    } else if (url.searchParams.has("list-type")) {
      response
        .writeHead(200, { "content-type": "application/xml" })
        .end(listing(objects, url.searchParams));
    } else {
      give(
        objects.get(decodeURIComponent(url.pathname.replace(/^\/bucket\//, ""))),
        request,
        response,
      );
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the store has no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    objects,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function listing(objects: ReadonlyMap<string, Buffer>, asked: URLSearchParams): string {
  const prefix = asked.get("prefix") ?? "";
  const keys = [...objects.keys()].filter((one) => one.startsWith(prefix)).toSorted();
  const from = Number(asked.get("continuation-token") ?? 0);
  const isMore = from + PAGE < keys.length;
  const contents = keys
    .slice(from, from + PAGE)
    .map(
      (one) =>
        `<Contents><Key>${xml(one)}</Key><LastModified>2026-11-01T00:00:00.000Z</LastModified><ETag>"e"</ETag><Size>${objects.get(one)?.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
    );
  const next = isMore ? `<NextContinuationToken>${from + PAGE}</NextContinuationToken>` : "";
  return `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix>${xml(prefix)}</Prefix><KeyCount>${contents.length}</KeyCount><MaxKeys>${PAGE}</MaxKeys><IsTruncated>${isMore}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`;
}

function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

type Request = Parameters<NonNullable<Parameters<typeof createServer>[1]>>[0];
type Response = Parameters<NonNullable<Parameters<typeof createServer>[1]>>[1];

function give(object: Buffer | undefined, request: Request, response: Response): void {
  if (object === undefined) {
    response.writeHead(404, { "content-type": "application/xml" });
    response.end("<Error><Code>NoSuchKey</Code></Error>");
    return;
  }
  const about = {
    etag: '"e"',
    "last-modified": "Sun, 01 Nov 2026 00:00:00 GMT",
    "accept-ranges": "bytes",
  };
  const range = /^bytes=(\d+)-(\d*)$/.exec(String(request.headers.range));
  const from = Number(range?.[1] ?? 0);
  const to = Math.min(Number(range?.[2] || object.length), object.length - 1);
  const part = object.subarray(from, to + 1);
  response.writeHead(range ? 206 : 200, {
    ...about,
    "content-length": part.length,
    ...(range ? { "content-range": `bytes ${from}-${to}/${object.length}` } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : part);
}
