// The routes of accounts and their activity.
import {
  listActivity,
  ListActivityInput,
  showActivity,
  ShowActivityInput,
} from "../accounts/list-activity.ts";
import { searchActivity, SearchActivityInput } from "../accounts/search-activity.ts";
import { showAccount, ShowAccountInput } from "../accounts/show-account.ts";
import { type Route, route } from "./route.ts";

export const accountsRoutes: readonly Route[] = [
  route({
    name: "account",
    method: "POST",
    scope: "events:read",
    summary: "One account over all logs; the look is in the ledger",
    input: ShowAccountInput,
    run: showAccount,
  }),
  route({
    name: "activity",
    method: "POST",
    scope: "events:read",
    summary:
      "Search for activity of a cohort, accounts or resources; kept, and noted in an incident",
    input: SearchActivityInput,
    run: searchActivity,
  }),
  route({
    name: "activity-searches",
    method: "GET",
    scope: "events:read",
    summary: "Searches for activity that were made, the newest first",
    input: ListActivityInput,
    run: listActivity,
  }),
  route({
    name: "activity-search",
    method: "POST",
    scope: "events:read",
    summary: "One search as it was kept; the look is in the ledger",
    input: ShowActivityInput,
    run: showActivity,
  }),
];
