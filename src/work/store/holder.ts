// Who holds a lease. On Linux the name says enough to tell, on the same machine, that its process is dead for certain:
// then its chunks need not wait for the lease to end.
import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** `machine pid started nonce`. A machine is a boot of a host and a pid namespace in it. */
export function holderName(): string {
  return `${machine()} ${process.pid} ${startedAt(process.pid) ?? "-"} ${randomBytes(4).toString("hex")}`;
}

/** True only where the process cannot act any more: it is gone, or its pid is somebody else's by now. */
export function isDead(holder: string): boolean {
  const [where, pid, started] = holder.split(" ");
  if (where === undefined || where.startsWith("-") || where !== machine() || started === "-")
    return false;
  return startedAt(Number(pid)) !== started;
}

function machine(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot}/${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return `-${hostname()}`; // no /proc: leases alone tell
  }
}

// proc(5): field 22 of /proc/PID/stat, in clock ticks since boot; the second field is in brackets and may hold blanks. A zombie acts no more.
function startedAt(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
