// A drill leaves nothing: neither a Postgres whose Tocsin was killed under it, nor the data that root keeps elsewhere.
import { chmod, lstat, mkdir, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A new folder below the given one. Others may pass through: as root, Postgres runs as a user without rights. */
export async function drillFolder(below: string | undefined): Promise<string> {
  if (below !== undefined) await mkdir(below, { recursive: true });
  const folder = await mkdtemp(join(below ?? tmpdir(), "tocsin-drill-"));
  await chmod(folder, 0o711);
  return folder;
}

/** Ends what still runs on the given data folders. */
export async function endPostgres(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const pid = await postmaster(folder);
    if (pid === undefined) continue;
    signal(pid, "SIGINT");
    for (let waited = 0; alive(pid) && waited < 10_000; waited += 50) await delay(50);
    if (alive(pid)) signal(pid, "SIGKILL");
  }
}

export async function removeDrill(folder: string, dataFolders: readonly string[]): Promise<void> {
  for (const data of dataFolders) {
    const cluster = join(data, "postgres");
    const found = await lstat(cluster).catch(() => undefined);
    if (found?.isSymbolicLink() === true)
      await rm(await realpath(cluster), { recursive: true, force: true });
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function postmaster(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, "postgres", "data", "postmaster.pid"), "utf8").catch(
    () => "",
  );
  const [pid, data] = text.split("\n");
  if (!pid || !data || !alive(Number(pid))) return undefined;
  // The number may have gone to another process since; ours names its data folder.
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => data);
  return command.includes(data) ? Number(pid) : undefined;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended meanwhile
  }
}
