// The table of commands: findings, and logs that come by themselves.
import type { Command } from "./command.ts";

const FINDING = {
  name: "uid",
  about: "the finding's uid, or at least its first six characters",
} as const;

export const FINDINGS_COMMANDS: readonly Command[] = [
  {
    path: "findings",
    group: "Detect",
    summary: "what rules found",
    more: "With --json as OCSF Detection Findings (class 2004). Then: tocsin finding UID",
    options: [
      { name: "rule", value: "RULE", about: "of one rule: its id or its title" },
      { name: "since", value: "TIME", about: "that were found or grew since then" },
      { name: "incident", value: "NAME", about: "of one incident" },
      { name: "level", value: "LEVEL", about: "this level and above" },
      { name: "all", about: "also those that are closed or suppressed" },
      { name: "limit", value: "N", about: "at most; 200 by default" },
    ],
    load: () => import("./commands/findings.ts"),
  },
  {
    path: "finding",
    group: "Detect",
    summary: "one finding with the lines of its events; the look is in the ledger",
    args: [FINDING],
    load: () => import("./commands/finding.ts"),
  },
  {
    path: "finding close",
    group: "Detect",
    summary: "say that a finding was looked at; what repeats is then a new one",
    args: [FINDING],
    options: [{ name: "because", value: "TEXT", about: "what it was" }],
    load: () => import("./commands/finding-close.ts"),
  },
  {
    path: "findings suppress",
    group: "Detect",
    summary: "count findings of a rule instead of showing them, until a time, for a reason",
    args: [
      { name: "rule", about: "the rule's id or its title" },
      {
        name: "entities",
        about: "only with all of these: src_endpoint.ip=203.0.113.9",
        optional: true,
        rest: true,
      },
    ],
    options: [
      { name: "entity", value: "NAME=VALUE", about: "the same, for one" },
      { name: "until", value: "TIME", about: "its end" },
      { name: "because", value: "TEXT", about: "why" },
    ],
    load: () => import("./commands/findings-suppress.ts"),
  },
  {
    path: "logs kafka",
    group: "Detect",
    summary: "print what a given ClickHouse needs to read a log from Kafka",
    more: "The embedded ClickHouse reads no Kafka: this is for CLICKHOUSE_URL. docs/ingest.md tells the rest.",
    args: [{ name: "stream", about: "a log of tocsin.yaml" }],
    options: [
      { name: "brokers", value: "LIST", about: "HOST:PORT, with commas between" },
      { name: "topic", value: "NAME", about: "the log's name by default" },
      { name: "group", value: "NAME", about: "consumer group; tocsin by default" },
      { name: "door", value: "URL", about: "this server as that ClickHouse reaches it" },
    ],
    load: () => import("./commands/logs-kafka.ts"),
  },
];
