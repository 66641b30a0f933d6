// `tocsin check`: every connection that tocsin.yaml names, tried at once. Changes nothing anywhere.
import { z } from "zod";
import {
  type Check,
  type CheckedOrganisation,
  checkOrganisation,
} from "../config/check-organisation.ts";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import { checkConnector } from "../contain/check-connector.ts";
import type { Context } from "../db/context.ts";
import type { ImapMailbox } from "../config/mail-schema.ts";
import { mailboxesOf } from "../incidents/inbox/keep-mailboxes.ts";
import { openMailbox } from "../mail/incoming/imap-mailbox.ts";
import { openProvider } from "../mail/provider.ts";
import { checkRegistry } from "../registry/check-registry.ts";

export const CheckInput = z.strictObject({});

export async function check(
  ctx: Context,
  input: z.input<typeof CheckInput>,
): Promise<CheckedOrganisation> {
  parse(CheckInput, input);
  const { registry, connectors, mail } = ctx.organisation;
  return await checkOrganisation(ctx, {
    checks: [
      ...Object.keys(registry).map((name) => ofRegistry(ctx, name)),
      ...Object.keys(connectors).map((name) => ofConnector(ctx, name)),
      ...Object.keys(mail?.providers ?? {}).map((name) => ofProvider(ctx, name)),
      ...[...mailboxesOf(ctx)].map(([name, mailbox]) => ofMailbox(ctx, name, mailbox)),
    ],
  });
}

function ofRegistry(ctx: Context, name: string): Check {
  return {
    name: `registry.${name}`,
    run: async (signal) => {
      const { problems, columns } = await checkRegistry({ ...ctx, signal }, name);
      if (problems.length > 0)
        throw new TocsinError("invalid", "cannot be read as tocsin.yaml says", { problems });
      return `${columns.length} columns`;
    },
  };
}

function ofConnector(ctx: Context, name: string): Check {
  return {
    name: `connectors.${name}`,
    run: async (signal) => {
      const tried = await checkConnector({ ...ctx, signal }, name);
      const problems = tried.flatMap(({ what, ok, reason }) =>
        ok ? [] : [{ at: `connectors.${name}: ${what}`, message: reason ?? "does not work" }],
      );
      if (problems.length > 0)
        throw new TocsinError("unavailable", "does not work as tocsin.yaml says", { problems });
      return tried.length === 0 ? "nothing to try" : tried.map(({ what }) => what).join(", ");
    },
  };
}

function ofProvider(ctx: Context, name: string): Check {
  return {
    name: `mail.providers.${name}`,
    run: async () => {
      await using provider = await openProvider(ctx, name, { timeoutMs: 15_000 });
      const answered = await provider.probe();
      if (answered === "ready") return "lets us in";
      const why = "reason" in answered ? answered.reason : answered.kind;
      const what = answered.kind === "unreachable" ? "does not answer" : "does not let us in";
      throw new TocsinError("unavailable", `${what} (${why})`);
    },
  };
}

function ofMailbox(ctx: Context, name: string, mailbox: ImapMailbox): Check {
  return {
    name: `mail.${name}.imap`,
    run: async () => {
      await using line = await openMailbox(ctx, name, mailbox);
      return line.alive() ? `lets us read ${mailbox.folder}` : "the line is lost";
    },
  };
}
