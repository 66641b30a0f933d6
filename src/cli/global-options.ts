import type { Option } from "./command.ts";

export const GLOBAL_OPTIONS: readonly Option[] = [
  { name: "json", about: "the whole result as JSON on standard output" },
  { name: "folder", value: "DIR", about: "where tocsin.yaml is; by default here or above" },
  { name: "quiet", about: "no progress" },
  { name: "help", about: "this" },
];
