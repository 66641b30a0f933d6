// The checks in Example Cloud's own stores: accounts, sessions, builds, GitHub's tokens, images. Asks nothing of Tocsin.
import type postgres from "postgres";
import { check, type Check } from "./check.ts";
import { OFFICIAL_IMAGES } from "./example-cloud/company-site.ts";
import type { Doors } from "./example-cloud/example-cloud.ts";
import { HASHED, LINKED, TOKENS } from "./expected.sql.ts";
import { ROW_HASHES } from "./example-cloud/leak.sql.ts";

/** @param digests of the images, as `imageDigests` read them before the breach */
export async function checkStores(
  sql: postgres.Sql,
  doors: Doors,
  digests: readonly string[],
): Promise<Check[]> {
  return [
    ...(await checkPasswords(sql)),
    await checkCanaries(sql, doors),
    ...(await checkSessions(sql)),
    ...(await checkTokens(sql)),
    ...(await checkBuilds(sql)),
    await checkImages(doors, digests),
  ];
}

async function count(sql: postgres.Sql, statement: string): Promise<number> {
  const [row] = await sql.unsafe<{ n: number }[]>(
    `select count(*)::int as n from (${statement}) counted`,
  );
  return row?.n ?? 0;
}

async function checkPasswords(sql: postgres.Sql): Promise<Check[]> {
  const hashed = await count(sql, HASHED);
  const invalid = await count(
    sql,
    `select from accounts where id in (${HASHED}) and password_hash is null and must_reset`,
  );
  return [
    check("passwords invalid", hashed, invalid),
    check("other accounts changed", 0, await untouchedChanged(sql)),
  ];
}

/** Accounts that nobody had a reason to touch and that differ from before; of the touched, everything but the password. */
export async function untouchedChanged(sql: postgres.Sql): Promise<number> {
  return await count(
    sql,
    `select from truth.before b full join (select id, ${ROW_HASHES} from accounts) a using (id)
     where a.rest is distinct from b.rest
       or (a.credential is distinct from b.credential and id not in (${HASHED}))`,
  );
}

/** Really signs in, with the password that leaked. */
async function checkCanaries(sql: postgres.Sql, doors: Doors): Promise<Check> {
  const canaries = await sql<
    { username: string; password: string }[]
  >`select username, password from truth.canary`;
  let refused = 0;
  for (const canary of canaries) {
    const answer = await fetch(`${doors.site}/sign-in`, {
      method: "POST",
      body: JSON.stringify(canary),
    });
    await answer.body?.cancel();
    if (answer.status === 401) refused += 1;
  }
  return check("canary accounts refused with the old password", canaries.length, refused);
}

async function checkSessions(sql: postgres.Sql): Promise<Check[]> {
  const open = await count(
    sql,
    `select from sessions where account_id in (${HASHED}) and ended_at is null`,
  );
  const others = await count(
    sql,
    `select from sessions where account_id not in (${HASHED}) and ended_at is not null`,
  );
  return [check("sessions still open", 0, open), check("sessions of others ended", 0, others)];
}

async function checkTokens(sql: postgres.Sql): Promise<Check[]> {
  const leaked = await count(sql, TOKENS);
  const dead = await count(
    sql,
    `select from github.token where digest in (${TOKENS}) and revoked_at <= now()`,
  );
  const others = await count(
    sql,
    `select from github.token where digest not in (${TOKENS}) and revoked_at is not null`,
  );
  return [check("GitHub tokens dead", leaked, dead), check("other GitHub tokens dead", 0, others)];
}

async function checkBuilds(sql: postgres.Sql): Promise<Check[]> {
  const accounts = await count(sql, LINKED);
  const unlinked = await count(
    sql,
    `select from (${LINKED}) l where not exists (select from builds b where b.account_id = l.account and b.unlinked_at is null)`,
  );
  const others = await count(
    sql,
    `select from builds where account_id not in (${LINKED}) and unlinked_at is not null`,
  );
  const [links] = await sql<{ same: boolean }[]>`
    select (select row(count(*), sum(hashtextextended(l::text, 0)::numeric)) from links l) =
      (select row(n, sum) from truth.links_before) as same`;
  return [
    check("accounts with builds unlinked", accounts, unlinked),
    check("builds of others unlinked", 0, others),
    check("rows of links changed", 0, links?.same === true ? 0 : 1),
  ];
}

async function checkImages(doors: Doors, before: readonly string[]): Promise<Check> {
  const now = await imageDigests(doors);
  return check(
    "official images unaltered",
    before.length,
    now.filter((digest, n) => digest === before[n]).length,
  );
}

/** As the image registry answers, in the order of `OFFICIAL_IMAGES`. */
export async function imageDigests(doors: Doors): Promise<string[]> {
  return await Promise.all(
    OFFICIAL_IMAGES.map(async (name) => {
      const answer = await fetch(`${doors.site}/v2/library/${name}/manifests/latest`);
      await answer.body?.cancel();
      return answer.headers.get("docker-content-digest") ?? "";
    }),
  );
}
