import { TocsinError } from "./errors.ts";

/** What an actor may do. A verb asks for exactly one. */
export const SCOPES = [
  "registry:read",
  "registry:write",
  "evidence:read",
  "evidence:write",
  "events:read", // what people did, by name: every look-up of one account is in the ledger
  "events:write",
  "findings:read",
  "findings:write",
  "incidents:read",
  "incidents:write",
  "incidents:decide",
  "plans:read",
  "plans:write",
  "plans:approve",
  "plans:apply",
  "runs:control",
  "work:run",
  "notices:read",
  "mail:read",
  "mail:write",
  "ledger:read",
  "ledger:write",
  "people:read", // personal data: every use is in the ledger
  "people:erase",
] as const;

export type Scope = (typeof SCOPES)[number];

/** Who acts: a person at a terminal or browser, or a loop of Tocsin's own. `name` is what the ledger shows. */
export type Actor = {
  readonly name: string;
  readonly via: "cli" | "http" | "worker" | "drill";
  readonly scopes: ReadonlySet<Scope>;
};

/** @throws TocsinError `forbidden` */
export function requireScope(actor: Actor, scope: Scope): void {
  if (!actor.scopes.has(scope)) {
    throw new TocsinError("forbidden", `${actor.name} lacks the scope ${scope}`);
  }
}

export function actorWithAllScopes(name: string, via: Actor["via"]): Actor {
  return { name, via, scopes: new Set(SCOPES) };
}
