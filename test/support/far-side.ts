// An HTTP service on loopback that misbehaves on demand. Strict where it behaves: it remembers every request it was sent.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Seen = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
};

/** `hang`: accepts and never answers. `cut`: takes the whole request, then drops the connection. */
export type Reply =
  | "hang"
  | "cut"
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    };

export type FarSide = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  readonly seen: readonly Seen[];
  /** What it answers from now on. */
  answer(reply: Reply | ((request: Seen) => Reply)): void;
};

export async function farSide(): Promise<FarSide> {
  const seen: Seen[] = [];
  let answers: (request: Seen) => Reply = allIsWell;
  const server = createServer((request, response) => {
    readWhole(request).then(
      (body) => {
        const one = {
          method: request.method ?? "",
          path: request.url ?? "",
          headers: request.headers,
          body,
        };
        seen.push(one);
        reply(response, answers(one));
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = portOf(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    answer: (given) => (answers = typeof given === "function" ? given : () => given),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string")
    throw new TypeError("the server listens on no port");
  return address.port;
}

async function readWhole(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

function reply(response: ServerResponse, given: Reply): void {
  if (given === "hang") return;
  if (given === "cut") response.destroy();
  else response.writeHead(given.status, given.headers).end(given.body ?? "");
}

function allIsWell(): Reply {
  return { status: 200 };
}
