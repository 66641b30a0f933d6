// The routes of logs.
import { ingestLogs, IngestLogsInput } from "../logs/sources/ingest-logs.ts";
import { listBroken, ListBrokenInput } from "../logs/sources/list-broken.ts";
import { listSources, ListSourcesInput } from "../logs/sources/list-sources.ts";
import { type Route, route } from "./route.ts";

export const logsRoutes: readonly Route[] = [
  route({
    name: "ingest-logs",
    method: "POST",
    scope: "events:write",
    summary: "Read logs from files into events; what was there of each is replaced",
    input: IngestLogsInput,
    run: ingestLogs,
  }),
  route({
    name: "log-sources",
    method: "GET",
    scope: "events:read",
    summary: "Every source of events: its format, the hours that it covers, its gaps",
    input: ListSourcesInput,
    run: listSources,
  }),
  route({
    name: "broken-records",
    method: "GET",
    scope: "events:read",
    summary: "Records of a source that are not what it holds, with the reason",
    input: ListBrokenInput,
    run: listBroken,
  }),
];
