import { TocsinError } from "../core/errors.ts";

/** A piece of finished Markdown. Whatever else a template prints is escaped. */
export class Phrase {
  readonly markdown: string;
  constructor(markdown: string) {
    this.markdown = markdown;
  }
  toString(): string {
    return this.markdown;
  }
}

/**
 * A person's own value. It can be printed and asked for (`if name`), and nothing else: what depends on the value itself would have to
 * be rendered for each person.
 */
export class OwnValue extends Phrase {
  equals(): never {
    return refuseComparison();
  }
  gt(): never {
    return refuseComparison();
  }
  geq(): never {
    return refuseComparison();
  }
  lt(): never {
    return refuseComparison();
  }
  leq(): never {
    return refuseComparison();
  }
}

function refuseComparison(): never {
  throw new TocsinError(
    "invalid",
    "a notice cannot compare a person's own value; print it, or ask whether it is there",
  );
}

/** Markdown's own characters made harmless (CommonMark 0.31, 2.4). */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+\-.!|<>&~]/g, "\\$&").replaceAll(/\s*\n\s*/g, " ");
}
