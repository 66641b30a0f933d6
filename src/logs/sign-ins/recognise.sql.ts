// The general recogniser: does a line of an application that has no format of its own tell of a sign-in, whose, from where, and how did
// it end? A look for words comes first; what costs more is computed where they stand.
import { quote } from "../../db/click-bind.ts";
import { accountName } from "./account-name.sql.ts";
import { clientAddress, holdsAddress, labelledAddress, portAfter } from "./client-address.sql.ts";
import { ATTEMPT, FAILURE, REFUSED_REQUEST, STEMS, SUCCESS } from "./phrases.ts";

/** Longer lines are looked at up to here: what tells of a sign-in says it early. */
const LOOKED_AT = 8000;

export type SignInSteps = {
  readonly told: string;
  readonly phrase: string;
  readonly who: string;
  readonly whence: string;
  readonly whence_port: string;
  readonly sign_in: string;
};

export type SignInOptions = {
  /** SQL, Bool, of texts that are known already. */
  readonly unless?: string;
  /** Look for the address that a text names in words also where it tells of no sign-in; by default only for one with a label. */
  readonly addresses?: "in words";
};

/**
 * Steps over a text. `sign_in`: 2 where one failed, 1 where one succeeded, 3 where one was tried, 0 where the line tells of none; `who` the
 * account, `whence` the address, `whence_port` its port, each empty where it is not told. `whence` may be known without a sign-in.
 */
export function signInSteps(text: string, options: SignInOptions = {}): SignInSteps {
  const full = `if(${holdsAddress("told")}, ${clientAddress("told", "phrase > 0")}, '')`;
  return {
    told: String.raw`if(${options.unless ?? "false"}, '', replaceAll(substring(${text}, 1, ${LOOKED_AT}), '\\"', '"'))`,
    phrase: `if(multiSearchAnyCaseInsensitive(told, [${STEMS.map(quote).join(", ")}]),
      multiIf(match(told, ${either(FAILURE)}), 2, match(told, ${either(REFUSED_REQUEST)}), 2, match(told, ${either(SUCCESS)}), 1, match(told, ${either(ATTEMPT)}), 3, 0), 0)`,
    who: `if(phrase > 0, ${accountName("told")}, '')`,
    whence:
      options.addresses === "in words"
        ? full
        : `if(phrase > 0, ${full}, ${labelledAddress("told")})`,
    whence_port: `if(whence = '', '', ${portAfter("told", "whence")})`,
    // Words alone may speak of sign-ins in general.
    sign_in: "if(who = '' and whence = '', 0, phrase)",
  };
}

function either(patterns: readonly string[]): string {
  return quote(`(?i)(?:${patterns.join("|")})`);
}
