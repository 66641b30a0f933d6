// One HTTP server on loopback: reads a bounded body, answers JSON, and is silent about everything else.
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type Told = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

export type HttpDoor = { readonly url: string; close(): Promise<void> };

const BODY_LIMIT = 2_000_000;

/** A door on a port of the system's choice. A thrown error is answered with 500. */
export async function openHttpDoor(answer: (asked: Asked) => Promise<Told>): Promise<HttpDoor> {
  const sockets = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT) chunks.push(chunk);
    });
    request.on("end", () => {
      const asked = {
        method: request.method ?? "",
        path: request.url ?? "/",
        headers: request.headers,
      };
      const told =
        size > BODY_LIMIT
          ? Promise.resolve({ status: 413 })
          : answer({ ...asked, body: Buffer.concat(chunks).toString() });
      told.then(
        (one) => send(one),
        () => send({ status: 500, body: { message: "Server Error" } }),
      );
    });
    const send = ({ status, headers = {}, body }: Told): void => {
      const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
      response
        .writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers })
        .end(text);
    };
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new TypeError("a TCP server has a port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Undefined where the text is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
