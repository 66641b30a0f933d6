import type {
  Connector,
  GithubConnector,
  HttpConnector,
  SqlConnector,
  VendorConnector,
} from "../config/connectors-schema.ts";
import type { Organisation } from "../config/organisation.ts";
import type { Pace } from "../config/words.ts";
import {
  type Action,
  type ActionTraits,
  CONNECTOR_KINDS,
  type ConnectorKind,
  type Doer,
} from "./action.ts";
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

function keysOf(connector: Connector): readonly string[] {
  if ("github" in connector)
    return connector.github.check ? ["revoke-token", "check-token"] : ["revoke-token"];
  const named = Object.keys(connector.actions);
  return "vendor" in connector && !named.includes("request") ? ["request", ...named] : named;
}

export function kindOf(connector: Connector): ConnectorKind {
  const kind = CONNECTOR_KINDS.find((one) => one in connector);
  if (!kind) throw new TypeError("a connector of no kind"); // the schema lets none through
  return kind;
}

type Declared = {
  readonly title?: string | undefined;
  readonly idempotent?: boolean | undefined;
  readonly reversible?: boolean | undefined;
  readonly batch?: number | undefined;
  readonly ends?: readonly string[] | undefined;
};

function describe(name: string, connector: Connector, key: string): Action {
  const declared: Declared = "github" in connector ? {} : (connector.actions[key] ?? {});
  const own = ownOf(connector, key);
  return {
    name: `${name}.${key}`,
    title: declared.title ?? own.title ?? spaced(key),
    connector: name,
    key,
    kind: kindOf(connector),
    traits: traitsOf(declared, own),
    watching: own.by !== "tocsin",
    settingsDigest: settingsDigest(connector, key),
    ends: declared.ends ?? own.ends ?? [],
    ...(own.ends?.includes("token.github") === true && { writesToOwners: "GitHub" }),
  };
}

function traitsOf(declared: Declared, own: Own): ActionTraits {
  return {
    idempotent: declared.idempotent ?? own.idempotent,
    reversible: declared.reversible ?? own.reversible,
    batch: declared.batch ?? own.batch,
    ...(own.pace && { pace: own.pace }),
    ...(own.readBack !== undefined && { readBack: own.readBack }),
    by: own.by,
  };
}

function spaced(key: string): string {
  return key.replaceAll(/[-_]/g, " ");
}

type Own = ActionTraits & { readonly title?: string; readonly ends?: readonly string[] };

/** What a kind of connector says of itself where the file is silent. */
function ownOf(connector: Connector, key: string): Own {
  if ("github" in connector)
    return key === "check-token" ? githubCheckOf(connector) : githubOf(connector);
  if ("vendor" in connector) return vendorOf(connector, key);
  if ("manual" in connector) return watched("person", `ticked by ${connector.manual.owner}`);
  return "sql" in connector ? sqlOf(connector, key) : httpOf(connector, key);
}

function sqlOf(connector: SqlConnector, key: string): Own {
  const action = connector.actions[key];
  return {
    idempotent: true,
    reversible: action?.undo !== undefined,
    batch: 1_000,
    ...perTarget(action?.pace ?? connector.pace),
    readBack: "the query `left`",
    by: action?.by ?? "tocsin",
  };
}

function httpOf(connector: HttpConnector, key: string): Own {
  const action = connector.actions[key];
  if (!action) throw new TypeError(`no action ${key}`); // keysOf names only those that are there
  return {
    // RFC 9110, 9.2.2: these methods are idempotent; the header makes the others so.
    idempotent: action.idempotency_header !== undefined || /^(GET|PUT|DELETE)$/.test(action.method),
    reversible: false,
    batch: action.by === "customer" ? WATCHED_AT_ONCE : 1,
    ...perTarget(action.pace ?? connector.pace),
    ...(action.left && { readBack: `${action.left.method} of each target` }),
    by: action.by ?? "tocsin",
  };
}

/** Read-backs that are under way for one batch; the connector's own connections hold them to fewer at a time. */
const WATCHED_AT_ONCE = 100;

function perTarget(pace: Pace | undefined): Pick<ActionTraits, "pace"> {
  return pace ? { pace: { ...pace, per: "target" } } : {};
}

function vendorOf(connector: VendorConnector, key: string): Own {
  const title = `ask ${connector.vendor.name}${key === "request" ? "" : ` to ${spaced(key)}`}`;
  return { ...watched("vendor", "the vendor's own answer"), title };
}

function watched(by: Doer, readBack: string): ActionTraits {
  return { idempotent: true, reversible: false, batch: 1_000, readBack, by };
}

function githubOf(connector: GithubConnector): Own {
  const check = connector.github.check;
  return {
    title: "revoke GitHub token",
    idempotent: true,
    reversible: false,
    batch: GITHUB_CREDENTIALS_A_REQUEST,
    pace: { ...(connector.pace ?? GITHUB_PACE), per: "batch" },
    readBack: check
      ? `GitHub's check call, ${check.each} of each request`
      : "accepted by GitHub, not proved",
    by: "tocsin",
    ends: ["token.github"],
  };
}

function githubCheckOf(connector: GithubConnector): Own {
  return {
    title: "prove GitHub token dead",
    idempotent: true,
    reversible: true, // nothing is changed
    batch: 10,
    ...perTarget(connector.github.check?.pace),
    readBack: "GitHub's check call, each token",
    by: "tocsin",
  };
}
