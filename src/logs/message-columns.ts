// What a message in words tells, whichever log it came out of: the lines of known programs by their own patterns, any other line through
// the general recogniser.
import type { EventColumn } from "./event-columns.ts";
import type { FieldPlace } from "./format.ts";
import { inColumn, inFields } from "./json-reads.ts";
import { kind, kindColumns } from "./kinds.ts";
import {
  type Capture,
  captureOf,
  endOfLine,
  kindOfLine,
  mfaOfLine,
  programSteps,
} from "./programs/program.ts";
import { PROGRAMS } from "./programs/programs.ts";
import { signInSteps } from "./sign-ins/recognise.sql.ts";
import { email } from "./sql-words.ts";

/**
 * Steps over the SQL of a program's name, empty where none is told, and of its message. `words`, by default the message, is what the
 * recogniser reads: a client may stand before a line's time.
 */
export function messageSteps(of: {
  readonly program: string;
  readonly message: string;
  readonly words?: string;
}): Readonly<Record<string, string>> {
  return {
    ...programSteps(PROGRAMS, of),
    caught_user: captureOf(PROGRAMS, "user"),
    ...signInSteps(of.words ?? of.message, { unless: "line_no > 0" }),
    what: `multiIf(line_no > 0, ${kindOfLine(PROGRAMS)}, sign_in > 0, ${kind("logon")}, ${kind("other")})`,
    account: "multiIf(line_no > 0, caught_user, sign_in > 0, who, '')",
  };
}

function caught(capture: Capture): string {
  return captureOf(PROGRAMS, capture);
}

/** Columns over the steps above; `message` is the name of the step that holds it. */
export function messageColumns(
  message: string,
): Readonly<Partial<Record<EventColumn | "fields", string>>> {
  return {
    ...kindColumns("what"),
    status_id: `multiIf(line_no > 0, ${endOfLine(PROGRAMS)}, sign_in = 3, 0, sign_in)`,
    status_detail: caught("detail"),
    is_mfa: mfaOfLine(PROGRAMS),
    user_name: "account",
    user_email_addr: email("account"),
    actor_user_name: caught("by"),
    src_endpoint_ip: `if(line_no > 0, ${caught("ip")}, whence)`,
    src_endpoint_port: `if(line_no > 0, ${caught("port")}, whence_port)`,
    src_endpoint_hostname: `if(${caught("host")} in ('unknown', 'UNKNOWN', '-'), '', ${caught("host")})`,
    dst_endpoint_ip: caught("to"),
    dst_endpoint_port: caught("toport"),
    session_uid: caught("session"),
    auth_protocol: caught("protocol"),
    process_cmd_line: caught("command"),
    resource_uid: caught("object"),
    message: `left(${message}, 4000)`,
  };
}

/** Fields of SigmaHQ's rules for programs of a syslog: sudo's own words, the query of a name server, a firewall's addresses. */
export function messageFieldPlaces(field: string): readonly FieldPlace[] {
  return Object.hasOwn(PLACES, field) ? (PLACES[field] ?? []) : [inFields(field)];
}

const PLACES: Readonly<Record<string, readonly FieldPlace[]>> = {
  USER: [inColumn("user_name")],
  COMMAND: [inColumn("process_cmd_line")],
  PWD: [inColumn("resource_uid")],
  query: [inColumn("resource_uid")],
  record_type: [inColumn("auth_protocol")],
  src_ip: [inColumn("src_endpoint_ip")],
  src_port: [inColumn("src_endpoint_port")],
  dst_ip: [inColumn("dst_endpoint_ip")],
  dst_port: [inColumn("dst_endpoint_port")],
  host: [inColumn("device_hostname")],
  hostname: [inColumn("device_hostname")],
  program: [inColumn("process_name")],
  pid: [inColumn("process_pid")],
  message: [inColumn("message")],
};
