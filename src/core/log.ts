import { pino } from "pino";

/** Structured, to standard error. Holds ids and counts, never a subject's data or a secret. */
export type Log = pino.Logger;

export function openLog(level: "silent" | "info" | "debug"): Log {
  return pino({ level, base: null }, pino.destination({ fd: 2, sync: true }));
}
