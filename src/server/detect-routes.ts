// The routes of logs, rules, findings and accounts.
import { accountsRoutes } from "./accounts-routes.ts";
import { findingsRoutes } from "./findings-routes.ts";
import { logsRoutes } from "./logs-routes.ts";
import type { Route } from "./route.ts";

export const detectRoutes: readonly Route[] = [...logsRoutes, ...findingsRoutes, ...accountsRoutes];
