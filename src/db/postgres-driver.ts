// The `postgres` package with a guard that 3.4.9 lacks. A backend that dies inside a transaction (a restart of Postgres
// does it) makes the package write to a socket that is gone, from a timer, where nobody can catch it: the process ends
// (porsager/postgres #1154, #1208). Guarded, the query is rejected with CONNECTION_CLOSED and the connection is made anew.
import { registerHooks } from "node:module";
import type postgres from "postgres";

const FILE = "/node_modules/postgres/src/connection.js";

/** What stands in the package, how often, and what stands there then. */
const GUARDS: readonly { readonly was: string; readonly times: number; readonly is: string }[] = [
  {
    was: "  function execute(q) {\n",
    times: 1,
    // `true`: the connection stays in the queue of closed ones, from where it is connected again.
    is: "  function execute(q) {\n    if (socket === null && !terminated)\n      return queryError(q, Errors.connection('CONNECTION_CLOSED', options)), true\n",
  },
  {
    was: "  function nextWrite(fn) {\n",
    times: 1,
    is: "  function nextWrite(fn) {\n    if (socket === null)\n      return chunk = nextWriteTimer = null, false\n",
  },
  {
    // Else the end of the pool waits for an answer that nobody will send.
    was: "    onclose(connection, Errors.connection('CONNECTION_CLOSED', options, socket))\n",
    times: 1,
    is: "    query = null\n    onclose(connection, Errors.connection('CONNECTION_CLOSED', options, socket))\n",
  },
  {
    // A timer that is cleared must be forgotten too, or the connection never writes again.
    was: "\n    clearImmediate(nextWriteTimer)\n",
    times: 2,
    is: "\n    clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n",
  },
  {
    // A session that is cut while a new connection asks for the array types: nobody waits for that answer, so its
    // rejection ended the process. The connection is made anew by what it was made for.
    was: "      return fetchArrayTypes()\n",
    times: 1,
    is: "      return fetchArrayTypes().catch(() => {})\n",
  },
  {
    // A copy that Postgres refuses at its end (a key twice, a full disk): the stream waited for its end for ever.
    was: "    stream && (stream.destroy(err), stream = null)\n    query && queryError(query, err)\n",
    times: 1,
    is: "    stream && (stream.destroy(err), stream = null)\n    final && (final(err), final = null)\n    query && queryError(query, err)\n",
  },
];

/** The driver, guarded. Nothing else may import its value: a module that is loaded once is loaded for good. */
export const connectPostgres: typeof postgres = await load();

async function load(): Promise<typeof postgres> {
  let isGuarded = false;
  const hooks = registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      if (!url.endsWith(FILE)) return loaded;
      isGuarded = true;
      return { ...loaded, source: guarded(textOf(loaded.source)) };
    },
  });
  try {
    const driver = await import("postgres");
    if (!isGuarded)
      throw new Error(
        "something imported postgres before its guard: import connectPostgres instead",
      );
    return driver.default;
  } finally {
    hooks.deregister();
  }
}

function textOf(source: string | ArrayBuffer | NodeJS.TypedArray | null | undefined): string {
  return typeof source === "string" ? source : new TextDecoder().decode(source ?? undefined);
}

function guarded(source: string): string {
  return GUARDS.reduce((text, { was, times, is }) => {
    const parts = text.split(was);
    if (parts.length !== times + 1)
      throw new Error("the guard does not fit this version of the postgres package");
    return parts.join(is);
  }, source);
}
