import { z } from "zod";
import { Duration, Name, Path } from "./words.ts";

/** Sigma's levels, the least first. */
const LEVELS = ["informational", "low", "medium", "high", "critical"] as const;

const Opens = z.union([
  z.strictObject({ rule: z.string().min(1).describe("its id or its title"), incident: Name }),
  z.strictObject({ tag: z.string().min(1).describe("such as attack.t1110"), incident: Name }),
  z.strictObject({ level: z.enum(LEVELS).describe("this one and above"), incident: Name }),
]);
export type Opens = z.output<typeof Opens>;

export const Detect = z.strictObject({
  rules: z
    .array(Path)
    .min(1)
    .describe("folders and files of Sigma rules, read again when they change"),
  placeholders: z
    .record(z.string().min(1), z.array(z.string()))
    .default({})
    .describe("the values of %name% in rules with |expand"),
  allowance: Duration.prefault("5m").describe(
    "how late an event may come and still count in correlations",
  ),
  opens: z
    .array(Opens)
    .default([])
    .describe("which findings open an incident, or join it where it is there; the first that fits"),
});
export type Detect = z.output<typeof Detect>;
