// What a step of notices is made of. All of it is under the plan's digest: texts, sender, provider, and the facts of the
// incident that the texts use.
import { canonicalJson, plainJson } from "../../core/canonical.ts";
import { sha256Hex } from "../../core/digest.ts";
import { TocsinError } from "../../core/errors.ts";
import { farSideDigest } from "../../contain/settings-digest.ts";
import type { Context } from "../../db/context.ts";
import type { NoticeOrganisation, NoticeSettings } from "../../notices/settings.ts";
import { readTemplates, type Templates } from "../../notices/templates.ts";
import type { Incident } from "../incident.ts";

export type NoticeStep = {
  /** The path of the text, as incident.yaml has it. */
  readonly text: string;
  readonly provider: string;
  readonly correction: boolean;
  readonly wave: number;
};

export type NoticeStepSettings = {
  readonly settings: NoticeSettings;
  readonly templates: Templates;
  readonly digest: string;
};

/** @throws TocsinError `invalid` without the provider or a text, and for texts that must not be sent */
export async function noticeStepSettings(
  ctx: Context,
  incident: Incident,
  step: NoticeStep,
): Promise<NoticeStepSettings> {
  const { mail } = ctx.organisation;
  const provider = mail?.providers[step.provider];
  if (!mail || !provider) {
    throw new TocsinError(
      "invalid",
      `tocsin.yaml has no mail provider ${step.provider} for notices`,
    );
  }
  const organisation = noticeOrganisation(ctx);
  const templates = await readTemplates(incident.folder, step.text, organisation);
  const settings: NoticeSettings = {
    incident: incident.row.name,
    title: incident.file.title,
    ...(incident.file.window ? { window: incident.file.window } : {}),
    provider: step.provider,
    from: mail.from,
    ...(mail.reply_to === undefined ? {} : { replyTo: mail.reply_to }),
    ...(mail.bounces?.address === undefined ? {} : { returnPath: mail.bounces.address }),
    correction: step.correction,
    wave: step.wave,
    templates: templates.sources,
    organisation,
  };
  const through = { server: farSideDigest(provider.smtp.reveal()), signs: provider.signs };
  return {
    settings,
    templates,
    digest: sha256Hex(canonicalJson(plainJson({ settings, through }))),
  };
}

function noticeOrganisation({ organisation: { organisation } }: Context): NoticeOrganisation {
  const { name, domain, site, contact, languages } = organisation;
  return { name, domain, contact, languages, ...(site === undefined ? {} : { site }) };
}
