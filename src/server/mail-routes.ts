// The routes of mail that comes in.
import { listMail, ListMailInput } from "../incidents/inbox/list-mail.ts";
import { mailSource, MailSourceInput } from "../incidents/inbox/mail-source.ts";
import { mailSources, MailSourcesInput } from "../incidents/inbox/mail-sources.ts";
import { peopleNotReached, PeopleNotReachedInput } from "../incidents/inbox/people-not-reached.ts";
import { readMailFiles, ReadMailInput } from "../incidents/inbox/read-mail-files.ts";
import { type Route, route } from "./route.ts";

export const mailRoutes: readonly Route[] = [
  route({
    name: "read-mail",
    method: "POST",
    scope: "mail:write",
    summary: "Take in bounces, complaints and reports from files of messages, each once",
    input: ReadMailInput,
    run: readMailFiles,
  }),
  route({
    name: "mail",
    method: "GET",
    scope: "mail:read",
    summary: "What came in by mail, and what of it was set aside",
    input: ListMailInput,
    run: listMail,
  }),
  route({
    name: "mail-sources",
    method: "GET",
    scope: "mail:read",
    summary: "Who sends as us, by what receivers report (DMARC), and how it stands",
    input: MailSourcesInput,
    run: mailSources,
  }),
  route({
    name: "mail-source",
    method: "GET",
    scope: "mail:read",
    summary: "What receivers reported of one source that sends as us",
    input: MailSourceInput,
    run: mailSource,
  }),
  route({
    name: "people-not-reached",
    method: "POST",
    scope: "people:read",
    summary: "Whom an incident's notices did not reach; the look is in the ledger",
    input: PeopleNotReachedInput,
    run: peopleNotReached,
  }),
];
