// One notice to one person, as bytes. The same person, settings, key and date give the same bytes, so a notice need not be kept to be
// shown again.
import { mailAddress } from "../mail/address.ts";
import { mailboxHeader, mailDate } from "../mail/header.ts";
import { returnPath } from "../mail/incoming/mail-tokens.ts";
import type { Message } from "../mail/message.ts";
import { taskToken } from "../work/find-by-token.ts";
import { bestLanguage } from "./language.ts";
import { markdown } from "./markdown.ts";
import { ownValue } from "./own-value.ts";
import type { NoticePerson } from "./person.ts";
import { referenceCode } from "./reference-code.ts";
import type { NoticeSettings } from "./settings.ts";
import { escapeHtml, renderShape, shapeKey, type Shape } from "./shape.ts";
import { templateLanguage, type TemplateLanguage } from "./template-language.ts";
import { parseTemplate, type ParsedTemplate } from "./templates.ts";

export type Notice = {
  readonly language: string;
  /** True where the person's own language has no template. */
  readonly fallback: boolean;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly code: string;
};

export type Rendered =
  | {
      readonly message: Message;
      readonly language: string;
      readonly fallback: boolean;
      readonly code: string;
    }
  /** A placeholder is empty for this person, or there is no address: nothing must be sent. */
  | { readonly empty: readonly string[] }
  | { readonly noAddress: true };

export type Sending = {
  readonly run: string;
  readonly step: number;
  readonly subject: string;
  readonly date: Date;
};

export type NoticeKit = {
  /** For the eye: a preview, or the twin in the signed-in account. */
  show(person: NoticePerson): Notice | { readonly empty: readonly string[] };
  /** For the wire. */
  build(person: NoticePerson, sending: Sending): Rendered;
  /** Shapes rendered so far. */
  shapes(): number;
};

/** Kept shapes take about 20 kB each. */
const KEPT_SHAPES = 4_000;

/** `key` is the incident's own (see notice-key.ts). @throws TocsinError `invalid` for a template that does not parse */
export function noticeKit(settings: NoticeSettings, key: Uint8Array): NoticeKit {
  const tools = { liquid: templateLanguage(), markdown: markdown() };
  const choose = languageChooser(settings, tools.liquid);
  const shapes = new Map<string, Shape>();
  const shapeFor = (person: NoticePerson, { language, template }: Chosen): Shape =>
    kept(shapes, shapeKey(language, person), () =>
      renderShape({ settings, language, template, person, ...tools }),
    );
  const codeOf = (address: string): string => referenceCode(key, settings.incident, address);
  const common = commonHeaders(settings);
  return {
    shapes: () => shapes.size,
    show: (person) => {
      const chosen = choose(person.language);
      const shape = shapeFor(person, chosen);
      if ("empty" in shape) return shape;
      const address = mailAddress(person.to)?.address ?? person.to;
      const { values, html, code } = valuesOf(person, codeOf(address), address);
      const { language, fallback } = chosen;
      return {
        language,
        fallback,
        code,
        subject: shape.subject,
        text: fillHoles(shape.text, values),
        html: fillHoles(shape.html, html),
      };
    },
    build: (person, sending) => {
      const to = mailAddress(person.to);
      if (!to) return { noAddress: true };
      const chosen = choose(person.language);
      const { language, fallback } = chosen;
      const shape = shapeFor(person, chosen);
      if ("empty" in shape) return shape;
      const own = valuesOf(person, codeOf(to.address), to.address);
      const id = messageId(settings, sending);
      const data = compose({
        shape,
        own,
        common,
        id,
        to: to.address,
        language,
        date: sending.date,
      });
      return {
        message: { id, from: envelopeSender(settings, id), to: to.address, data },
        language,
        fallback,
        code: own.code,
      };
    },
  };
}

function kept(shapes: Map<string, Shape>, name: string, render: () => Shape): Shape {
  const known = shapes.get(name);
  if (known) return known;
  const shape = render();
  if (shapes.size >= KEPT_SHAPES) shapes.delete(shapes.keys().next().value ?? "");
  shapes.set(name, shape);
  return shape;
}

