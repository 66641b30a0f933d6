// What incident.yaml names must be there: in the file itself or in tocsin.yaml.
import type { Problem } from "../core/errors.ts";
import { namesIn, parseCohortExpression } from "./cohort-expression.ts";
import { cycleIn } from "./cycle.ts";
import { orOneOf } from "./did-you-mean.ts";
import type { Organisation } from "./organisation.ts";
import { entriesOf, get, itemsOf, keysOf, textOf } from "./raw.ts";
import type { KeyPath, YamlTree } from "./yaml-tree.ts";

type Found = { readonly path: KeyPath; readonly offset?: number; readonly message: string };

export function incidentReferences(
  tree: YamlTree,
  value: unknown,
  organisation: Organisation,
): Problem[] {
  const found = [
    ...evidenceReferences(value, organisation),
    ...cohortReferences(value),
    ...actionReferences(value, organisation),
    ...noticeReferences(value, organisation),
    ...windowOrder(value),
  ];
  return found.map(({ path, offset, message }) => ({
    at: tree.at(path, offset === undefined ? {} : { offset }),
    message,
  }));
}

function evidenceReferences(value: unknown, organisation: Organisation): Found[] {
  const registries = Object.keys(organisation.registry);
  const evidence = get(value, "evidence");
  return entriesOf(evidence).flatMap(([key, one]) => {
    const registry = textOf(get(one, "registry"));
    const path = ["evidence", key];
    const isUnclear =
      registry === undefined && get(one, "kind") === "records" && registries.length > 1;
    return [
      ...(isUnclear
        ? [{ path, message: `say whose accounts these are: registry: ${registries.join(" or ")}` }]
        : []),
      ...named(registry, {
        path: [...path, "registry"],
        what: "registry in tocsin.yaml",
        known: registries,
      }),
      ...named(textOf(get(one, "withdraws")), {
        path: [...path, "withdraws"],
        what: "evidence",
        known: keysOf(evidence).filter((other) => other !== key),
      }),
    ];
  });
}

function cohortReferences(value: unknown): Found[] {
  const cohorts = get(value, "cohorts");
  const evidence = keysOf(get(value, "evidence"));
  const uses = new Map<string, string[]>();
  const found = entriesOf(cohorts).flatMap(([name, cohort]) => {
    const path = textOf(cohort) === undefined ? ["cohorts", name, "set"] : ["cohorts", name];
    const text = textOf(cohort) ?? textOf(get(cohort, "set"));
    const used = text === undefined ? undefined : expressionProblems(text, path, keysOf(cohorts));
    uses.set(name, used?.names ?? []);
    const sources = get(cohort, "in");
    const inPath = ["cohorts", name, "in"];
    const ins =
      textOf(sources) === undefined
        ? itemsOf(sources).map((one, n) => ({ one, at: [...inPath, n] }))
        : [{ one: sources, at: inPath }];
    return [
      ...(used?.found ?? []),
      ...ins.flatMap(({ one, at }) =>
        named(textOf(one), { path: at, what: "evidence", known: evidence }),
      ),
    ];
  });
  const cycle = cycleIn(uses);
  const [first] = cycle ?? [];
  return first === undefined || !cycle
    ? found
    : [
        ...found,
        { path: ["cohorts", first], message: `cohorts in a circle: ${cycle.join(" → ")}` },
      ];
}

function actionReferences(value: unknown, organisation: Organisation): Found[] {
  const actions = itemsOf(get(value, "actions"));
  const names = actions.map((action) => textOf(get(action, "do")) ?? "");
  const known = Object.keys(organisation.connectors).flatMap((name) =>
    actionNames(organisation, name),
  );
  const uses = new Map(
    actions.map((action, n) => [
      names[n] ?? "",
      itemsOf(get(action, "after")).flatMap((one) => stepsCalled(textOf(one), names)),
    ]),
  );
  const cycle = cycleIn(uses);
  return [
    ...actions.flatMap((action, n) => [
      ...connectorAction(textOf(get(action, "do")), {
        path: ["actions", n, "do"],
        known,
        organisation,
      }),
      ...target(action, ["actions", n], value),
      ...afterProblems(action, ["actions", n], names),
    ]),
    ...(cycle
      ? [
          {
            path: ["actions", names.indexOf(cycle[0] ?? ""), "after"],
            message: `actions that wait for each other: ${cycle.join(" → ")}`,
          },
        ]
      : []),
  ];
}

