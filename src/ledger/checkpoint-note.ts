// A checkpoint as c2sp.org/tlog-checkpoint has it: origin, size, root in base64, each on its line, in a signed note.
import { HASH_BYTES } from "../core/merkle.ts";
import { openNote, signNote, type NoteSigner, type NoteVerifier } from "./signed-note.ts";

export type Tree = { readonly size: number; readonly root: Buffer };

export function signCheckpoint({ size, root }: Tree, signer: NoteSigner): string {
  return signNote(`${signer.name}\n${size}\n${root.toString("base64")}\n`, signer);
}

/** What the log signed, or undefined where it did not sign this. */
export function openCheckpoint(note: string, verifier: NoteVerifier): Tree | undefined {
  const text = openNote(note, verifier);
  const [origin, size = "", encoded = "", ...rest] = text?.split("\n") ?? [];
  const root = Buffer.from(encoded, "base64");
  if (origin !== verifier.name || !/^(0|[1-9]\d{0,15})$/.test(size) || root.length !== HASH_BYTES)
    return undefined;
  // Lines of extension may stand there; none of ours does.
  return rest.length === 1 && rest[0] === "" ? { size: Number(size), root } : undefined;
}
