// The routes of logs, rules and findings.
import { findingsRoutes } from "./findings-routes.ts";
import { logsRoutes } from "./logs-routes.ts";
import type { Route } from "./route.ts";

export const detectRoutes: readonly Route[] = [...logsRoutes, ...findingsRoutes];
