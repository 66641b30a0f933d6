// One Markdown source, two forms: plain HTML without colours of its own, and text that reads well alone.
import MarkdownIt, { type Token } from "markdown-it";

export type Markdown = {
  tokens(source: string): Token[];
  html(tokens: Token[]): string;
  text(tokens: readonly Token[]): string;
};

/** HTML in the source stays text, nothing becomes a link by itself, and there are no pictures: they would tell who reads. */
export function markdown(): Markdown {
  const reader = new MarkdownIt({ html: false, linkify: false, typographer: false, breaks: false });
  reader.disable(["image", "html_block", "html_inline", "table", "code", "fence"]);
  return {
    tokens: (source) => reader.parse(source, {}),
    html: (tokens) => reader.renderer.render(tokens, reader.options, {}),
    text: textOf,
  };
}

type Writer = {
  lines: string[];
  readonly lists: { ordered: boolean; next: number }[];
  bullet: string | undefined;
};

function textOf(tokens: readonly Token[]): string {
  const out: Writer = { lines: [], lists: [], bullet: undefined };
  for (const token of tokens) write(out, token);
  return `${out.lines
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim()}\n`;
}

function write(out: Writer, token: Token): void {
  if (token.type === "bullet_list_open") out.lists.push({ ordered: false, next: 1 });
  else if (token.type === "ordered_list_open")
    out.lists.push({ ordered: true, next: Number(token.attrGet("start") ?? 1) });
  else if (token.type === "list_item_open") out.bullet = bulletOf(out);
  else if (token.type === "inline") writeInline(out, token);
  else if (token.type === "hr") out.lines.push("--", "");
  else if (token.type === "paragraph_close" && !token.hidden) out.lines.push("");
  else if (token.type === "heading_close") out.lines.push("");
  else if (token.type.endsWith("_list_close")) {
    out.lists.pop();
    if (out.lists.length === 0) out.lines.push("");
  }
}

function bulletOf(out: Writer): string {
  const list = out.lists.at(-1);
  const mark = list?.ordered === true ? `${list.next++}. ` : "- ";
  return "  ".repeat(out.lists.length - 1) + mark;
}

function writeInline(out: Writer, token: Token): void {
  const indent = "  ".repeat(out.lists.length);
  const first = out.bullet ?? indent;
  out.bullet = undefined;
  const text = inlineText(token.children ?? []);
  out.lines.push(first + text.replaceAll("\n", `\n${indent}`));
}

const BREAKS: Readonly<Record<string, string>> = { softbreak: " ", hardbreak: "\n" };

function inlineText(tokens: readonly Token[]): string {
  let text = "";
  let opened: { href: string; at: number } | undefined;
  for (const token of tokens) {
    if (token.type === "link_open") {
      opened = { href: String(token.attrGet("href") ?? ""), at: text.length };
    } else if (token.type === "link_close" && opened) {
      text += besideLabel(text.slice(opened.at), opened.href);
      opened = undefined;
    } else {
      text += BREAKS[token.type] ?? token.content;
    }
  }
  return text;
}

function besideLabel(label: string, href: string): string {
  return label === href || `mailto:${label}` === href ? "" : ` (${href.replace(/^mailto:/, "")})`;
}
