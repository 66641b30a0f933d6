import type { KeyPath, YamlTree } from "./yaml-tree.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$(\$?)\{([^}]*)\}/g;

/**
 * `${NAME}` in texts (never in keys) becomes the variable's value; `$${` stays `${`. A variable that is missing is a
 * problem that names it. The values never go through the YAML parser, so nothing in them is syntax.
 */
export function interpolate(tree: YamlTree, environment: Environment): unknown {
  return walk(tree.value, []);

  function walk(value: unknown, path: KeyPath): unknown {
    if (typeof value === "string") return text(value, path);
    if (Array.isArray(value)) return value.map((item: unknown, n) => walk(item, [...path, n]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]),
    );
  }

  function text(value: string, path: KeyPath): string {
    return value.replaceAll(REFERENCE, (whole, escape: string, name: string) => {
      if (escape !== "") return whole.slice(1);
      const found = environment[name];
      if (found !== undefined) return found;
      const message = /^[A-Za-z_]\w*$/.test(name)
        ? `the environment has no ${name}: set it, or write $\${ for a plain \${`
        : "write ${NAME} for a variable of the environment, or $${ for a plain ${";
      tree.problems.push({ at: tree.at(path), message });
      return "";
    });
  }
}
