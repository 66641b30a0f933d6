// What tocsin.yaml names must be there, and what it calls by a standard's name must be one.
import type { Problem } from "../core/errors.ts";
import { orOneOf } from "./did-you-mean.ts";
import { entriesOf, get, itemsOf, keysOf, textOf } from "./raw.ts";
import type { YamlTree } from "./yaml-tree.ts";

export function organisationReferences(tree: YamlTree, value: unknown): Problem[] {
  return [
    ...languages(tree, value),
    ...holdings(tree, value),
    ...connectors(tree, value),
    ...identifiers(tree, value),
  ];
}

function languages(tree: YamlTree, value: unknown): Problem[] {
  return itemsOf(get(get(value, "organisation"), "languages")).flatMap((language, n) => {
    const name = textOf(language);
    if (name === undefined || isLanguage(name)) return [];
    return [
      {
        at: tree.at(["organisation", "languages", n]),
        message: "this is not a language tag of BCP 47: write en, fr, pt-BR",
      },
    ];
  });
}

function isLanguage(name: string): boolean {
  try {
    return Intl.getCanonicalLocales(name).length === 1;
  } catch {
    return false; // RangeError: not well-formed
  }
}

// Two registries may call two people by one id: an action must never reach the other one.
function connectors(tree: YamlTree, value: unknown): Problem[] {
  const registries = keysOf(get(value, "registry"));
  return entriesOf(get(value, "connectors")).flatMap(([key, connector]) => {
    const of = textOf(get(connector, "of"));
    if (of !== undefined && !registries.includes(of)) {
      return [
        {
          at: tree.at(["connectors", key, "of"]),
          message: `there is no registry ${of}${orOneOf(of, registries)}`,
        },
      ];
    }
    if (of !== undefined || registries.length < 2 || get(connector, "github") !== undefined)
      return [];
    return [
      {
        at: tree.at(["connectors", key]),
        message: `say whose accounts it acts on: of: ${registries.join(" or ")}`,
      },
    ];
  });
}

function holdings(tree: YamlTree, value: unknown): Problem[] {
  const registries = keysOf(get(value, "registry"));
  return entriesOf(get(value, "holdings")).flatMap(([key, holding]) => {
    const of = textOf(get(holding, "of"));
    if (of === undefined || registries.includes(of)) return [];
    return [
      {
        at: tree.at(["holdings", key, "of"]),
        message: `there is no registry ${of}${orOneOf(of, registries)}`,
      },
    ];
  });
}

function identifiers(tree: YamlTree, value: unknown): Problem[] {
  return entriesOf(get(value, "registry")).flatMap(([key, source]) => {
    const given = get(source, "identifiers");
    if (given === undefined || keysOf(given).length > 0) return [];
    return [
      {
        at: tree.at(["registry", key, "identifiers"]),
        message: "name at least one: email, username or phone",
      },
    ];
  });
}
