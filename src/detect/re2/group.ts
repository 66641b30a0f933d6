// What stands behind `(?` and `(*`.
import { RefusedError, type Scanner } from "./scanner.ts";

/** `ahead` and `behind`: look-arounds that ask for something. `none`: opens no group. */
export type GroupKind = "plain" | "ahead" | "behind" | "none";

export type OpenedGroup = { readonly kind: GroupKind; readonly opens: string };

/** `at`: of the bracket; the scanner stands behind it. */
export function readGroup(scanner: Scanner, at: number): OpenedGroup {
  for (const { form, make } of FORMS) {
    const found = scanner.takeMatch(form);
    if (found) return make(found);
  }
  for (const { form, message } of REFUSED) {
    if (scanner.takeMatch(form)) throw new RefusedError(at, message);
  }
  throw new RefusedError(
    at,
    "this kind of bracket is not known: write `(?:…)`, or `\\(` for the character",
  );
}

const plain = (): OpenedGroup => ({ kind: "plain", opens: "(?:" });

// Nothing asks for what a group captured: names and numbers may go.
const FORMS: readonly { form: RegExp; make: (found: RegExpExecArray) => OpenedGroup }[] = [
  { form: /\?:/y, make: plain },
  { form: /\?\|/y, make: plain },
  { form: /\?P?<[A-Za-z_]\w*>/y, make: plain },
  { form: /\?'[A-Za-z_]\w*'/y, make: plain },
  { form: /\?#[^)]*\)/y, make: () => ({ kind: "none", opens: "" }) },
  {
    form: /\?([imsU]*(?:-[imsU]+)?)\)/y,
    make: ([, flags = ""]) => ({ kind: "none", opens: flags === "" ? "" : `(?${flags})` }),
  },
  {
    form: /\?([imsU]*(?:-[imsU]+)?):/y,
    make: ([, flags = ""]) => ({ kind: "plain", opens: `(?${flags}:` }),
  },
  { form: /\?=/y, make: () => ({ kind: "ahead", opens: "(?:" }) },
  { form: /\?<=/y, make: () => ({ kind: "behind", opens: "(?:" }) },
];

const REFUSED: readonly { form: RegExp; message: string }[] = [
  {
    form: /\?!/y,
    message:
      "negative look-ahead does not run in linear time: make a second selection of what must not follow and write `and not` in the condition",
  },
  {
    form: /\?<!/y,
    message:
      "negative look-behind does not run in linear time: make a second selection of what must not come before and write `and not` in the condition",
  },
  {
    form: /\?>/y,
    message: "atomic groups do not run in linear time: write `(?:` instead of `(?>`",
  },
  {
    form: /\?P=/y,
    message: "a back-reference does not run in linear time: write out what is repeated",
  },
  {
    form: /\?(?:R|&|P>|[+-]?\d)/y,
    message: "recursion does not run in linear time: write out the levels that occur",
  },
  {
    form: /\?\(/y,
    message: "conditional groups do not run in linear time: write the alternatives with `|`",
  },
  { form: /\?C/y, message: "callouts mean nothing here: remove it" },
  { form: /\*/y, message: "control verbs such as (*SKIP) do not run in linear time: remove it" },
  {
    form: /\?[a-zA-Z^-]*[xJnU^][a-zA-Z^-]*[:)]/y,
    message:
      "only the flags i, m and s can be set here: remove the others, and write no spaces or comments into the expression",
  },
];
