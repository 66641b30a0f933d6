import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { TocsinError } from "../../core/errors.ts";
import type { Approval } from "../../incidents/approve.ts";
import { SIGNING_NAMESPACE } from "../../incidents/plan/plan-form.ts";
import type { PlanShown } from "../../incidents/plan/show-plan.ts";
import { signWithKeyFile } from "../../incidents/signing/ssh-key.ts";
import { answer } from "../answer.ts";
import { show } from "../cli.ts";
import { text, type Run } from "../command.ts";

export const run: Run = async (cli, { args, options }) => {
  const api = await cli.api();
  const plan = answer<PlanShown>(await api.get("show-plan", { plan: args["plan"] }));
  const [keyFile, given] = [text(options["sign"]), text(options["signature"])];
  const person = text(options["as"]) ?? cli.actor;
  if (keyFile === undefined && given === undefined) {
    show(cli, { plan: plan.digest, message: plan.message, namespace: SIGNING_NAMESPACE }, () =>
      howToSign(plan, person === plan.plannedBy ? "NAME" : person),
    );
    return 0;
  }
  const signature =
    keyFile === undefined
      ? await readSignature(given ?? "-")
      : await signHere(keyFile, plan.message);
  const approval = answer<Approval>(
    await api.post("approve", { plan: plan.digest, person, signature }),
  );
  show(cli, approval, ({ approvals, needed, notBefore }) => {
    const next =
      approvals >= needed
        ? `tocsin apply ${plan.digest.slice(0, 8)}`
        : `${needed - approvals} more`;
    const wait =
      notBefore === undefined
        ? ""
        : `\nOver the ceiling: not before ${notBefore}; tocsin cancel ${plan.digest.slice(0, 8)} stops it`;
    return `${person} approved ${plan.digest.slice(0, 8)} · approvals ${approvals} of ${needed} · ${next}${wait}`;
  });
  return 0;
};

function howToSign(plan: PlanShown, person: string): string {
  const short = plan.digest.slice(0, 8);
  return [
    "Sign this line, byte for byte, with your own key:",
    "",
    `  ${plan.message.trimEnd()}`,
    "",
    `here:       tocsin approve ${short} --as ${person} --sign ~/.ssh/id_ed25519_sk`,
    `elsewhere:  printf '%s\\n' '${plan.message.trimEnd()}' | ssh-keygen -Y sign -n ${SIGNING_NAMESPACE} -f KEY > plan.sig`,
    `            tocsin approve ${short} --as ${person} --signature plan.sig`,
  ].join("\n");
}

async function readSignature(path: string): Promise<string> {
  return path === "-" ? await readAll(process.stdin) : await readFile(path, "utf8");
}

// ssh-keygen knows agents, passphrases and hardware keys; where it is absent a plain ed25519 file is signed with here.
async function signHere(keyFile: string, message: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-sign-"));
  try {
    const file = join(folder, "message");
    await writeFile(file, message, { mode: 0o600 });
    const child = spawn(
      "ssh-keygen",
      ["-q", "-Y", "sign", "-n", SIGNING_NAMESPACE, "-f", keyFile, file],
      { stdio: "inherit" },
    );
    const ended = await Promise.race([once(child, "exit"), once(child, "error")]);
    if (ended[0] instanceof Error)
      return await signWithKeyFile(keyFile, message, SIGNING_NAMESPACE);
    if (ended[0] !== 0) throw new TocsinError("refused", `ssh-keygen did not sign with ${keyFile}`);
    return await readFile(`${file}.sig`, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
