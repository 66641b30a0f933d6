export type Refusal = { readonly at: number; readonly message: string };

/** What cannot be had in RE2. Thrown inside this folder only: a value for everybody else. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** Reads a text by code points. */
export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isDone(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character, "" at the end. */
  peek(): string {
    const point = this.text.codePointAt(this.at);
    return point === undefined ? "" : String.fromCodePoint(point);
  }

  take(): string {
    const next = this.peek();
    this.at += next.length;
    return next;
  }

  /** What a sticky expression matches from here on, and steps over it. */
  takeMatch(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text) ?? undefined;
    if (found) this.at += found[0].length;
    return found;
  }
}
