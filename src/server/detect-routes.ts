// The routes of logs, rules and findings.
import type { Route } from "./route.ts";

export const detectRoutes: readonly Route[] = [];
