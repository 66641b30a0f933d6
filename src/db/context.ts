import type { Actor } from "../core/scope.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Progress } from "../core/progress.ts";
import type { Organisation } from "../config/organisation.ts";
import type { Click } from "./click.ts";
import type { Postgres } from "./postgres.ts";
import type { DataFolder } from "./folder.ts";

/** What every verb is given: who acts, when, on which stores, under which organisation. Made once a process, narrowed per call. */
export type Context = {
  readonly actor: Actor;
  readonly clock: Clock;
  readonly log: Log;
  readonly progress: Progress;
  /** Ends with the process or with the caller that went away. */
  readonly signal: AbortSignal;
  readonly organisation: Organisation;
  readonly folder: DataFolder;
  readonly db: Postgres;
  /** Opened on first use: workers live on Postgres alone. */
  readonly click: () => Promise<Click>;
  /** The caller's Idempotency-Key: a write that is repeated with the same one gives the first answer again. */
  readonly requestKey?: RequestKey;
};

/** One Idempotency-Key while it is answered. Made by `openRequest` (src/ledger/request-key.ts), once a request. */
export type RequestKey = {
  readonly key: string;
  /** Of the verb and its input: the same key with another one is a conflict. */
  readonly digest: string;
  /** Writes begun under it. Shared by every context of the request: its n-th write has the n-th answer. */
  writes: number;
};
