// What a language must bring. Frames put a list behind a colon, so that no word has to agree with it in number or gender.
import { ADVICE } from "../../core/categories.ts";
import type { ACTS, SURENESS } from "../../config/incident-file.ts";

type Act = (typeof ACTS)[number];
type Sureness = (typeof SURENESS)[number];

/** In the order in which it is given. `password-new` and `password-known` are about the account with us. */
export const SAID = ["password-new", "password-known", ...ADVICE] as const;
export type Said = (typeof SAID)[number];

export const NEED_NOT = ["password-keep", "far-password-keep"] as const;
export type NeedNot = (typeof NEED_NOT)[number];

/** `{}` stands for the value: a list, a name, the site, the far side. */
export type Words = {
  readonly greeting: string;
  readonly greetingWithoutName: string;
  readonly account: string;
  readonly accounts: string;
  /** The subject of `window` is the time alone: `on 25 April 2019, 16:40–17:10 UTC`. */
  readonly window: string;
  readonly exposed: Readonly<Record<Act, Readonly<Record<Sureness, string>>>>;
  readonly fresh: string;
  readonly told: string;
  readonly inError: string;
  readonly advice: Readonly<Record<Said, string>>;
  readonly needNotHeading: string;
  readonly needNot: Readonly<Record<NeedNot, string>>;
  /** `{site}` and `{code}`. */
  readonly reference: string;
  readonly titles: Readonly<Record<string, string>>;
  /** How prose names a category, for the review of templates. */
  readonly mentions: Readonly<Record<string, RegExp>>;
};
