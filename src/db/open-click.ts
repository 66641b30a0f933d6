import type { Secret } from "../core/secret.ts";
import type { Click } from "./click.ts";

export type OpenClickInput = {
  /** Where it is set, the given one; else the embedded one. */
  readonly url?: Secret;
  readonly path: string;
  readonly database: string;
  readonly memoryBytes: number;
  readonly who: string;
};

/** Loads the engine's library only where it is the embedded one (0.3 s, 230 MB). */
export async function openClick(input: OpenClickInput): Promise<Click> {
  if (input.url) {
    const { openRemoteClick } = await import("./remote-click.ts");
    return await openRemoteClick({ url: input.url, database: input.database });
  }
  const { openEmbeddedClick } = await import("./embedded-click.ts");
  return await openEmbeddedClick(input);
}
