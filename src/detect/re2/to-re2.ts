// Regular expressions as people write them (PCRE) in the syntax of RE2, which runs in linear time: what means the same there
// is kept, what can be said otherwise is said otherwise, the rest is refused with its place and what to write instead. An
// expression asks only whether it is found: so a look-ahead at its very end is just what follows.
import { Scanner, type Refusal, RefusedError } from "./scanner.ts";
import { readClass } from "./character-class.ts";
import { readEscape } from "./escape.ts";
import { type GroupKind, readGroup } from "./group.ts";

export type Re2 = { readonly source: string } | Refusal;

const LONGEST = 8_192;
/** RE2 refuses more, also where it comes from repeating what repeats. */
const MOST_REPEATS = 1_000;
const DEEPEST = 100;

/**
 * `at`: where in the source, from 0. Never throws, whatever the source is; takes time linear in its length. Whether a program
 * is too large for RE2 (`\p{L}{500}`) only RE2 can say: src/detect/compile asks it.
 */
export function toRe2(source: string): Re2 {
  if (source.length > LONGEST)
    return { at: 0, message: `longer than ${LONGEST} characters: write several expressions` };
  try {
    return { source: new Translation(source).run() };
  } catch (error) {
    if (error instanceof RefusedError) return { at: error.at, message: error.message };
    throw error;
  }
}

type Group = {
  readonly at: number;
  readonly kind: GroupKind;
  /** The largest number of repeats of anything in it. */
  repeats: number;
};

class Translation {
  readonly #in: Scanner;
  readonly #out: string[] = [];
  readonly #groups: Group[] = [];
  readonly #top: Group = { at: 0, kind: "plain", repeats: 1 };
  /** What a quantifier would repeat: the repeats inside it. */
  #last: number | undefined;
  /** Nothing stands yet in this alternative. */
  #isFresh = true;

  constructor(source: string) {
    this.#in = new Scanner(source);
  }

  run(): string {
    while (!this.#in.isDone) this.#step();
    const open = this.#groups.at(-1);
    if (open)
      throw new RefusedError(open.at, "this bracket is not closed: add `)`, or write `\\(`");
    return this.#out.join("");
  }

  #step(): void {
    const at = this.#in.at;
    if (this.#in.takeMatch(/\((?=\?|\*)/y)) return this.#special(at);
    const character = this.#in.take();
    switch (character) {
      case "(":
        return this.#open({ at, kind: "plain", repeats: 1 }, "(");
      case ")":
        return this.#close(at);
      case "|":
        this.#last = undefined;
        this.#isFresh = true;
        return void this.#out.push("|");
      case "[":
        return this.#atom(readClass(this.#in, at));
      case "\\":
        return this.#atom(readEscape(this.#in, at));
      case "*":
      case "+":
      case "?":
        return this.#repeat(at, character, 1);
      case "{":
        return this.#brace(at);
      default:
        return this.#atom(character);
    }
  }

  /** Empty where it stands for nothing: the end of a quotation. */
  #atom(written: string): void {
    if (written === "") return;
    this.#out.push(written);
    this.#last = 1;
    this.#isFresh = false;
  }

  #special(at: number): void {
    const group = readGroup(this.#in, at);
    if (group.kind === "none") return void this.#out.push(group.opens);
    if (group.kind === "behind" && (this.#groups.length > 0 || !this.#isFresh)) {
      throw new RefusedError(at, LOOK_BEHIND);
    }
    this.#open({ at, kind: group.kind, repeats: 1 }, group.opens);
  }

  #open(group: Group, opens: string): void {
    if (this.#groups.length >= DEEPEST)
      throw new RefusedError(
        group.at,
        `brackets nested more than ${DEEPEST} deep: write it flatter`,
      );
    this.#groups.push(group);
    this.#out.push(opens);
    this.#last = undefined;
    this.#isFresh = true;
  }

  #close(at: number): void {
    const group = this.#groups.pop();
    if (!group)
      throw new RefusedError(at, "no bracket is open here: write `\\)` for the character");
    const isLast = this.#groups.length === 0 && (this.#in.isDone || this.#in.peek() === "|");
    if (group.kind === "ahead" && !isLast) throw new RefusedError(group.at, LOOK_AHEAD);
    this.#out.push(")");
    this.#last = group.kind === "behind" ? undefined : group.repeats;
    this.#isFresh = false;
    this.#raise(group.repeats);
  }

  #brace(at: number): void {
    const counts = this.#in.takeMatch(/(\d+)(,(\d*))?\}/y);
    if (!counts) return this.#atom("\\{");
    const [written, least = "", range, most] = counts;
    const largest = Number(most === undefined || most === "" ? least : most);
    if (Number(least) > largest)
      throw new RefusedError(at, "the smaller number comes first: {2,5}");
    if (largest > MOST_REPEATS)
      throw new RefusedError(
        at,
        `at most ${MOST_REPEATS} repeats: write {${MOST_REPEATS}} or \`*\``,
      );
    this.#repeat(at, `{${written}`, range === undefined ? largest : Math.max(largest, 1));
  }

  #repeat(at: number, quantifier: string, times: number): void {
    if (this.#last === undefined)
      throw new RefusedError(
        at,
        `nothing stands before it to repeat: write \`\\${quantifier.charAt(0)}\` for the character`,
      );
    const repeats = this.#last * Math.max(times, 1);
    if (repeats > MOST_REPEATS)
      throw new RefusedError(at, `repeats of repeats: ${repeats} in all, at most ${MOST_REPEATS}`);
    this.#out.push(quantifier);
    this.#raise(repeats);
    this.#last = undefined;
    if (this.#in.peek() === "?") this.#out.push(this.#in.take());
    else if (this.#in.peek() === "+")
      throw new RefusedError(
        this.#in.at,
        "possessive quantifiers do not run in linear time: remove the second `+`",
      );
  }

  #raise(repeats: number): void {
    const around = this.#groups.at(-1) ?? this.#top;
    around.repeats = Math.max(around.repeats, repeats);
  }
}

const LOOK_AHEAD =
  "look-ahead does not run in linear time: write what follows as it is, or make two selections of it and join them with `and`";
const LOOK_BEHIND =
  "look-behind does not run in linear time: write what comes before as it is, or make two selections of it and join them with `and`";
