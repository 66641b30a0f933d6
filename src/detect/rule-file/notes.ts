import type { Place, RuleProblem } from "../sigma/rule.ts";
import type { SourceText } from "./source-text.ts";

const MOST = 20;

/** What is wrong in one document of a file. */
export class Notes {
  readonly source: SourceText;
  readonly #problems: RuleProblem[] = [];
  #errors = 0;

  constructor(source: SourceText) {
    this.source = source;
  }

  get problems(): readonly RuleProblem[] {
    return this.#problems;
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** `offset`: in the file. Undefined, so that a reader can end with it. */
  error(offset: number, message: string): undefined {
    this.#errors += 1;
    this.#add({ ...this.place(offset), message, severity: "error" });
  }

  warn(offset: number, message: string): void {
    this.#add({ ...this.place(offset), message, severity: "warning" });
  }

  place(offset: number): Place {
    return this.source.place(offset);
  }

  #add(problem: RuleProblem): void {
    if (this.#problems.length < MOST) this.#problems.push(problem);
    else if (this.#problems.length === MOST)
      this.#problems.push({
        ...problem,
        message: "more is wrong behind this: mend the first ones",
      });
  }
}
