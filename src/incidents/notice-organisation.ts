import type { Organisation } from "../config/organisation.ts";
import type { NoticeOrganisation } from "../notices/settings.ts";

/** What a notice may say of the organisation. */
export function noticeOrganisation({ organisation }: Organisation): NoticeOrganisation {
  const { name, domain, site, contact, languages } = organisation;
  return { name, domain, contact, languages, ...(site === undefined ? {} : { site }) };
}
