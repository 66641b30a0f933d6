// Sigma 1 counted in the condition, behind a `|`. Sigma 2 has correlation rules for it.
import { entryOf, type YamlMap } from "../rule-file/yaml-node.ts";

const TYPES: ReadonlyMap<string, string> = new Map([
  ["sum", "value_sum"],
  ["avg", "value_avg"],
]);

const OPERATORS: ReadonlyMap<string, string> = new Map([
  ["<", "lt"],
  ["<=", "lte"],
  [">", "gt"],
  [">=", "gte"],
  ["=", "eq"],
  ["==", "eq"],
]);

/** What to write instead of it. `detection`: where its `timeframe` stands. */
export function aggregationAdvice(text: string, detection: YamlMap): string {
  const what =
    "counting behind `|` is of Sigma 1: end the condition here, give this rule a name, and add a correlation rule behind `---`";
  const timeframe = entryOf(detection, "timeframe")?.value;
  const timespan = timeframe?.is === "scalar" && timeframe.text !== "" ? timeframe.text : "5m";
  const section = /^\s*near\b/i.test(text)
    ? `type: temporal, rules: [name, others], group-by: [], timespan: ${timespan}`
    : countAdvice(text, timespan);
  return section === undefined ? what : `${what} with correlation: { ${section} }`;
}

function countAdvice(text: string, timespan: string): string | undefined {
  const found =
    /^\s*(count|sum|avg|min|max)\s*\(\s*([^()\s]*)\s*\)\s*(?:by\s+([^\s<>=]+)\s*)?(<=?|>=?|==?)\s*(\d+)\s*$/i.exec(
      text,
    );
  if (!found) return undefined;
  const [, name = "", field = "", by = "", sign = "", number = ""] = found;
  const type =
    TYPES.get(name.toLowerCase()) ??
    (field === "" || field === "*" ? "event_count" : "value_count");
  const condition = `${type === "event_count" ? "" : `field: ${field}, `}${OPERATORS.get(sign)}: ${number}`;
  return `type: ${type}, rules: [name], group-by: [${by}], timespan: ${timespan}, condition: { ${condition} }`;
}
