// Formats of servers and appliances: text, and the JSON that web servers write in place of it.
import type { Format } from "./format.ts";
import { accessLog } from "./text-formats/access-log.ts";
import { apacheError } from "./text-formats/apache-error.ts";
import { nginxError } from "./text-formats/nginx-error.ts";
import { syslog } from "./text-formats/syslog.ts";

export const TEXT_FORMATS: readonly Format[] = [accessLog, apacheError, nginxError, syslog];