type Chosen = {
  readonly language: string;
  readonly template: ParsedTemplate;
  readonly fallback: boolean;
};

// The organisation's first language that has a template stands in for a missing one; people prefer a wrong language to silence.
function languageChooser(
  settings: NoticeSettings,
  liquid: TemplateLanguage,
): (wanted: string) => Chosen {
  const templates = new Map(
    Object.entries(settings.templates).map(([language, source]) => [
      language,
      parseTemplate(source, liquid),
    ]),
  );
  const offered = [...templates.keys()];
  const preferred = settings.organisation.languages
    .map((one) => bestLanguage(one, offered))
    .find((one) => one !== undefined);
  const first = preferred ?? offered[0] ?? "";
  const known = new Map<string, Chosen>();
  return (wanted) => {
    const before = known.get(wanted);
    if (before) return before;
    const best = wanted === "" ? undefined : bestLanguage(wanted, offered);
    const template = templates.get(best ?? first);
    if (!template) throw new RangeError("a notice without any template"); // the plan refuses it
    const chosen = {
      language: best ?? first,
      template,
      fallback: best === undefined && wanted !== "",
    };
    if (known.size < 10_000) known.set(wanted, chosen);
    return chosen;
  };
}

type Own = {
  readonly values: readonly string[];
  readonly html: readonly string[];
  readonly code: string;
};

function valuesOf(person: NoticePerson, code: string, address: string): Own {
  const values = [
    ownValue(person.name),
    code,
    address,
    ...person.accounts.map(({ username }) => ownValue(username)),
  ];
  return { values, html: values.map((value) => `<bdi>${escapeHtml(value)}</bdi>`), code };
}

function fillHoles(text: string, values: readonly string[]): string {
  return text.replaceAll(/\uE000(\d+)\uE001/g, (_, index: string) => values[Number(index)] ?? "");
}

/** Nobody can go from it to a person, or guess another's: run ids are random. */
export function messageId(
  settings: NoticeSettings,
  { run, step, subject }: Omit<Sending, "date">,
): string {
  return `${taskToken({ run, step, key: subject })}@${settings.organisation.domain}`;
}

function envelopeSender({ returnPath: bounces, from }: NoticeSettings, id: string): string {
  return bounces === undefined ? from.address : returnPath(bounces, id);
}

function commonHeaders(settings: NoticeSettings): string {
  const replyTo =
    settings.replyTo === undefined ? [] : [mailboxHeader("Reply-To", "", settings.replyTo)];
  return [
    mailboxHeader("From", settings.from.name, settings.from.address),
    ...replyTo,
    "Auto-Submitted: auto-generated", // RFC 3834
    "MIME-Version: 1.0",
  ].join("\r\n");
}

type Composing = {
  readonly shape: Exclude<Shape, { readonly empty: unknown }>;
  readonly own: Own;
  readonly common: string;
  readonly id: string;
  readonly to: string;
  readonly language: string;
  readonly date: Date;
};

function compose({ shape, own, common, id, to, language, date }: Composing): Buffer {
  // "=_" cannot occur in quoted-printable or base64 (RFC 2045, 6.7).
  const boundary = `=_${id.slice(0, 24)}`;
  const { textPattern, htmlPattern } = shape;
  const text =
    `${common}\r\nTo: <${to}>\r\n${shape.subjectHeader}\r\nDate: ${mailDate(date)}\r\nMessage-ID: <${id}>\r\n` +
    `Content-Language: ${language}\r\nContent-Type: multipart/alternative;\r\n boundary="${boundary}"\r\n\r\n` +
    `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ${textPattern.encoding}\r\n\r\n` +
    textPattern.fill(own.values) +
    `--${boundary}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: ${htmlPattern.encoding}\r\n\r\n` +
    `${htmlPattern.fill(own.html)}--${boundary}--\r\n`;
  return Buffer.from(text, "utf8");
}
