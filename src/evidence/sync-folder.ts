import { open } from "node:fs/promises";

/** Makes renames and links in a folder durable (fsync(2) of a file does not cover its name). */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}
