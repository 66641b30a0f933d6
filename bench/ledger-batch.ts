// What one batch of 1,000 outcomes costs in CPU before Postgres sees it: salts, commitments, canonical JSON, root.
import { packMembers } from "../src/ledger/members.ts";

const MEMBERS = 1_000;
const ROUNDS = 200;

const members = Array.from({ length: MEMBERS }, (_, n) => ({
  id: `0196f0de-7f3c-7c6e-9a2b-4f1d2c3b4a59/1/${n}`,
  body: {
    key: String(n),
    state: "done",
    at: "2019-04-25T18:00:00.000Z",
    detail: { reply: 250, provider: "mailer" },
  },
}));

for (let warm = 0; warm < 20; warm += 1) packMembers(members);
const before = process.cpuUsage();
for (let round = 0; round < ROUNDS; round += 1) packMembers(members);
const { user, system } = process.cpuUsage(before);
const msPerBatch = (user + system) / 1000 / ROUNDS;
process.stdout.write(
  `${JSON.stringify({ bench: "ledger-batch", members: MEMBERS, cpuMsPerBatch: Number(msPerBatch.toFixed(2)) })}\n`,
);
