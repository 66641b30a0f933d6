import type { Connector } from "../config/connectors-schema.ts";
import type { Organisation } from "../config/organisation.ts";
import type { Pace } from "../config/words.ts";
import type { Action, ActionTraits, ConnectorKind, Doer } from "./action.ts";
import { settingsDigest } from "./settings-digest.ts";

/** GitHub: "limited to only 60 unauthenticated requests per hour and a max of 1000 tokens per API request". */
export const GITHUB_CREDENTIALS_A_REQUEST = 1_000;
const GITHUB_PACE: Pace = { count: 60, perMs: 3_600_000 };

/** All actions of all connectors, in the order of tocsin.yaml. */
export function actionsOf(organisation: Organisation): readonly Action[] {
  return Object.entries(organisation.connectors).flatMap(([name, connector]) =>
    keysOf(connector).map((key) => describe(name, connector, key)),
  );
}

export function kindOf(connector: Connector): ConnectorKind {
  if ("sql" in connector) return "sql";
  if ("http" in connector) return "http";
  if ("github" in connector) return "github";
  return "vendor" in connector ? "vendor" : "manual";
}

function keysOf(connector: Connector): readonly string[] {
  if ("github" in connector) return ["revoke-token"];
  const named = Object.keys(connector.actions);
  return "vendor" in connector && !named.includes("request") ? ["request", ...named] : named;
}

type Declared = {
  readonly title?: string | undefined;
  readonly idempotent?: boolean | undefined;
  readonly reversible?: boolean | undefined;
  readonly batch?: number | undefined;
  readonly pace?: Pace | undefined;
  readonly ends?: readonly string[] | undefined;
  readonly by?: "tocsin" | "customer" | undefined;
};

function describe(name: string, connector: Connector, key: string): Action {
  const declared: Declared = "github" in connector ? { pace: connector.pace } : (connector.actions[key] ?? {});
  const own = ownOf(connector, key, declared);
  const pace = own.pace;
  return {
    name: `${name}.${key}`,
    title: declared.title ?? own.title ?? key.replaceAll(/[-_]/g, " "),
    connector: name,
    key,
    kind: kindOf(connector),
    traits: {
      idempotent: declared.idempotent ?? own.idempotent,
      reversible: declared.reversible ?? own.reversible,
      batch: declared.batch ?? own.batch,
      ...(pace && { pace }),
      ...(own.readBack !== undefined && { readBack: own.readBack }),
      by: own.by,
    },
    watching: own.by !== "tocsin",
    settingsDigest: settingsDigest(connector, key),
    ends: declared.ends ?? own.ends ?? [],
    ...("github" in connector && { writesToOwners: "GitHub" }),
  };
}

type Own = ActionTraits & { readonly title?: string; readonly ends?: readonly string[] };

/** What a kind of connector says of itself where the file is silent. */
function ownOf(connector: Connector, key: string, declared: Declared): Own {
  if ("github" in connector) return githubOf(connector.github.check !== undefined, connector.pace);
  if ("vendor" in connector) {
    const title = `ask ${connector.vendor.name}${key === "request" ? "" : ` to ${key.replaceAll(/[-_]/g, " ")}`}`;
    return { ...watched("vendor", "the vendor's own answer"), title };
  }
  if ("manual" in connector) return watched("person", `ticked by ${connector.manual.owner}`);
  const perTarget = declared.pace ?? connector.pace;
  const pace = perTarget && { pace: { ...perTarget, per: "target" as const } };
  if ("sql" in connector) return { ...sqlOf(connector.actions[key]?.undo !== undefined), ...pace, by: declared.by ?? "tocsin" };
  const action = connector.actions[key];
  return {
    // RFC 9110, 9.2.2: these methods are idempotent; the header makes the others so.
    idempotent: action?.idempotency_header !== undefined || /^(GET|PUT|DELETE)$/.test(action?.method ?? ""),
    reversible: false,
    batch: 1,
    ...pace,
    ...(action?.left && { readBack: `${action.left.method} of each target` }),
    by: declared.by ?? "tocsin",
  };
}

function sqlOf(undoable: boolean): ActionTraits {
  return { idempotent: true, reversible: undoable, batch: 1_000, readBack: "the query `left`", by: "tocsin" };
}

function watched(by: Doer, readBack: string): ActionTraits {
  return { idempotent: true, reversible: false, batch: 1_000, readBack, by };
}

function githubOf(checked: boolean, pace: Pace | undefined): Own {
  return {
    title: "revoke GitHub token",
    idempotent: true,
    reversible: false,
    batch: GITHUB_CREDENTIALS_A_REQUEST,
    pace: { ...(pace ?? GITHUB_PACE), per: "batch" },
    readBack: checked ? "GitHub's check call, as the app that issued them" : "accepted by GitHub, not proved",
    by: "tocsin",
    ends: ["token.github"],
  };
}