function noticeReferences(value: unknown, organisation: Organisation): Found[] {
  const names = itemsOf(get(value, "actions")).map((action) => textOf(get(action, "do")) ?? "");
  const providers = Object.entries(organisation.mail?.providers ?? {});
  const carrying = providers
    .filter(([, { streams }]) => streams.includes("notices"))
    .map(([name]) => name);
  return itemsOf(get(value, "notices")).flatMap((notice, n) => {
    const path = ["notices", n];
    return [
      ...target(notice, path, value),
      ...afterProblems(notice, path, names),
      ...named(textOf(get(notice, "provider")), {
        path: [...path, "provider"],
        what: "provider that carries notices in tocsin.yaml",
        known: carrying,
      }),
    ];
  });
}

function target(step: unknown, path: KeyPath, value: unknown): Found[] {
  const to = textOf(get(step, "to"));
  return to === undefined
    ? []
    : expressionProblems(to, [...path, "to"], keysOf(get(value, "cohorts"))).found;
}

function expressionProblems(
  text: string,
  path: KeyPath,
  cohorts: readonly string[],
): { found: Found[]; names: string[] } {
  const parsed = parseCohortExpression(text);
  if (!parsed.ok)
    return { found: [{ path, offset: parsed.at, message: parsed.message }], names: [] };
  const names = namesIn(parsed.expression);
  const found = names
    .filter(({ name }) => !cohorts.includes(name))
    .map(({ name, at }) => ({
      path,
      offset: at,
      message: `there is no cohort ${name}${orOneOf(name, cohorts)}`,
    }));
  return { found, names: names.map(({ name }) => name) };
}

function connectorAction(
  name: string | undefined,
  {
    path,
    known,
    organisation,
  }: { path: KeyPath; known: readonly string[]; organisation: Organisation },
): Found[] {
  if (name === undefined || known.includes(name)) return [];
  const connector = name.split(".", 1)[0] ?? "";
  const hers = actionNames(organisation, connector);
  if (hers.length > 0)
    return [
      { path, message: `${connector} in tocsin.yaml has no such action${orOneOf(name, hers)}` },
    ];
  return [
    {
      path,
      message: `tocsin.yaml has no connector ${connector}${orOneOf(connector, Object.keys(organisation.connectors))}`,
    },
  ];
}

/** As the connectors themselves name them: `revoke-token` comes with github, `request` with every vendor. */
function actionNames(organisation: Organisation, name: string): string[] {
  const connector = organisation.connectors[name];
  if (!connector) return [];
  if ("github" in connector) return [`${name}.revoke-token`, `${name}.check-token`];
  const own = Object.keys(connector.actions).map((key) => `${name}.${key}`);
  return "vendor" in connector ? [...own, `${name}.request`] : own;
}

function afterProblems(step: unknown, path: KeyPath, names: readonly string[]): Found[] {
  const known = [...names, ...names.map((name) => name.slice(name.indexOf(".") + 1))];
  return itemsOf(get(step, "after")).flatMap((one, n) =>
    named(textOf(one), { path: [...path, "after", n], what: "action in this file", known }),
  );
}

function stepsCalled(called: string | undefined, names: readonly string[]): string[] {
  return names.filter((name) => name === called || name.slice(name.indexOf(".") + 1) === called);
}

function windowOrder(value: unknown): Found[] {
  const from = Date.parse(textOf(get(get(value, "window"), "from")) ?? "");
  const to = Date.parse(textOf(get(get(value, "window"), "to")) ?? "");
  return from > to ? [{ path: ["window", "to"], message: "the window ends before it begins" }] : [];
}

function named(
  name: string | undefined,
  { path, what, known }: { path: KeyPath; what: string; known: readonly string[] },
): Found[] {
  if (name === undefined || known.includes(name)) return [];
  return [{ path, message: `there is no ${what} called ${name}${orOneOf(name, known)}` }];
}
