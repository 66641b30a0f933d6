// Fields of a delivery status notification (RFC 3464), one group a recipient. Also where they stand in plain text, as some send them.

export type StatusFields = ReadonlyMap<string, string>;

/** The fields that are read; the names of the RFC, and those that are met instead of them. */
const KNOWN =
  /^(reporting-mta|received-from-mta|arrival-date|original-envelope-id|final-recipient|original-recipient|x-actual-recipient|action|status|remote-mta|diagnostic-code|last-attempt-date|final-log-id|will-retry-until|x-supplementary-info|x-display-name|x-[a-z0-9-]+)[ \t]*:(.*)$/i;

/** More recipients than a message may carry with any provider: what comes after is not looked at. */
const MOST_GROUPS = 20_000;

/** Groups in their order: lines between blank lines, unfolded. A group that has no known field is none. */
export function statusGroups(text: string): StatusFields[] {
  const groups: Map<string, string>[] = [];
  let group = new Map<string, string>();
  let last = "";
  const lines = text.split(/\r?\n/);
  for (const line of [...lines, ""]) {
    if (line.trim() === "") {
      if (group.size > 0) groups.push(group);
      if (groups.length >= MOST_GROUPS) break;
      group = new Map();
      last = "";
    } else if (/^[ \t]/.test(line) && last !== "") {
      group.set(last, `${group.get(last) ?? ""} ${line.trim()}`.slice(0, 8_192));
    } else last = addField(group, line, last);
  }
  return groups;
}

// Some relays break a long Diagnostic-Code without the space that folding needs: such a line goes on with the field before it.
function addField(group: Map<string, string>, line: string, last: string): string {
  const match = KNOWN.exec(line);
  if (!match) {
    if (last === "diagnostic-code") group.set(last, `${group.get(last) ?? ""} ${line.trim()}`);
    return last;
  }
  const name = (match[1] ?? "").toLowerCase();
  if (!group.has(name)) group.set(name, (match[2] ?? "").trim());
  return name;
}

/** `rfc822; <a@b.example>` → `a@b.example`. */
export function statusAddress(value: string | undefined): string {
  const text = (value ?? "").replace(/^[^;@]*;/, "").trim();
  return (/<([^<>]*)>/.exec(text)?.[1] ?? text).trim();
}

/** `smtp; 550 no` → `smtp` and `550 no`. */
export function statusText(value: string | undefined): { type: string; text: string } {
  const match = /^\s*([a-z0-9-]+)\s*;\s*([\s\S]*)$/i.exec(value ?? "");
  return match
    ? { type: (match[1] ?? "").toLowerCase(), text: (match[2] ?? "").trim() }
    : { type: "", text: (value ?? "").trim() };
}
