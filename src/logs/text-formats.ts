// Formats of servers and appliances: text, and the JSON that web servers write in place of it.
import type { Format } from "./format.ts";
import { accessLog } from "./text-formats/access-log.ts";
import { apacheError } from "./text-formats/apache-error.ts";
import { auditd } from "./text-formats/auditd.ts";
import { cef } from "./text-formats/cef.ts";
import { cloudfront } from "./text-formats/cloudfront.ts";
import { container } from "./text-formats/container.ts";
import { elb } from "./text-formats/elb.ts";
import { gin } from "./text-formats/gin.ts";
import { haproxy } from "./text-formats/haproxy.ts";
import { iis } from "./text-formats/iis.ts";
import { jsonAccess } from "./text-formats/json-access.ts";
import { leef } from "./text-formats/leef.ts";
import { logfmt } from "./text-formats/logfmt.ts";
import { mysql } from "./text-formats/mysql.ts";
import { nginxError } from "./text-formats/nginx-error.ts";
import { nginxProxyManager } from "./text-formats/nginx-proxy-manager.ts";
import { postgres } from "./text-formats/postgres.ts";
import { s3Access } from "./text-formats/s3-access.ts";
import { syslog } from "./text-formats/syslog.ts";

export const TEXT_FORMATS: readonly Format[] = [
  accessLog,
  apacheError,
  auditd,
  cef,
  cloudfront,
  container,
  elb,
  gin,
  haproxy,
  iis,
  jsonAccess,
  leef,
  logfmt,
  mysql,
  nginxError,
  nginxProxyManager,
  postgres,
  s3Access,
  syslog,
];
