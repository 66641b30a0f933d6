import { TocsinError } from "../core/errors.ts";
import type { Organisation } from "../config/organisation.ts";
import type { Action } from "./action.ts";
import { actionsOf } from "./actions-of.ts";

/** @throws TocsinError `not_found` where the connector or the action is not in tocsin.yaml */
export function actionOf(organisation: Organisation, name: string): Action {
  const all = actionsOf(organisation);
  const found = all.find((action) => action.name === name);
  if (found) return found;
  const [connector = ""] = name.split(".");
  const known = all.filter((action) => action.connector === connector).map((action) => action.key);
  throw new TocsinError(
    "not_found",
    known.length === 0
      ? `${name}: tocsin.yaml has no connector ${connector}`
      : `${name}: the connector ${connector} has only ${known.join(", ")}`,
  );
}
